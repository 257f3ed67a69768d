namespace Affekt.Torch.Layers;

/// <summary>Drops features while training (Srivastava et al., 2014); passes them on unchanged in use.</summary>
/// <param name="p">The probability with which a feature is dropped, in [0, 1).</param>
public sealed class Dropout(double p) : Module
{
    /// <summary>[..] to [..].</summary>
    public Tensor Forward(Tensor x) => Training && p > 0 ? x.Dropout(p, true) : x;
}
