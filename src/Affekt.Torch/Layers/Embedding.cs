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
