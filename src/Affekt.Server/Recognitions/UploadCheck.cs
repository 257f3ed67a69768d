using Affekt.Media;
using Affekt.Server.Hosting;
using Affekt.Server.Problems;

namespace Affekt.Server.Recognitions;

/// <summary>Asks what an upload holds before anything is computed for it.</summary>
internal sealed class UploadCheck(MediaTools tools, ServerLimits limits) : IDisposable
{
    private readonly SemaphoreSlim _asking = new(limits.Workers);

    /// <returns>The upload with its length.</returns>
    /// <exception cref="ProblemException">It is no recording, or larger or longer than allowed.</exception>
    public async Task<Upload> CheckAsync(Upload upload, CancellationToken cancellation)
    {
        MediaInfo media = await AskAsync(upload, cancellation);
        if (media.Duration > limits.MaxDuration)
            throw TooLong(ProblemCode.TooLong, media.Duration, limits.MaxDuration, "");
        if (upload.Options.Mode == RecognitionMode.Sync && media.Duration > limits.MaxSyncDuration)
            throw TooLong(ProblemCode.TooLongForSync, media.Duration, limits.MaxSyncDuration, """ or the mode "job" """.TrimEnd());
        if (upload.Options.AudioStream is { } number)
            Choose(media, number, upload);
        foreach (VideoStream video in media.VideoStreams)
        {
            if ((long)video.Width * video.Height > limits.MaxPixels)
            {
                throw new ProblemException(
                    ProblemCode.TooManyPixels, $"media: found {video.Width} x {video.Height}, expected at most {limits.MaxPixels} pixels.");
            }
        }

        long lines = limits.TranscriptLines(media.Duration);
        if (upload.Transcript?.Count > lines)
        {
            throw new ProblemException(
                ProblemCode.BadTranscript,
                FormattableString.Invariant(
                    $"transcript: found {upload.Transcript.Count} lines, expected at most {lines} for {media.Duration.TotalSeconds:0.#} s of recording."));
        }

        return upload with { DurationMs = (int)Math.Min(media.Duration.TotalMilliseconds, int.MaxValue) };
    }

    public void Dispose() => _asking.Dispose();

    private async Task<MediaInfo> AskAsync(Upload upload, CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            return await tools.ProbeAsync(upload.Path, cancellation);
        }
        catch (MediaException exception)
        {
            throw new ProblemException(MediaProblems.Of(exception, upload));
        }
        finally
        {
            _asking.Release();
        }
    }

    private static void Choose(MediaInfo media, int number, Upload upload)
    {
        try
        {
            media.WithSound(number);
        }
        catch (MediaException exception)
        {
            throw new ProblemException(MediaProblems.Of(exception, upload));
        }
    }

    private static ProblemException TooLong(ProblemCode code, TimeSpan found, TimeSpan expected, string or) =>
        new(code, FormattableString.Invariant($"media: found {found.TotalSeconds:0.#} s, expected at most {expected.TotalSeconds:0.#} s{or}."));
}
