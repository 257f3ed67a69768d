using Affekt.AspNetCore.Problems;
using Affekt.Media;
using Affekt.Recognition;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>Asks what an upload holds before anything is computed for it.</summary>
internal sealed class UploadCheck(MediaTools tools, ServerLimits limits, BundleFacts bundle) : IDisposable
{
    private readonly SemaphoreSlim _asking = new(limits.Workers);

    /// <returns>The upload with its length.</returns>
    /// <exception cref="ProblemException">It is no recording, or larger or longer than allowed.</exception>
    public async Task<Upload> CheckAsync(Upload upload, CancellationToken cancellation)
    {
        if (bundle.Refusal(upload.Options.Prior) is { } refusal)
            throw new ProblemException(ProblemCode.BadOptions, $"options.prior: {refusal}");
        MediaInfo? media = upload.WordsAlone ? null : await AskAsync(upload, upload.Path, cancellation);
        TimeSpan duration = media?.Duration ?? new MemoryRecording().AsLongAs(upload.Transcript).Duration;
        string part = media is null ? "transcript" : "media";
        if (duration > limits.MaxDuration)
            throw TooLong(part, ProblemCode.TooLong, duration, limits.MaxDuration, "");
        if (upload.Options.Mode == RecognitionMode.Sync && duration > limits.MaxSyncDuration)
            throw TooLong(part, ProblemCode.TooLongForSync, duration, limits.MaxSyncDuration, """ or the mode "job" """.TrimEnd());
        if (media is not null && upload.Options.AudioStream is { } number)
            Choose(media, number, upload);
        foreach (VideoStream video in media?.VideoStreams ?? [])
        {
            if ((long)video.Width * video.Height > limits.MaxPixels)
            {
                throw new ProblemException(
                    ProblemCode.TooManyPixels, $"media: found {video.Width} x {video.Height}, expected at most {limits.MaxPixels} pixels.");
            }
        }

        long lines = limits.TranscriptLines(duration);
        if (upload.Transcript?.Count > lines)
        {
            throw new ProblemException(
                ProblemCode.BadTranscript,
                FormattableString.Invariant(
                    $"transcript: found {upload.Transcript.Count} lines, expected at most {lines} for {duration.TotalSeconds:0.#} s of recording."));
        }

        return await CheckBaselineAsync(upload with { DurationMs = Milliseconds(duration) }, cancellation);
    }

    /// <returns>The upload with the lengths of its baseline's recordings.</returns>
    /// <exception cref="ProblemException">One is no recording or has no sound, all together are too long, or the bundle reads no baseline.</exception>
    public async Task<Upload> CheckBaselineAsync(Upload upload, CancellationToken cancellation)
    {
        if (upload.Baseline.Count > 0 && !bundle.ReadsVoice)
            throw new ProblemException(ProblemCode.BadOptions, $"baseline: {BundleFacts.NoVoice}");
        List<VoiceFile> voices = [];
        TimeSpan together = TimeSpan.Zero;
        foreach (VoiceFile voice in upload.Baseline)
        {
            MediaInfo media = await AskAsync(upload, voice.Path, cancellation);
            if (media.AudioStreams.Count == 0)
                throw new ProblemException(ProblemCode.NotMedia, $"baseline, {voice.File}: found no sound, expected a recording of the voice.");
            together += media.Duration;
            if (together > limits.MaxSyncDuration)
            {
                throw new ProblemException(
                    ProblemCode.TooLong,
                    FormattableString.Invariant($"baseline: found {together.TotalSeconds:0.#} s or more, expected at most {limits.MaxSyncDuration.TotalSeconds:0.#} s altogether."));
            }

            voices.Add(voice with { DurationMs = Milliseconds(media.Duration) });
        }

        return upload with { Baseline = voices };
    }

    public void Dispose() => _asking.Dispose();

    private static int Milliseconds(TimeSpan duration) => (int)Math.Min(duration.TotalMilliseconds, int.MaxValue);

    private async Task<MediaInfo> AskAsync(Upload upload, string path, CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            return await tools.ProbeAsync(path, cancellation);
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

    private static ProblemException TooLong(string part, ProblemCode code, TimeSpan found, TimeSpan expected, string or) =>
        new(code, FormattableString.Invariant($"{part}: found {found.TotalSeconds:0.#} s, expected at most {expected.TotalSeconds:0.#} s{or}."));
}
