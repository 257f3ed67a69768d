namespace Affekt.Torch.Layers;

/// <summary>
/// Self-attention as PyTorch's MultiheadAttention names it (Vaswani et al., 2017): <c>in_proj_weight</c> [3D, D],
/// <c>in_proj_bias</c> [3D], <c>out_proj.weight</c> [D, D], <c>out_proj.bias</c> [D].
/// </summary>
public sealed class MultiHeadAttention : Module
{
    private readonly long _heads;
    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Linear _output;

    /// <summary>A layer of <paramref name="heads"/> heads over <paramref name="width"/> features.</summary>
    public MultiHeadAttention(long width, long heads)
    {
        if (width % heads != 0)
            throw new ArgumentException($"{width} features do not divide into {heads} heads", nameof(heads));
        _heads = heads;
        _weight = Parameter("in_proj_weight", Initial.Uniform(Math.Sqrt(6.0 / (4 * width)), 3 * width, width));
        _bias = Parameter("in_proj_bias", Tensor.Zeros(3 * width));
        _output = Child("out_proj", new Linear(width, width));
        using GradMode noGrad = GradMode.NoGrad();
        _output.Bias!.Fill(0);
    }

    /// <summary>[B, T, D] to [B, T, D]; <paramref name="mask"/> [B, 1, 1, T] is added to the scores, or null.</summary>
    public Tensor Forward(Tensor x, Tensor? mask = null)
    {
        long batch = x.Shape[0], time = x.Shape[1], width = x.Shape[2];
        Tensor packed = x.Linear(_weight, _bias).Reshape(batch, time, 3, _heads, width / _heads).Permute(2, 0, 3, 1, 4);
        Tensor attended = Attention.Apply(packed.Select(0, 0), packed.Select(0, 1), packed.Select(0, 2), mask);
        return _output.Forward(attended.Transpose(1, 2).Reshape(batch, time, width));
    }
}
