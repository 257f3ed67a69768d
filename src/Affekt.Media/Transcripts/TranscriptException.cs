namespace Affekt.Media.Transcripts;

/// <summary>A transcript that cannot be read: what was found, what was expected, and where.</summary>
/// <param name="file">The file as the caller named it.</param>
/// <param name="line">The line, counted from 1; null where the whole file is meant.</param>
/// <param name="found">What the file holds.</param>
/// <param name="expected">What would have been right.</param>
/// <param name="cause">The error beneath, if any.</param>
public sealed class TranscriptException(string file, int? line, string found, string expected, Exception? cause = null)
    : Exception($"{file}{(line is null ? "" : $", line {line}")}: found {found}, expected {expected}", cause)
{
    private const int LongestQuote = 60;

    /// <summary>The file at fault.</summary>
    public string File { get; } = file;

    /// <summary>The line at fault, counted from 1; null where the whole file is meant.</summary>
    public int? Line { get; } = line;

    /// <summary>What the file holds.</summary>
    public string Found { get; } = found;

    /// <summary>What would have been right.</summary>
    public string Expected { get; } = expected;

    internal static string Quote(string value) =>
        value.Length <= LongestQuote ? $"'{value}'" : $"'{value[..LongestQuote]}...'";
}
