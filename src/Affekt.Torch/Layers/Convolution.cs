namespace Affekt.Torch.Layers;

/// <summary>
/// A convolution in one, two or three dimensions, as many as the kernel has; parameters <c>weight</c>
/// [out, in / groups, kernel..] and <c>bias</c> [out].
/// </summary>
public sealed class Convolution : Module
{
    private readonly Operator _operator;
    private readonly long[] _padding;
    private readonly long[] _dilation;
    private readonly long _groups;
    private bool _mixed;

    /// <summary>A layer from <paramref name="inputs"/> to <paramref name="outputs"/> channels.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">The kernel's size in each dimension: one, two or three numbers.</param>
    /// <param name="stride">The step in each dimension; 1 where null.</param>
    /// <param name="padding">Zeros on each side in each dimension; 0 where null.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public Convolution(
        long inputs, long outputs, long[] kernel, long[]? stride = null, long[]? padding = null, long groups = 1, bool bias = true)
    {
        int dimensions = kernel.Length;
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1, nameof(kernel));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, 3, nameof(kernel));
        _operator = Operator.Get($"aten::conv{dimensions}d");
        Stride = stride ?? Repeat(1, dimensions);
        _padding = padding ?? Repeat(0, dimensions);
        _dilation = Repeat(1, dimensions);
        _groups = groups;
        double bound = 1 / Math.Sqrt(kernel.Aggregate(inputs / groups, (product, size) => product * size));
        Weight = Parameter("weight", Initial.Uniform(bound, [outputs, inputs / groups, .. kernel]));
        if (bias)
            Bias = Parameter("bias", Initial.Uniform(bound, outputs));
    }

    /// <summary>[out, in / groups, kernel..].</summary>
    public Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    internal long[] Stride { get; }

    /// <summary>[B, in, ..] to [B, out, ..].</summary>
    public Tensor Forward(Tensor x) => _mixed
        ? Apply(x.To(Dtype.BFloat16), Weight.To(Dtype.BFloat16), Bias?.To(Dtype.BFloat16)).To(Dtype.Float32)
        : Apply(x, Weight, Bias);

    /// <summary>The same convolution with other weights, of whichever type and memory layout.</summary>
    public Tensor Apply(Tensor x, Tensor weight, Tensor? bias) =>
        _operator.Call(x, weight, bias, Stride, _padding, _dilation, _groups);

    /// <summary>Whether training multiplies in bfloat16; see <see cref="Linear.UseMixedPrecision"/>.</summary>
    public void UseMixedPrecision(bool on) => _mixed = on;

    private static long[] Repeat(long value, int count) => [.. Enumerable.Repeat(value, count)];
}
