using Affekt.AspNetCore.Problems;
using Affekt.Media;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>What a recording that cannot be read means to the client. No path of the server is told.</summary>
internal static class MediaProblems
{
    public static Problem Of(MediaException exception, Upload upload)
    {
        ProblemCode code = exception.Kind switch
        {
            MediaError.NotMedia => ProblemCode.NotMedia,
            MediaError.Empty => ProblemCode.EmptyMedia,
            MediaError.Damaged => ProblemCode.DamagedMedia,
            MediaError.ToolFailed => ProblemCode.DamagedMedia,
            MediaError.TimedOut => ProblemCode.SlowMedia,
            MediaError.BadRange => ProblemCode.TooLong,
            MediaError.NoSuchStream => ProblemCode.BadOptions,
            _ => ProblemCode.Internal,
        };
        return code == ProblemCode.Internal
            ? Problem.Of(code, "The server failed; its log tells where.")
            : Problem.Of(code, Shown($"{PartOf(exception, upload)}: found {exception.Found}, expected {exception.Expected}.", upload));
    }

    /// <summary>A sentence that may name the files, with the names that their sender knows.</summary>
    public static string Shown(string sentence, Upload upload) => upload.Baseline
        .Append(new VoiceFile(upload.Path, upload.File))
        .Aggregate(sentence, (text, file) => text
            .Replace($"file:{file.Path}", file.File, StringComparison.Ordinal)
            .Replace(file.Path, file.File, StringComparison.Ordinal));

    private static string PartOf(MediaException exception, Upload upload) =>
        upload.Baseline.FirstOrDefault(voice => exception.File.EndsWith(voice.Path, StringComparison.Ordinal)) is { } found
            ? $"baseline, {found.File}"
            : "media";
}
