using System.Buffers.Binary;

namespace Affekt.Onnx.StateFiles;

/// <summary>Where an uncompressed entry's bytes lie in a zip file.</summary>
internal readonly record struct ZipEntry(long Offset, long Length);

/// <summary>
/// The directory of a zip file of uncompressed entries, as PyTorch writes them (zip64 from 4 GiB on). The framework's
/// ZipArchive does not tell where an entry's bytes lie, so it cannot be read without a copy.
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int End64LocatorLength = 20;
    private const int HeaderLength = 46;
    private const int LocalHeaderLength = 30;
    private const int MaxCommentLength = ushort.MaxValue;
    private const ushort Zip64Field = 1;

    private readonly MappedFile _file;
    private readonly Dictionary<string, (long Header, long Length)> _entries = new(StringComparer.Ordinal);
    private long _directory;

    public ZipDirectory(MappedFile file)
    {
        _file = file;
        (long position, long length, long count) = FindDirectory();
        _directory = position;
        long end = position + length;
        for (long i = 0; i < count; i++)
            position = ReadHeader(position, end);
    }

    public IEnumerable<string> Names => _entries.Keys;

    public ZipEntry? Find(string name)
    {
        if (!_entries.TryGetValue(name, out (long Header, long Length) entry))
            return null;

        ReadOnlySpan<byte> local = Bytes(name, entry.Header, LocalHeaderLength);
        if (!local.StartsWith("PK\x03\x04"u8))
            throw _file.Error($"zip entry {name}", entry.Header, "other bytes", "a local header (PK 3 4)");

        long start = entry.Header + LocalHeaderLength + UInt16(local, 26) + UInt16(local, 28);
        return entry.Length <= _directory - start
            ? new ZipEntry(start, entry.Length)
            : throw _file.Error(
                $"zip entry {name}", entry.Header, $"{entry.Length} bytes from {start}", $"an end at or before {_directory}");
    }

    private (long Position, long Length, long Count) FindDirectory()
    {
        int tailLength = (int)Math.Min(_file.Length, EndLength + MaxCommentLength);
        long tailStart = _file.Length - tailLength;
        ReadOnlySpan<byte> tail = _file.Slice(tailStart, tailLength);
        int at = tailLength < EndLength ? -1 : tail[..^(EndLength - 4)].LastIndexOf("PK\x05\x06"u8);
        if (at < 0)
            throw _file.Error("zip", null, "no directory at the end", "a whole file: was it cut short?");

        ReadOnlySpan<byte> end = tail[at..];
        long count = UInt16(end, 10);
        long length = UInt32(end, 12);
        long position = UInt32(end, 16);
        long endPosition = tailStart + at;
        if (endPosition >= End64LocatorLength
            && _file.Slice(endPosition - End64LocatorLength, End64LocatorLength) is var locator
            && locator.StartsWith("PK\x06\x07"u8))
        {
            long position64 = Int64(locator, 8);
            ReadOnlySpan<byte> end64 = Bytes("zip64 directory", position64, End64Length);
            if (!end64.StartsWith("PK\x06\x06"u8))
                throw _file.Error("zip64 directory", position64, "other bytes", "its end record (PK 6 6)");

            count = Int64(end64, 32);
            length = Int64(end64, 40);
            position = Int64(end64, 48);
        }

        if (position < 0 || length < 0 || count < 0 || position > endPosition || length > endPosition - position
            || count > length / HeaderLength)
        {
            throw _file.Error(
                "zip directory", endPosition, $"{count} entries in {length} bytes from {position}", $"an end before {endPosition}");
        }

        return (position, length, count);
    }

    private long ReadHeader(long position, long end)
    {
        ReadOnlySpan<byte> header = Bytes("zip directory", position, HeaderLength);
        if (!header.StartsWith("PK\x01\x02"u8))
            throw _file.Error("zip directory", position, "other bytes", "an entry's header (PK 1 2)");

        int nameLength = UInt16(header, 28);
        int extraLength = UInt16(header, 30);
        long next = position + HeaderLength + nameLength + extraLength + UInt16(header, 32);
        if (next > end)
            throw _file.Error("zip directory", position, $"an entry up to {next}", $"an end at or before {end}");

        long nameStart = position + HeaderLength;
        string name = Utf8Text.Read(_file, "zip entry's name", nameStart, _file.Slice(nameStart, nameLength));
        long stored = UInt32(header, 20);
        long length = UInt32(header, 24);
        long local = UInt32(header, 42);
        ReadZip64(_file.Slice(nameStart + nameLength, extraLength), ref length, ref stored, ref local);
        bool encrypted = (UInt16(header, 8) & 1) != 0;
        if (UInt16(header, 10) != 0 || stored != length || encrypted)
        {
            throw _file.Error(
                $"zip entry {name}", position, "a compressed or encrypted entry", "plain bytes, as PyTorch writes");
        }

        if (local < 0 || length < 0 || !_entries.TryAdd(name, (local, length)))
        {
            throw _file.Error(
                $"zip entry {name}", position, "a negative size or a name used before", "sizes, every name once");
        }

        return next;
    }

    // Only the numbers whose 32 bits are all set stand in the extra field, in this order.
    private static void ReadZip64(ReadOnlySpan<byte> extra, ref long length, ref long stored, ref long local)
    {
        while (extra.Length >= 4)
        {
            int size = Math.Min(UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == Zip64Field)
            {
                ReadOnlySpan<byte> numbers = extra.Slice(4, size);
                Take(ref numbers, ref length);
                Take(ref numbers, ref stored);
                Take(ref numbers, ref local);
                return;
            }

            extra = extra[(4 + size)..];
        }
    }

    private static void Take(ref ReadOnlySpan<byte> numbers, ref long value)
    {
        if (value == uint.MaxValue && numbers.Length >= 8)
        {
            value = Int64(numbers, 0);
            numbers = numbers[8..];
        }
    }

    private ReadOnlySpan<byte> Bytes(string where, long offset, int length) =>
        offset >= 0 && offset <= _file.Length - length
            ? _file.Slice(offset, length)
            : throw _file.Error(where, null, $"{length} bytes from {offset}", $"an end at or before {_file.Length}");

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static long UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
