using System.Buffers.Binary;

namespace Affekt.Media;

/// <summary>What a JPEG file says of itself before anything is decoded.</summary>
/// <param name="Width">Pixels in a row, 1 or more.</param>
/// <param name="Height">Rows, 1 or more.</param>
public readonly record struct JpegHeader(int Width, int Height)
{
    private const string Name = "picture";
    private const byte Mark = 0xFF;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte Temporary = 0x01;

    // Baseline, extended and progressive, Huffman coded. The lossless, differential and arithmetic ones are no camera's.
    private const byte FirstFrame = 0xC0;
    private const byte LastFrame = 0xC2;

    // Length, bits a sample, height and width.
    private const int FrameLength = 7;

    /// <summary>Reads the header; costs a few memory accesses whatever the file's length.</summary>
    /// <param name="jpeg">The whole file.</param>
    /// <exception cref="MediaException">
    /// It does not begin as a JPEG (<see cref="MediaError.NotMedia"/>), or holds no frame that can be decoded
    /// (<see cref="MediaError.Damaged"/>).
    /// </exception>
    public static JpegHeader Read(ReadOnlySpan<byte> jpeg)
    {
        if (jpeg.Length < 4 || jpeg[0] != Mark || jpeg[1] != StartOfImage)
            throw new MediaException(MediaError.NotMedia, Name, $"{jpeg.Length} bytes of something else", "a JPEG picture");
        int at = 2;
        while (at + 4 <= jpeg.Length)
        {
            if (jpeg[at] != Mark)
                throw Damaged($"no marker at byte {at}");
            byte marker = jpeg[at + 1];
            if (marker == Mark)
            {
                // Markers may be padded.
                at++;
                continue;
            }

            if (marker is EndOfImage or StartOfScan)
                throw Damaged("no size before the pixels");
            if (marker is Temporary or StartOfImage or (>= 0xD0 and <= 0xD7))
            {
                at += 2;
                continue;
            }

            ReadOnlySpan<byte> segment = jpeg[(at + 2)..];
            if (marker is >= FirstFrame and <= LastFrame)
                return Frame(segment);
            at += 2 + Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(segment));
        }

        throw Damaged("an end before its size");
    }

    private static JpegHeader Frame(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < FrameLength)
            throw Damaged("an end within its size");
        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), width = BinaryPrimitives.ReadUInt16BigEndian(segment[5..]);
        return width > 0 && height > 0 ? new JpegHeader(width, height) : throw Damaged($"{width} x {height} pixels");
    }

    internal static MediaException Damaged(string found) => new(MediaError.Damaged, Name, found, "a JPEG picture that is whole");
}
