using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Affekt.Onnx.StateFiles;

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
        Type = layout.Type;
        Shape = layout.Shape;
        Length = layout.ByteCount;
        _file = file;
    }

    /// <summary>
    /// The name in the file. Those of an ONNX model's subgraphs have a prefix, so that sibling branches may use the same names: "then/" and
    /// "else/" for the branches of an If, "body/" for a Loop's or a Scan's body; prefixes of nested subgraphs follow each other
    /// ("else/then/w"). Where a graph holds more than one node with subgraphs, the second one's are "then#2/" and "else#2/", and so on.
    /// </summary>
    public string Name { get; }

    /// <summary>Element type of <see cref="Bytes"/>.</summary>
    public ElementType Type { get; }

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

    /// <summary>
    /// The file that holds <see cref="Bytes"/> as they are, and where they begin in it; null where they are decoded first, or lie in no
    /// file.
    /// </summary>
    public (string File, long Offset)? Location => _converted is null && _file.IsFile ? (_file.Path, _offset) : null;

    /// <summary>The elements as single-precision numbers, copied.</summary>
    public float[] ToFloats()
    {
        ReadOnlySpan<byte> bytes = Bytes;
        float[] floats = new float[Length / Type.Size()];
        for (int i = 0; i < floats.Length; i++)
            floats[i] = FloatAt(bytes, i);
        return floats;
    }

    private float FloatAt(ReadOnlySpan<byte> bytes, int i) => Type switch
    {
        ElementType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
        ElementType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
        ElementType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
        ElementType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
        ElementType.Int8 => (sbyte)bytes[i],
        ElementType.UInt8 or ElementType.Bool => bytes[i],
        ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]),
        ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
        ElementType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]),
        _ => throw new InvalidOperationException($"{Name} is {Type}, which is no number"),
    };
}
