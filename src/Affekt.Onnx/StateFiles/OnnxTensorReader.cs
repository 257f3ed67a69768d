using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Reads one onnx.TensorProto. Raw bytes and packed floats stay where they are; integers are decoded.
/// </summary>
internal static class OnnxTensorReader
{
    private const int FloatData = 4;
    private const int Int32Data = 5;
    private const int Int64Data = 7;
    private const int DoubleData = 10;

    /// <summary>Reads a tensor under <paramref name="name"/>, or under its own name where that is null.</summary>
    public static StoredTensor Read(MappedFile file, Chunk message, string scope, string? name)
    {
        ReadOnlySpan<byte> whole = file.Slice(0, (int)file.Length);
        List<long> shape = [];
        List<(int Field, Chunk Numbers)> numbers = [];
        string ownName = "";
        long type = 0;
        Chunk? raw = null;
        ProtoReader fields = new(file, whole, message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1: // dims
                    ReadShape(file, whole, fields.Numbers(ProtoReader.VarintType), shape);
                    break;
                case 2:
                    type = fields.Integer();
                    break;
                case 8:
                    ownName = fields.Text();
                    break;
                case 9:
                    raw = fields.Bytes();
                    break;
                case FloatData:
                    numbers.Add((FloatData, fields.Numbers(ProtoReader.Fixed32Type)));
                    break;
                case DoubleData:
                    numbers.Add((DoubleData, fields.Numbers(ProtoReader.Fixed64Type)));
                    break;
                case Int32Data or Int64Data:
                    numbers.Add((fields.Field, fields.Numbers(ProtoReader.VarintType)));
                    break;
                case 3:
                    throw file.Error("ONNX tensor", message.Offset, "a part of a tensor (segment)", "a whole one");
                case 14 when fields.Integer() != 0:
                    throw file.Error("ONNX tensor", message.Offset, "weights in another file", "weights in this file");
                case 14:
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        string fullName = scope + (name ?? ownName);
        string where = $"ONNX tensor {fullName}";
        (ElementType dtype, int field) = TypeOf(type)
            ?? throw file.Error(where, message.Offset, $"data_type {type}", "a float, an integer or a bool type");
        TensorLayout layout = TensorLayout.Checked(
            file, where, message.Offset, dtype, CollectionsMarshal.AsSpan(shape));
        Chunk? inPlace = raw;
        if (raw is null && field is FloatData or DoubleData && numbers is [(int only, Chunk packed)] && only == field)
            inPlace = packed;

        if (inPlace is Chunk data)
        {
            return data.Length == layout.ByteCount
                ? new StoredTensor(fullName, layout, file, data.Offset)
                : throw file.Error(where, data.Offset, $"{data.Length} bytes", layout.Describe());
        }

        byte[] decoded = Decode(file, where, layout, field, numbers);
        return new StoredTensor(fullName, layout, file, () => decoded);
    }

    // The field that holds the elements where raw_data does not.
    private static (ElementType Type, int Field)? TypeOf(long type) => type switch
    {
        1 => (ElementType.Float32, FloatData),
        2 => (ElementType.UInt8, Int32Data),
        3 => (ElementType.Int8, Int32Data),
        5 => (ElementType.Int16, Int32Data),
        6 => (ElementType.Int32, Int32Data),
        7 => (ElementType.Int64, Int64Data),
        9 => (ElementType.Bool, Int32Data),
        10 => (ElementType.Float16, Int32Data),
        11 => (ElementType.Float64, DoubleData),
        16 => (ElementType.BFloat16, Int32Data),
        _ => null,
    };

    private static void ReadShape(MappedFile file, ReadOnlySpan<byte> whole, Chunk numbers, List<long> shape)
    {
        ProtoReader sizes = new(file, whole, numbers);
        while (!sizes.AtEnd)
        {
            if (shape.Count == TensorLayout.MaxRank)
                throw file.Error("dims", numbers.Offset, "more sizes", $"at most {TensorLayout.MaxRank}");

            shape.Add((long)sizes.Varint());
        }
    }

    private static byte[] Decode(
        MappedFile file, string where, TensorLayout layout, int field, List<(int Field, Chunk Numbers)> numbers)
    {
        // A number takes at least a byte, so this bounds the allocation by 8 times what the file holds.
        long stored = numbers.Where(n => n.Field == field).Sum(n => (long)n.Numbers.Length);
        if (stored < layout.ElementCount)
            throw file.Error(where, null, $"{stored} bytes of numbers", $"{layout.ElementCount} numbers");

        byte[] decoded = new byte[layout.ByteCount];
        int size = layout.Type.Size();
        int at = 0;
        ReadOnlySpan<byte> whole = file.Slice(0, (int)file.Length);
        foreach ((_, Chunk chunk) in numbers.Where(n => n.Field == field))
        {
            if (field is FloatData or DoubleData)
            {
                if (chunk.Length > decoded.Length - at)
                    throw file.Error(where, chunk.Offset, "more numbers", $"{layout.ElementCount}");

                whole.Slice(chunk.Offset, chunk.Length).CopyTo(decoded.AsSpan(at));
                at += chunk.Length;
                continue;
            }

            ProtoReader values = new(file, whole, chunk);
            while (!values.AtEnd)
            {
                if (at == decoded.Length)
                    throw file.Error(where, values.Position, "more numbers", $"{layout.ElementCount}");

                WriteInteger(file, where, values.Position, layout.Type, (long)values.Varint(), decoded.AsSpan(at, size));
                at += size;
            }
        }

        return at == decoded.Length
            ? decoded
            : throw file.Error(where, null, $"{at / size} numbers", $"{layout.ElementCount}");
    }

    private static void WriteInteger(
        MappedFile file, string where, long offset, ElementType dtype, long value, Span<byte> target)
    {
        (long low, long high) = dtype switch
        {
            ElementType.Bool => (0, 1),
            ElementType.UInt8 => (0, byte.MaxValue),
            ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            ElementType.Int16 => (short.MinValue, short.MaxValue),
            ElementType.Float16 or ElementType.BFloat16 => (0, ushort.MaxValue), // bit patterns
            ElementType.Int32 => (int.MinValue, int.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        if (value < low || value > high)
            throw file.Error(where, offset, $"{value}", $"{low} to {high}, for {dtype}");

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes[..target.Length].CopyTo(target);
    }
}
