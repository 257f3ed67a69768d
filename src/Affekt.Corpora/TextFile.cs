using System.Text;

namespace Affekt.Corpora;

/// <summary>Reads text files whole, and says which line is not text.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file's text without a byte order mark.</summary>
    /// <exception cref="CorpusException">The file cannot be opened, or is neither UTF-8 nor UTF-16 with its mark.</exception>
    public static string Read(string path)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(path);
        if (bytes.StartsWith(Encoding.Unicode.Preamble) || bytes.StartsWith(Encoding.BigEndianUnicode.Preamble))
            return Utf16(path, bytes);
        bytes = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        try
        {
            return _strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            int at = Math.Clamp(error.Index, 0, bytes.Length);
            int line = 1 + bytes[..at].Count((byte)'\n');
            string found = error.BytesUnknown is { Length: > 0 } unknown ? $"byte 0x{unknown[0]:X2}" : "a broken character";
            throw new CorpusException(found, "text in UTF-8; iconv -f windows-1252 -t utf-8 converts what Windows wrote, spreadsheets save as \"CSV UTF-8\"", path, line, cause: error);
        }
    }

    /// <summary>The file's lines that are not blank, each with its number counted from 1.</summary>
    /// <exception cref="CorpusException">The file cannot be opened or is not UTF-8.</exception>
    public static IEnumerable<(int Number, string Line)> ReadLines(string path)
    {
        int number = 0;
        foreach (string raw in Read(path).Split('\n'))
        {
            number++;
            string line = raw.EndsWith('\r') ? raw[..^1] : raw;
            if (!string.IsNullOrWhiteSpace(line))
                yield return (number, line);
        }
    }

    // What spreadsheets call Unicode text.
    private static string Utf16(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            bool isBig = bytes.StartsWith(Encoding.BigEndianUnicode.Preamble);
            return new UnicodeEncoding(isBig, byteOrderMark: false, throwOnInvalidBytes: true).GetString(bytes[Encoding.Unicode.Preamble.Length..]);
        }
        catch (DecoderFallbackException error)
        {
            throw new CorpusException("a broken character", "text in UTF-16, as the file's mark says", path, cause: error);
        }
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CorpusException("no such file", "a readable file", path, cause: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException(error.Message, "a readable file", path, cause: error);
        }
    }
}
