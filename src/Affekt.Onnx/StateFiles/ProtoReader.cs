namespace Affekt.Onnx.StateFiles;

/// <summary>A stretch of bytes in a file of less than 2 GiB.</summary>
internal readonly record struct Chunk(int Offset, int Length);

/// <summary>
/// Walks the fields of one protobuf message in a memory map; what is not asked for is skipped, not read.
/// </summary>
internal ref struct ProtoReader(MappedFile file, ReadOnlySpan<byte> whole, Chunk message)
{
    public const int VarintType = 0;
    public const int Fixed64Type = 1;
    public const int Fixed32Type = 5;
    private const int BytesType = 2;

    private readonly ReadOnlySpan<byte> _whole = whole;
    private readonly int _end = message.Offset + message.Length;
    private int _position = message.Offset;
    private int _type;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    public readonly bool AtEnd => _position == _end;

    public readonly int Position => _position;

    /// <summary>Whether the current field's value is a stretch of bytes.</summary>
    public readonly bool IsBytes => _type == BytesType;

    /// <summary>Steps to the next field. Its value must then be read, or skipped with <see cref="Skip"/>.</summary>
    public bool Next()
    {
        if (AtEnd)
            return false;

        ulong tag = Varint();
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        _type = (int)(tag & 7);
        if (Field == 0 || _type is not (VarintType or Fixed64Type or BytesType or Fixed32Type))
            throw Error($"tag {tag}", "a field number above 0 and a wire type of 0, 1, 2 or 5");

        return true;
    }

    public void Skip()
    {
        switch (_type)
        {
            case VarintType:
                Varint();
                break;
            case BytesType:
                Bytes();
                break;
            default:
                Fixed(_type == Fixed64Type ? 8 : 4);
                break;
        }
    }

    /// <summary>The value of an integer field.</summary>
    public long Integer()
    {
        Require(VarintType, "an integer");
        return (long)Varint();
    }

    /// <summary>The value of a length-delimited field.</summary>
    public Chunk Bytes()
    {
        Require(BytesType, "a length-delimited value");
        ulong length = Varint();
        if (length > (ulong)(_end - _position))
            throw Error($"a length of {length}", $"at most the {_end - _position} bytes that are left");

        Chunk chunk = new(_position, (int)length);
        _position += chunk.Length;
        return chunk;
    }

    /// <summary>The value of a string field.</summary>
    public string Text()
    {
        Chunk chunk = Bytes();
        return Utf8Text.Read(file, $"field {Field}", chunk.Offset, _whole.Slice(chunk.Offset, chunk.Length));
    }

    /// <summary>
    /// The values of a repeated number as one stretch, whether they are packed or come one by one.
    /// </summary>
    /// <param name="type">The wire type of a single value.</param>
    public Chunk Numbers(int type)
    {
        if (_type == BytesType)
            return Bytes();

        Require(type, "numbers of the field's type");
        int start = _position;
        Skip();
        return new Chunk(start, _position - start);
    }

    /// <summary>An integer without a tag: one of packed numbers.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70 && _position < _end; shift += 7)
        {
            byte next = _whole[_position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw Error("an integer without an end", "at most 10 bytes, inside its message");
    }

    private void Fixed(int size)
    {
        if (_end - _position < size)
            throw Error($"{_end - _position} bytes", $"{size}");

        _position += size;
    }

    private readonly void Require(int type, string expected)
    {
        if (_type != type)
            throw Error($"wire type {_type}", expected);
    }

    private readonly StateFileException Error(string found, string expected) =>
        file.Error(Field == 0 ? "protobuf" : $"protobuf field {Field}", _position, found, expected);
}
