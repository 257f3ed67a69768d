using System.Text.RegularExpressions;

namespace Affekt.Media;

/// <summary>Reads the error lines of ffmpeg and ffprobe.</summary>
internal static partial class ToolFailure
{
    private const int LastLines = 3;

    /// <summary>The last lines as one, without the memory addresses that change from run to run.</summary>
    public static string Summary(string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join("; ", lines.Select(line => Source().Replace(line, "$1: ")).Distinct().TakeLast(LastLines));
    }

    /// <summary>Whether the file is of a type that ffmpeg knows and may not open.</summary>
    public static bool IsRefusedFormat(ToolResult result) => result.Errors.Contains("Format not on whitelist", StringComparison.Ordinal);

    /// <summary>Why the container of a file could not be opened.</summary>
    public static MediaException ToOpen(string file, ToolResult result)
    {
        string found = Summary(result.Errors);
        if (IsRefusedFormat(result))
        {
            string format = Source().Match(result.Errors).Groups[1].Value;
            return format.EndsWith("_pipe", StringComparison.Ordinal)
                ? new(MediaError.NotMedia, file, $"a picture of ffmpeg's type {format}", MediaTools.PictureExpected)
                : new(MediaError.NotMedia, file, $"a text, playlist or other file of ffmpeg's type {format}", Media);
        }

        // A demuxer signs its lines; without such a line none took the file for its own. A low score means that only
        // the file's name spoke for the type.
        bool misnamed = result.Errors.Contains("only with low score", StringComparison.Ordinal);
        if (!misnamed && Source().IsMatch(result.Errors))
        {
            // The index of MP4 and MOV is written last.
            return new(
                MediaError.Damaged, file, $"a damaged file ({found})",
                found.Contains("moov atom not found", StringComparison.Ordinal) ? "a whole file: this one was not recorded or downloaded to its end" : Media);
        }

        return misnamed || result.Errors.Contains("Invalid data found", StringComparison.Ordinal)
            ? new(MediaError.NotMedia, file, "no container that ffmpeg knows", Media)
            : new(MediaError.ToolFailed, file, $"ffprobe ended with code {result.ExitCode} ({found})", Media);
    }

    /// <summary>Why a stretch of a file that could be opened gave nothing.</summary>
    public static MediaException ToDecode(string file, string what, ToolResult result) =>
        new(
            MediaError.Damaged,
            file,
            $"{what} that ffmpeg cannot decode (code {result.ExitCode}: {Summary(result.Errors)})",
            $"{what} in a codec that ffmpeg knows");

    private const string Media = "a sound, video or picture file";

    [GeneratedRegex(@"(?<=^|\] )\[([^\]@]+) @ 0x[0-9a-f]+\] *", RegexOptions.Multiline)]
    private static partial Regex Source();
}
