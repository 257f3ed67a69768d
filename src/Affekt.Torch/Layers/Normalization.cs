namespace Affekt.Torch.Layers;

/// <summary>Normalizes each vector over its last dimension (Ba et al., 2016); <c>weight</c> and <c>bias</c> [D].</summary>
public sealed class LayerNorm : Module
{
    private readonly long[] _shape;
    private readonly double _epsilon;

    /// <summary>A layer over vectors of <paramref name="width"/> features.</summary>
    public LayerNorm(long width, double epsilon = 1e-5)
    {
        _shape = [width];
        _epsilon = epsilon;
        Weight = Parameter("weight", Tensor.Full(1, width));
        Bias = Parameter("bias", Tensor.Zeros(width));
    }

    /// <summary>[D].</summary>
    public Tensor Weight { get; }

    /// <summary>[D].</summary>
    public Tensor Bias { get; }

    /// <summary>[.., D] to [.., D].</summary>
    public Tensor Forward(Tensor x) => x.LayerNorm(_shape, Weight, Bias, _epsilon);
}

/// <summary>Normalizes channels in groups (Wu and He, 2018); <c>weight</c> and <c>bias</c> [C].</summary>
public sealed class GroupNorm : Module
{
    private readonly long _groups;
    private readonly double _epsilon;

    /// <summary>A layer over <paramref name="channels"/> channels in <paramref name="groups"/> equal groups.</summary>
    public GroupNorm(long groups, long channels, double epsilon = 1e-5)
    {
        _groups = groups;
        _epsilon = epsilon;
        Weight = Parameter("weight", Tensor.Full(1, channels));
        Bias = Parameter("bias", Tensor.Zeros(channels));
    }

    /// <summary>[C].</summary>
    public Tensor Weight { get; }

    /// <summary>[C].</summary>
    public Tensor Bias { get; }

    /// <summary>[B, C, ..] to [B, C, ..].</summary>
    public Tensor Forward(Tensor x) =>
        Operator.Get("aten::group_norm").Call(x, _groups, Weight, Bias, _epsilon, false);
}

/// <summary>
/// Normalizes each channel over the batch and all positions (Ioffe and Szegedy, 2015), in one, two or three dimensions:
/// parameters <c>weight</c>, <c>bias</c>, buffers <c>running_mean</c>, <c>running_var</c>, <c>num_batches_tracked</c>.
/// </summary>
public sealed class BatchNorm : Module
{
    private const double Epsilon = 1e-5;
    private const double Momentum = 0.1;

    private readonly Tensor _weight;
    private readonly Tensor _bias;
    private readonly Tensor _mean;
    private readonly Tensor _variance;
    private readonly Tensor _batches;

    /// <summary>A layer over <paramref name="channels"/> channels.</summary>
    public BatchNorm(long channels)
    {
        _weight = Parameter("weight", Tensor.Full(1, channels));
        _bias = Parameter("bias", Tensor.Zeros(channels));
        _mean = Buffer("running_mean", Tensor.Zeros(channels));
        _variance = Buffer("running_var", Tensor.Full(1, channels));
        _batches = Buffer("num_batches_tracked", Tensor.From<long>([0]));
    }

    /// <summary>What the layer does in use: x times a factor plus an offset, both [C].</summary>
    public (Tensor Factor, Tensor Offset) InUse()
    {
        Tensor factor = _weight / (_variance + Epsilon).Sqrt();
        return (factor, _bias - (_mean * factor));
    }

    /// <summary>[B, C, ..] to [B, C, ..]; while training the running statistics move by the momentum.</summary>
    public Tensor Forward(Tensor x)
    {
        if (Training)
        {
            using GradMode noGrad = GradMode.NoGrad();
            Operator.Get("aten::add_.Scalar").CallForEffect(_batches, 1, 1);
        }

        return Operator.Get("aten::batch_norm").Call(
            x, _weight, _bias, _mean, _variance, Training, Momentum, Epsilon, false);
    }
}
