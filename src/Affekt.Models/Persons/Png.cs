using System.Buffers.Binary;
using System.IO.Compression;

namespace Affekt.Models.Persons;

/// <summary>Writes small square pictures as PNG files: what a page shows of a face needs no encoder of JPEG.</summary>
internal static class Png
{
    private const int Colors = 3;

    /// <summary>A picture as a file.</summary>
    /// <param name="rgb">[row, column, (red, green, blue)].</param>
    /// <param name="side">Pixels of its side.</param>
    public static byte[] Write(byte[] rgb, int side)
    {
        using MemoryStream file = new();
        file.Write([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A]);
        byte[] head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, side);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), side);

        // Eight bits a color, red, green and blue.
        (head[8], head[9]) = (8, 2);
        Chunk(file, "IHDR"u8, head);
        using MemoryStream packed = new();
        using (ZLibStream pack = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] line = new byte[1 + (side * Colors)];

            // Each byte less the one of the pixel before it, which packs better.
            line[0] = 1;
            for (int row = 0; row < side; row++)
            {
                ReadOnlySpan<byte> pixels = rgb.AsSpan(row * side * Colors, side * Colors);
                for (int i = 0; i < pixels.Length; i++)
                    line[i + 1] = (byte)(pixels[i] - (i < Colors ? 0 : pixels[i - Colors]));
                pack.Write(line);
            }
        }

        Chunk(file, "IDAT"u8, packed.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] typed = [.. type, .. data];
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        file.Write(length);
        file.Write(typed);

        // The checksum is gzip's (RFC 1952), which stands before its last four bytes, the lowest first.
        using MemoryStream packed = new();
        using (GZipStream pack = new(packed, CompressionLevel.NoCompression, leaveOpen: true))
            pack.Write(typed);
        byte[] checksum = packed.ToArray()[^8..^4];
        Array.Reverse(checksum);
        file.Write(checksum);
    }
}
