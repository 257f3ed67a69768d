using System.Collections.Immutable;

namespace Affekt.Onnx.StateFiles;

/// <summary>Element type and shape whose size has been checked.</summary>
internal sealed class TensorLayout
{
    // libtorch's own operators stop at 64 dimensions; a longer list can only be an attack on memory.
    public const int MaxRank = 64;

    private TensorLayout(ElementType dtype, ImmutableArray<long> shape, int elementCount)
    {
        Type = dtype;
        Shape = shape;
        ElementCount = elementCount;
    }

    public ElementType Type { get; }

    public ImmutableArray<long> Shape { get; }

    public int ElementCount { get; }

    public int ByteCount => ElementCount * Type.Size();

    /// <summary>Checks that a tensor of this shape is possible, and small enough for one span (2 GiB).</summary>
    public static TensorLayout Checked(MappedFile file, string where, long? offset, ElementType dtype, ReadOnlySpan<long> shape)
    {
        if (shape.Length > MaxRank)
            throw file.Error(where, offset, $"{shape.Length} dimensions", $"at most {MaxRank}");

        long count = 1;
        foreach (long size in shape)
        {
            if (size < 0)
                throw file.Error(where, offset, $"shape {Text(shape)}", "sizes of 0 or more");

            // In this order a 0 that stands first keeps later sizes from overflowing, as in the reference reader.
            if (size != 0 && count > long.MaxValue / size)
                throw file.Error(where, offset, $"shape {Text(shape)}", "a product of sizes below 2^63");

            count *= size;
        }

        if (count > int.MaxValue / dtype.Size())
            throw file.Error(where, offset, $"{dtype} of shape {Text(shape)}", "a tensor of less than 2 GiB");

        return new TensorLayout(dtype, [.. shape], (int)count);
    }

    /// <summary>For messages: "24 bytes, for Float32 of shape [2, 3]".</summary>
    public string Describe() => $"{ByteCount} bytes, for {Type} of shape {Text(Shape.AsSpan())}";

    public static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
