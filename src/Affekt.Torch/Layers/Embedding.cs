namespace Affekt.Torch.Layers;

/// <summary>A learned vector for each index; parameter <c>weight</c> [n, D].</summary>
public sealed class Embedding : Module
{
    /// <summary>A table of <paramref name="count"/> vectors of <paramref name="width"/> features.</summary>
    public Embedding(long count, long width) => Weight = Parameter("weight", Initial.Normal(1, count, width));

    /// <summary>[n, D].</summary>
    public Tensor Weight { get; }

    /// <summary>Indexes [..] (Int64, each in [0, n)) to [.., D].</summary>
    public Tensor Forward(Tensor indexes) => Weight.Embedding(indexes);
}

/// <summary>Drops features while training (Srivastava et al., 2014); passes them on unchanged in use.</summary>
/// <param name="p">The probability with which a feature is dropped, in [0, 1).</param>
public sealed class Dropout(double p) : Module
{
    /// <summary>[..] to [..].</summary>
    public Tensor Forward(Tensor x) => Training && p > 0 ? x.Dropout(p, true) : x;
}
