using System.Collections.Immutable;

namespace Affekt.Torch.StateFiles;

/// <summary>A tensor in a state file: what it is, and its bytes where they lie.</summary>
public sealed class StoredTensor
{
    private readonly MappedFile _file;
    private readonly long _offset;
    private readonly Lazy<byte[]>? _converted;

    /// <summary>A tensor whose bytes stand in the file as they are.</summary>
    internal StoredTensor(string name, TensorLayout layout, MappedFile file, long offset)
        : this(name, layout, file) => _offset = offset;

    /// <summary>A tensor that must be rearranged or decoded first; done once, when its bytes are asked for.</summary>
    internal StoredTensor(string name, TensorLayout layout, MappedFile file, Func<byte[]> convert)
        : this(name, layout, file) => _converted = new Lazy<byte[]>(convert);

    private StoredTensor(string name, TensorLayout layout, MappedFile file)
    {
        Name = name;
        Dtype = layout.Dtype;
        Shape = layout.Shape;
        Length = layout.ByteCount;
        _file = file;
    }

    /// <summary>
    /// The name in the file; for ONNX subgraphs with the prefix that <see cref="OnnxFile"/> describes.
    /// </summary>
    public string Name { get; }

    /// <summary>Element type of <see cref="Bytes"/>.</summary>
    public Dtype Dtype { get; }

    /// <summary>Sizes, outermost first; empty for a scalar; at most 64 of them.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Bytes that the tensor takes: the product of <see cref="Shape"/> times the element's size.</summary>
    public int Length { get; }

    /// <summary>
    /// The elements, little-endian, row by row without gaps; not aligned to anything. They lie in the memory map
    /// wherever the format stores them like this: do not use them after the <see cref="StateFile"/> is disposed.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public ReadOnlySpan<byte> Bytes => _converted is null ? _file.Slice(_offset, Length) : _converted.Value;
}
