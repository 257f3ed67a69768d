using System.Text;

namespace Affekt.Media.Transcripts;

/// <summary>Bytes of a text file to text, whatever they are encoded in.</summary>
internal static class TextBytes
{
    /// <summary>What text is taken for that is no Unicode.</summary>
    public static Encoding Windows1252 { get; } = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>
    /// The text, without byte order marks: as its mark says; else as UTF-16 where zeros stand as they do there; else as
    /// UTF-8; else as windows-1252.
    /// </summary>
    /// <returns>
    /// The text, what it was taken for, and how many characters of it were broken and became U+FFFD: where a file has more
    /// whole characters of several bytes than broken ones, it is damaged UTF-8.
    /// </returns>
    public static (string Text, Encoding Encoding, int Broken) Decode(byte[] bytes)
    {
        (Encoding encoding, int broken) = EncodingOf(bytes);
        using StreamReader reader = new(new MemoryStream(bytes), encoding, detectEncodingFromByteOrderMarks: true);

        // A mark within the text comes from files that were joined.
        return (reader.ReadToEnd().Replace("\ufeff", "", StringComparison.Ordinal), encoding, broken);
    }

    private static (Encoding Encoding, int Broken) EncodingOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            return (Encoding.UTF8, 0);

        // Where there are other marks, StreamReader goes by them.
        if (bytes.StartsWith(Encoding.Unicode.Preamble) || bytes.StartsWith(Encoding.BigEndianUnicode.Preamble)
            || bytes.StartsWith(Encoding.UTF32.Preamble) || bytes.StartsWith<byte>([0, 0, 0xfe, 0xff]))
            return (Encoding.UTF8, 0);
        if (Utf16(bytes) is { } utf16)
            return (utf16, 0);
        (int whole, int broken) = CountUtf8(bytes);
        return broken == 0 || whole > broken ? (Encoding.UTF8, broken) : (Windows1252, 0);
    }

    // Line ends, digits and blanks have a zero byte in UTF-16, on one side; other text has none.
    private static Encoding? Utf16(ReadOnlySpan<byte> bytes)
    {
        int even = 0, odd = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == 0)
                _ = i % 2 == 0 ? even++ : odd++;
        }

        // One in ten of the characters at least, and hardly any on the other side.
        int enough = Math.Max(2, bytes.Length / 20);
        return bytes.Length % 2 != 0 ? null
            : odd >= enough && even <= odd / 20 ? Encoding.Unicode
            : even >= enough && odd <= even / 20 ? Encoding.BigEndianUnicode
            : null;
    }

    // Characters of several bytes that are whole, and bytes that belong to none.
    private static (int Whole, int Broken) CountUtf8(ReadOnlySpan<byte> bytes)
    {
        int whole = 0, broken = 0;
        while (!bytes.IsEmpty)
        {
            bool good = Rune.DecodeFromUtf8(bytes, out _, out int length) == System.Buffers.OperationStatus.Done;
            broken += good ? 0 : 1;
            whole += good && length > 1 ? 1 : 0;
            bytes = bytes[length..];
        }

        return (whole, broken);
    }
}
