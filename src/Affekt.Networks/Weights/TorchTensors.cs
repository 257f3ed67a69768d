using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Networks;

/// <summary>Between stored tensors and libtorch's.</summary>
public static class TorchTensors
{
    /// <summary>A copy of a stored tensor on the processor.</summary>
    public static Tensor ToTorch(this StoredTensor stored) =>
        Tensor.FromBytes(stored.Bytes, stored.Type.ToTorch(), stored.Shape.AsSpan());

    /// <summary>libtorch's name of an element type.</summary>
    public static Dtype ToTorch(this ElementType type) => type switch
    {
        ElementType.Float32 => Dtype.Float32,
        ElementType.UInt8 => Dtype.UInt8,
        ElementType.Int8 => Dtype.Int8,
        ElementType.Int16 => Dtype.Int16,
        ElementType.Int32 => Dtype.Int32,
        ElementType.Int64 => Dtype.Int64,
        ElementType.Bool => Dtype.Bool,
        ElementType.Float16 => Dtype.Float16,
        ElementType.Float64 => Dtype.Float64,
        ElementType.BFloat16 => Dtype.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type that Affekt uses"),
    };

    /// <summary>libtorch's side of a precision.</summary>
    public static Torch.Layers.Precision ToTorch(this Precision precision) => precision switch
    {
        Precision.BFloat16 => Torch.Layers.Precision.BFloat16,
        Precision.Int8 => Torch.Layers.Precision.Int8,
        _ => Torch.Layers.Precision.Float32,
    };

    /// <summary>The element type of a tensor of libtorch's.</summary>
    public static ElementType ToStored(this Dtype dtype) => dtype switch
    {
        Dtype.Float32 => ElementType.Float32,
        Dtype.UInt8 => ElementType.UInt8,
        Dtype.Int8 => ElementType.Int8,
        Dtype.Int16 => ElementType.Int16,
        Dtype.Int32 => ElementType.Int32,
        Dtype.Int64 => ElementType.Int64,
        Dtype.Bool => ElementType.Bool,
        Dtype.Float16 => ElementType.Float16,
        Dtype.Float64 => ElementType.Float64,
        Dtype.BFloat16 => ElementType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not an element type that files hold"),
    };

    /// <summary>A tensor for a state file; its bytes are fetched when they are written, so it must live until then.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="name">Its name in the file.</param>
    public static TensorToWrite ToWrite(this Tensor tensor, string name) =>
        new(name, tensor.Dtype.ToStored(), [.. tensor.Shape], () => tensor.ToBytes());
}
