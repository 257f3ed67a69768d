using System.Text;

namespace Affekt.Media.Transcripts;

/// <summary>A transcript's lines, whatever their encoding and line ends.</summary>
internal sealed record TranscriptText(string File, string[] Lines)
{
    // A day of speech has about 1 MB.
    private const int LargestFile = 64 << 20;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="TranscriptException">The file cannot be opened, or is no text.</exception>
    public static TranscriptText Load(string file)
    {
        byte[] bytes = ReadBytes(file);
        string text = Decode(bytes);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            int line = 1 + text.AsSpan(0, text.IndexOf('\0', StringComparison.Ordinal)).Count('\n');
            throw new TranscriptException(file, line, "a NUL character", "text");
        }

        return new TranscriptText(file, text.ReplaceLineEndings("\n").Split('\n'));
    }

    /// <summary>An error at a line, counted from 0.</summary>
    public TranscriptException Wrong(int line, string found, string expected, Exception? cause = null) =>
        new(File, line + 1, found, expected, cause);

    private static string Decode(byte[] bytes)
    {
        using StreamReader reader = new(new MemoryStream(bytes), _strict, detectEncodingFromByteOrderMarks: true);
        try
        {
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private static byte[] ReadBytes(string file)
    {
        const string Expected = "a transcript that can be read";
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > LargestFile } large)
                throw new TranscriptException(file, null, $"{large.Length} bytes", $"a transcript of at most {LargestFile}");
            return System.IO.File.ReadAllBytes(file);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TranscriptException(file, null, "no such file", Expected, cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new TranscriptException(file, null, cause.Message, Expected, cause);
        }
    }
}
