namespace Affekt.Torch;

/// <content>Tensors from nothing, and the same elements as another type or elsewhere.</content>
public sealed partial class Tensor
{
    // c10::MemoryFormat.
    private const int ChannelsLast2d = 2;
    private const int ChannelsLast3d = 3;

    /// <summary>All zero.</summary>
    public static Tensor Zeros(params long[] shape) =>
        Operator.Get("aten::zeros").Call(shape, Dtype.Float32, default, default, default);

    /// <summary>Memory as it comes; to be written before it is read.</summary>
    public static Tensor Empty(params long[] shape) =>
        Operator.Get("aten::empty.memory_format").Call(shape, Dtype.Float32, default, default, default, default);

    /// <summary>One number everywhere.</summary>
    public static Tensor Full(double value, params long[] shape) =>
        Operator.Get("aten::full").Call(shape, value, Dtype.Float32, default, default, default);

    /// <summary>0, 1, ... <paramref name="end"/> - 1 as Int64.</summary>
    public static Tensor Arange(long end) =>
        Operator.Get("aten::arange").Call(end, Dtype.Int64, default, default, default);

    /// <summary>Standard normal numbers from the seeded generator.</summary>
    public static Tensor Randn(params long[] shape) =>
        Operator.Get("aten::randn").Call(shape, Dtype.Float32, default, default, default);

    /// <summary>Zeros with this tensor's shape, type and device.</summary>
    public Tensor ZerosLike() =>
        Operator.Get("aten::zeros_like").Call(this, default, default, default, default, default);

    /// <summary>The elements as another type; this very tensor, as a second handle, where it has that type.</summary>
    public Tensor To(Dtype dtype) => Operator.Get("aten::to.dtype").Call(this, dtype, false, false, default);

    /// <summary>The elements on another device.</summary>
    public Tensor To(Device device) =>
        Operator.Get("aten::to.device").Call(this, device, Dtype, false, false, default);

    /// <summary>The same memory, cut off from autograd.</summary>
    public Tensor Detach() => Operator.Get("aten::detach").Call(this);

    /// <summary>
    /// Memory with the channels of each place side by side, of [B, C, H, W] or [B, C, T, H, W]; this tensor's own where it is
    /// so already. oneDNN's convolutions are fastest over it, and keep it.
    /// </summary>
    public Tensor ChannelsLast() => Operator.Get("aten::contiguous").Call(this, Rank == 5 ? ChannelsLast3d : ChannelsLast2d);

    /// <summary>Row-major memory; this tensor's own where it is so already.</summary>
    public Tensor Contiguous() => Operator.Get("aten::contiguous").Call(this, 0);
}
