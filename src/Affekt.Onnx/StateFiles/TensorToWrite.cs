using System.Collections.Immutable;

namespace Affekt.Onnx.StateFiles;

/// <summary>A tensor for <see cref="SafetensorsWriter"/>.</summary>
public sealed class TensorToWrite
{
    /// <summary>Names bytes that are fetched only when they are written, from wherever they lie.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Sizes of 0 or more, outermost first; empty for a scalar.</param>
    /// <param name="bytes">Gives the elements, little-endian, row by row without gaps.</param>
    /// <exception cref="ArgumentException">A negative size, or 2 GiB and more.</exception>
    public TensorToWrite(string name, ElementType dtype, ImmutableArray<long> shape, Func<ReadOnlySpan<byte>> bytes)
    {
        Name = name;
        Type = dtype;
        Shape = shape;
        Bytes = bytes;
        Length = ByteCount(name, dtype, shape);
    }

    /// <summary>Takes the tensor from memory. <paramref name="bytes"/> is not copied.</summary>
    /// <inheritdoc cref="TensorToWrite(string, ElementType, ImmutableArray{long}, Func{ReadOnlySpan{byte}})"/>
    public TensorToWrite(string name, ElementType dtype, ImmutableArray<long> shape, ReadOnlyMemory<byte> bytes)
        : this(name, dtype, shape, () => bytes.Span)
    {
    }

    /// <summary>Takes the tensor from an open state file, which must stay open until it is written.</summary>
    public TensorToWrite(StoredTensor tensor)
        : this(tensor.Name, tensor.Type, tensor.Shape, () => tensor.Bytes)
    {
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public ElementType Type { get; }

    /// <summary>Sizes, outermost first.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Bytes that type and shape call for.</summary>
    public int Length { get; }

    internal Func<ReadOnlySpan<byte>> Bytes { get; }

    private static int ByteCount(string name, ElementType dtype, ImmutableArray<long> shape)
    {
        long bytes = dtype.Size();
        foreach (long size in shape)
        {
            if (size < 0 || (size > 0 && bytes > int.MaxValue / size))
            {
                throw new ArgumentException(
                    $"{name}: {dtype} of shape {TensorLayout.Text(shape.AsSpan())}: a negative size, or 2 GiB and more",
                    nameof(shape));
            }

            bytes *= size;
        }

        return (int)bytes;
    }
}
