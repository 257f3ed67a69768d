using Affekt.Corpora;
using Affekt.Media;

namespace Affekt.Training.Features;

/// <summary>An utterance's stretch of its media file.</summary>
internal static class UtteranceMedia
{
    /// <summary>The stretch; null for the whole file.</summary>
    public static TimeRange? Range(Utterance utterance, MediaInfo media) => utterance is { StartMs: null, EndMs: null }
        ? null
        : TimeRange.FromMilliseconds(utterance.StartMs ?? 0, utterance.EndMs ?? media.Duration.TotalMilliseconds);

    /// <summary>The name of the file's bytes and the stretch.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<string> IdentifyAsync(Utterance utterance, CancellationToken cancellation) => ContentHash.OfStretch(
        await ContentHash.OfFileAsync(utterance.Media!, cancellation).ConfigureAwait(false), utterance.StartMs, utterance.EndMs);

    /// <summary>What the file holds, and the sound of the stretch.</summary>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    public static async Task<(MediaInfo Media, Sound Sound)> ReadSoundAsync(
        MediaTools tools, Utterance utterance, CancellationToken cancellation)
    {
        if (utterance is { StartMs: null, EndMs: null })
            return await tools.ReadWholeSoundAsync(utterance.Media!, cancellation).ConfigureAwait(false);
        MediaInfo media = await tools.ProbeAsync(utterance.Media!, cancellation).ConfigureAwait(false);
        return (media, await tools.ReadSoundAsync(media, Range(utterance, media), cancellation).ConfigureAwait(false));
    }
}
