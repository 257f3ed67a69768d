using Affekt.Corpora;
using Affekt.Media;
using Affekt.Training.Features;

namespace Affekt.Training.Checks;

/// <summary>What reading an utterance's media gave.</summary>
/// <param name="Utterance">The utterance.</param>
/// <param name="Content">The name of its bytes and stretch; null where they could not be read.</param>
/// <param name="HasPicture">Whether there is a picture.</param>
/// <param name="DurationMs">How long the stretch lasts; null where it could not be read.</param>
/// <param name="Findings">What is wrong with it.</param>
internal sealed record CheckedMedia(
    Utterance Utterance, string? Content, bool HasPicture, int? DurationMs, IReadOnlyList<CorpusFinding> Findings);

/// <summary>Reads an utterance's media as training would: all of its sound, and a picture.</summary>
internal sealed class MediaCheck(MediaTools tools)
{
    // -90 dB, less than the last bit of 16-bit sound.
    private const float SilentSample = 3.2e-5f;

    private const int ToleranceMs = 1_000;
    private const double ToleranceShare = 0.25;

    // Encoders hear the middle half minute of what is longer.
    private const int LongestMs = 30_000;

    /// <summary>Reads the media; that they cannot be read is a finding.</summary>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    public async Task<CheckedMedia> ReadAsync(Utterance utterance, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(utterance, await UtteranceMedia.IdentifyAsync(utterance, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException
            or MediaException { Kind: not MediaError.ToolMissing })
        {
            CorpusFinding finding = new(FindingCode.UnreadableMedia, FindingLevel.Bad, utterance.Id, error.Message);
            return new CheckedMedia(utterance, null, false, null, [finding]);
        }
    }

    private async Task<CheckedMedia> ReadAsync(Utterance utterance, string content, CancellationToken cancellation)
    {
        List<CorpusFinding> findings = [];
        (MediaInfo media, Sound sound) = await UtteranceMedia.ReadSoundAsync(tools, utterance, cancellation).ConfigureAwait(false);
        TimeRange? range = UtteranceMedia.Range(utterance, media);
        int duration = range is { } stretch
            ? (int)stretch.Length.TotalMilliseconds
            : Math.Max((int)media.Duration.TotalMilliseconds, Sound.Milliseconds(sound.Samples.Length));
        if (sound.IsMissing)
            Add(FindingCode.NoSound, sound.Warnings[^1].Message);
        else if (sound.Samples.All(sample => Math.Abs(sample) < SilentSample))
            Add(FindingCode.NoSound, "The sound is silent.");
        foreach (MediaWarning warning in sound.Warnings.Where(warning => warning.Code is MediaWarning.DecodeErrors
            or MediaWarning.SoundEndsEarly or MediaWarning.RangePastEnd))
        {
            Add(FindingCode.DamagedMedia, warning.Message);
        }

        if (media.Picture is not null)
        {
            Frames frames = await tools.ReadFramesAsync(media, 1, range, cancellation: cancellation).ConfigureAwait(false);
            if (frames.Warnings.FirstOrDefault(warning => frames.IsMissing || warning.Code == MediaWarning.DecodeErrors) is { } warning)
                Add(FindingCode.DamagedMedia, warning.Message);
        }

        if (duration > LongestMs)
            Add(FindingCode.LongMedia, $"It lasts {duration / 1000.0:F1} s.");
        if (range is null && utterance.DurationMs is { } annotated
            && Math.Abs(duration - annotated) > Math.Max(ToleranceMs, annotated * ToleranceShare))
        {
            Add(FindingCode.OtherDuration, FormattableString.Invariant(
                $"It lasts {duration / 1000.0:F1} s, {annotated / 1000.0:F1} s as annotated."));
        }

        return new CheckedMedia(utterance, content, media.Picture is not null, duration, findings);

        void Add(string code, string message) =>
            findings.Add(new CorpusFinding(code, FindingLevel.Suspicious, utterance.Id, message));
    }
}
