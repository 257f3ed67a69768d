using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Affekt.Training;

/// <summary>
/// TensorBoard's event files: records of TFRecord's framing (length, its checksum, data, its checksum; little-endian,
/// CRC-32C, rotated and offset), each a protocol buffer tensorflow.Event of tensorflow/core/util/event.proto.
/// </summary>
internal static class EventFile
{
    // Field numbers and wire types, as tags: number << 3 | type (0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes).
    private const byte WallTime = (1 << 3) | 1;
    private const byte Step = 2 << 3;
    private const byte FileVersion = (3 << 3) | 2;
    private const byte Summary = (5 << 3) | 2;
    private const byte SummaryValue = (1 << 3) | 2;
    private const byte ValueTag = (1 << 3) | 2;
    private const byte ValueNumber = (2 << 3) | 5;

    // What makes a checksum of checksums safe: crc32c::Mask of TFRecord.
    private const uint MaskOffset = 0xa282ead8;

    /// <summary>Replaces the file by one that holds its version and no point yet.</summary>
    public static void Create(string file)
    {
        Event version = new();
        version.Number(WallTime, UnixTime());
        version.Bytes(FileVersion, "brain.Event:2"u8);
        File.WriteAllBytes(file, Record(version.ToArray()));
    }

    /// <summary>Adds a point for each number of each step.</summary>
    public static void Append(string file, IEnumerable<(long Step, IEnumerable<(string Tag, double Value)> Scalars)> steps)
    {
        using FileStream stream = new(file, FileMode.Append);
        foreach ((long step, IEnumerable<(string, double)> scalars) in steps)
            stream.Write(Record(Points(step, scalars)));
    }

    /// <summary>CRC-32C (RFC 3720, section 12.1) of bytes, masked as TFRecord stores it.</summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> bytes) =>
        BitOperations.RotateRight(Checksum(bytes), 15) + MaskOffset;

    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    private static byte[] Points(long step, IEnumerable<(string Tag, double Value)> scalars)
    {
        Event summary = new();
        foreach ((string tag, double value) in scalars)
        {
            Event point = new();
            point.Bytes(ValueTag, Encoding.UTF8.GetBytes(tag));
            point.Number(ValueNumber, (float)value);
            summary.Bytes(SummaryValue, point.ToArray());
        }

        Event record = new();
        record.Number(WallTime, UnixTime());
        record.Number(Step, (ulong)step);
        record.Bytes(Summary, summary.ToArray());
        return record.ToArray();
    }

    private static byte[] Record(byte[] data)
    {
        byte[] record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedChecksum(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedChecksum(data));
        return record;
    }

    private static double UnixTime() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;

    /// <summary>A message of a protocol buffer, as its bytes.</summary>
    private sealed class Event
    {
        private readonly List<byte> _bytes = [];

        public void Number(byte tag, double value) => Fixed(tag, BitConverter.GetBytes(value));

        public void Number(byte tag, float value) => Fixed(tag, BitConverter.GetBytes(value));

        public void Number(byte tag, ulong value)
        {
            _bytes.Add(tag);
            Varint(value);
        }

        public void Bytes(byte tag, ReadOnlySpan<byte> bytes)
        {
            _bytes.Add(tag);
            Varint((ulong)bytes.Length);
            _bytes.AddRange(bytes);
        }

        public byte[] ToArray() => [.. _bytes];

        private void Fixed(byte tag, byte[] littleEndian)
        {
            _bytes.Add(tag);
            _bytes.AddRange(littleEndian);
        }

        private void Varint(ulong value)
        {
            for (; value > 0x7f; value >>= 7)
                _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
        }
    }
}
