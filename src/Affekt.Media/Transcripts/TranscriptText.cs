using System.Text;

namespace Affekt.Media.Transcripts;

/// <summary>A transcript's lines, whatever their encoding and line ends.</summary>
/// <param name="File">The file as the caller named it.</param>
/// <param name="Lines">Its lines; at least one.</param>
internal sealed record TranscriptText(string File, string[] Lines)
{
    // A day of speech has about 1 MB.
    private const int LargestFile = 64 << 20;

    /// <summary>What a reader met and got past.</summary>
    public TranscriptNotes Notes { get; } = new(File);

    /// <param name="file">The file.</param>
    /// <param name="endsAtLfAlone">Whether only LF ends a line; else CR and CRLF do too.</param>
    /// <exception cref="TranscriptException">The file cannot be opened, or is no text.</exception>
    public static TranscriptText Load(string file, bool endsAtLfAlone)
    {
        (string text, Encoding encoding, int broken) = TextBytes.Decode(ReadBytes(file));
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            int line = 1 + text.AsSpan(0, text.IndexOf('\0', StringComparison.Ordinal)).Count('\n');
            throw new TranscriptException(file, line, "a NUL character", "text");
        }

        TranscriptText loaded = new(file, (endsAtLfAlone ? text : UnifyLineEnds(text)).Split('\n'));

        // Languages that windows-1252 is made for have few letters beyond ASCII's.
        int foreign = encoding == TextBytes.Windows1252 ? text.Count(letter => letter > '\u007f') : 0;
        if (foreign > text.Count(char.IsAsciiLetter))
            loaded.Notes.Add(0, $"{foreign} characters that are not UTF-8", "text in UTF-8", "read as windows-1252, which it does not look like");
        if (broken > 0)
        {
            int at = Array.FindIndex(loaded.Lines, line => line.Contains('\ufffd', StringComparison.Ordinal));
            loaded.Notes.Add(Math.Max(0, at), $"{broken} broken characters", "UTF-8", "read as U+FFFD");
        }

        return loaded;
    }

    /// <summary>An error at a line, counted from 0.</summary>
    public TranscriptException Wrong(int line, string found, string expected, Exception? cause = null) =>
        new(File, line + 1, found, expected, cause);

    // CR CR LF is what becomes of CRLF where each LF was made one again.
    private static string UnifyLineEnds(string text) =>
        text.Replace("\r\r\n", "\n", StringComparison.Ordinal).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

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
