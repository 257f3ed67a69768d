using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Affekt.Onnx.Graphs;

/// <summary>Writes one protobuf message, field by field. Field numbers are those of onnx.proto.</summary>
internal sealed class ProtoWriter
{
    private const int VarintType = 0;
    private const int BytesType = 2;
    private const int Fixed32Type = 5;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public ProtoWriter Varint(int field, long value)
    {
        Raw(((ulong)field << 3) | VarintType);
        Raw((ulong)value);
        return this;
    }

    public ProtoWriter Float(int field, float value)
    {
        Raw(((ulong)field << 3) | Fixed32Type);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
        return this;
    }

    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Start(field, value.Length);
        _bytes.Write(value);
        return this;
    }

    public ProtoWriter Message(int field, ProtoWriter message) => Bytes(field, message.Written);

    /// <summary>The head of a field of bytes; the caller writes as many as it says.</summary>
    public ProtoWriter Start(int field, int length)
    {
        Raw(((ulong)field << 3) | BytesType);
        Raw((ulong)length);
        return this;
    }

    /// <summary>Fields that are already encoded.</summary>
    public ProtoWriter Encoded(ReadOnlySpan<byte> fields)
    {
        _bytes.Write(fields);
        return this;
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private void Raw(ulong value)
    {
        Span<byte> to = _bytes.GetSpan(10);
        int length = Math.Max(1, (70 - BitOperations.LeadingZeroCount(value)) / 7);
        for (int i = 0; i < length; i++)
        {
            to[i] = (byte)((value & 0x7f) | (i < length - 1 ? 0x80u : 0));
            value >>= 7;
        }

        _bytes.Advance(length);
    }
}
