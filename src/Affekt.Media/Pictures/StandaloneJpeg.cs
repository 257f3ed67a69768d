using System.Buffers.Binary;

namespace Affekt.Media;

/// <summary>
/// A JPEG picture made to stand alone: decoders keep tables and some remarks from one picture to the next, and cameras leave out the
/// tables that all of them share.
/// </summary>
/// <param name="Header">All that comes before the pixels, with the standard's Huffman tables in front of the picture's own.</param>
/// <param name="Pixels">The rest, as it was.</param>
internal readonly record struct StandaloneJpeg(byte[] Header, ReadOnlyMemory<byte> Pixels)
{
    private const byte Mark = 0xFF;
    private const byte StartOfScan = 0xDA;
    private const byte QuantizationTables = 0xDB;
    private const byte FirstFrame = 0xC0;
    private const byte LastFrame = 0xC2;
    private const byte FirstApplication = 0xE0;
    private const byte Adobe = 0xEE;
    private const byte LastApplication = 0xEF;
    private const byte Comment = 0xFE;
    private const int TableIds = 16;

    // ITU-T T.81, tables K.3 to K.6: how many codes have 1 to 16 bits, and what they stand for. Motion JPEG means them.
    private static readonly byte[] _standardTables =
    [
        Mark, 0xC4, 0x01, 0xA2,
        .. Convert.FromHexString("0000010501010101010100000000000000000102030405060708090A0B"),
        .. Convert.FromHexString("0100030101010101010101010000000000000102030405060708090A0B"),
        .. Convert.FromHexString(
            "100002010303020403050504040000017D01020300041105122131410613516107227114328191A1082342B1C11552D1F02433627282090A161718191A"
            + "25262728292A3435363738393A434445464748494A535455565758595A636465666768696A737475767778797A838485868788898A9293949596979899"
            + "9AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE1E2E3E4E5E6E7E8E9EAF1F2F3F4F5F6F7F8F9FA"),
        .. Convert.FromHexString(
            "1100020102040403040705040400010277000102031104052131061241510761711322328108144291A1B1C109233352F0156272D10A162434E125F117"
            + "18191A262728292A35363738393A434445464748494A535455565758595A636465666768696A737475767778797A82838485868788898A929394959697"
            + "98999AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE2E3E4E5E6E7E8E9EAF2F3F4F5F6F7F8F9FA"),
    ];

    /// <summary>How many bytes both are.</summary>
    public int Length => Header.Length + Pixels.Length;

    /// <summary>Takes a picture apart whose size <see cref="JpegHeader.Read"/> has found.</summary>
    /// <param name="jpeg">The whole file.</param>
    /// <exception cref="MediaException">It has no pixels, or lacks a table that nothing stands in for (<see cref="MediaError.Damaged"/>).</exception>
    public static StandaloneJpeg Of(ReadOnlyMemory<byte> jpeg)
    {
        ReadOnlySpan<byte> all = jpeg.Span;
        List<byte> header = [.. all[..2], .. _standardTables];
        bool[] given = new bool[TableIds], needed = new bool[TableIds];
        int at = 2;
        while (at + 4 <= all.Length)
        {
            byte marker = all[at + 1];
            int length = marker == Mark ? 1 : IsAlone(marker) ? 2 : 2 + Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(all[(at + 2)..]));
            if (all[at] != Mark || at + length > all.Length)
                break;
            ReadOnlySpan<byte> segment = all.Slice(at, length);
            if (marker == StartOfScan)
            {
                int missing = Enumerable.Range(0, TableIds).FirstOrDefault(id => needed[id] && !given[id], -1);
                return missing < 0
                    ? new StandaloneJpeg([.. header], jpeg[at..])
                    : throw JpegHeader.Damaged($"no quantization table {missing}");
            }

            if (marker == QuantizationTables)
                Give(segment[4..], given);
            else if (marker is >= FirstFrame and <= LastFrame)
                Need(segment[4..], needed);
            if (marker != Mark && !IsRemark(marker))
                header.AddRange(segment);
            at += length;
        }

        throw JpegHeader.Damaged("an end before its pixels");
    }

    // Some make ffmpeg turn this picture and the next ones upside down, or take them for halves of one. Adobe's tells the colors.
    private static bool IsRemark(byte marker) => marker == Comment || marker is >= FirstApplication and <= LastApplication and not Adobe;

    // Markers without a length: temporary, restarts, start of image.
    private static bool IsAlone(byte marker) => marker is 0x01 or (>= 0xD0 and <= 0xD8);

    // Each table: bits a value (0 for 8) and id, then 64 values.
    private static void Give(ReadOnlySpan<byte> tables, bool[] given)
    {
        while (tables.Length > 0)
        {
            given[tables[0] & 15] = true;
            tables = tables[Math.Min(tables.Length, tables[0] < TableIds ? 65 : 129)..];
        }
    }

    // Bits a sample, height, width and the number of components; of each its id, its sampling and its table.
    private static void Need(ReadOnlySpan<byte> frame, bool[] needed)
    {
        for (int component = 0; frame.Length > 5 && component < frame[5] && 8 + (3 * component) < frame.Length; component++)
            needed[frame[8 + (3 * component)] & 15] = true;
    }
}
