namespace Affekt.Torch.Layers;

/// <summary>x W^T + b; parameters <c>weight</c> [out, in] and <c>bias</c> [out].</summary>
public sealed class Linear : Module
{
    /// <summary>A layer from <paramref name="inputs"/> to <paramref name="outputs"/> features.</summary>
    public Linear(long inputs, long outputs, bool bias = true)
    {
        double bound = 1 / Math.Sqrt(inputs);
        Weight = Parameter("weight", Initial.Uniform(bound, outputs, inputs));
        if (bias)
            Bias = Parameter("bias", Initial.Uniform(bound, outputs));
    }

    /// <summary>[out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>[.., in] to [.., out].</summary>
    public Tensor Forward(Tensor x) => x.Linear(Weight, Bias);
}
