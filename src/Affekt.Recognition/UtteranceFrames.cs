using Affekt.Media;
using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>An utterance's pictures as a frame encoder wants them: the same in training and in use.</summary>
public static class UtteranceFrames
{
    // The shortest stretch that is read.
    private static readonly TimeSpan _instant = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Reads pictures evenly spread over a stretch, in one run of ffmpeg: of n pictures number k is what is on screen at
    /// start + (k + 0.5) * length / n. Video with fewer repeats the nearest; a stretch of no length gives what is on screen then.
    /// </summary>
    /// <param name="tools">What decodes.</param>
    /// <param name="media">The probed file.</param>
    /// <param name="range">The stretch; null for the whole file.</param>
    /// <param name="wanted">What the encoder wants.</param>
    /// <param name="cancellation">Ends the decoder.</param>
    /// <returns>
    /// The pictures, none where the file has no picture in that stretch; and what went less than well, which says why there is
    /// none.
    /// </returns>
    /// <exception cref="MediaException">The file cannot be read, or the stretch lies outside of it.</exception>
    public static async Task<(VideoFrames Frames, IReadOnlyList<MediaWarning> Warnings)> ReadAsync(
        MediaTools tools, MediaInfo media, TimeRange? range, FrameRequest wanted, CancellationToken cancellation = default)
    {
        TimeRange? read = range is { } asked && asked.End <= asked.Start ? Instant(asked.Start, media.Duration) : range;
        Frames frames = wanted.Whole
            ? await tools.ReadWholeFramesAsync(media, wanted.Count, wanted.Side, read, cancellation).ConfigureAwait(false)
            : await tools.ReadFramesAsync(media, wanted.Count, read, wanted.Side, wanted.Side, cancellation).ConfigureAwait(false);
        return (new VideoFrames(frames.Rgb, frames.Count, frames.Width, frames.Height), frames.Warnings);
    }

    // What is asked for at the very end is the last picture.
    private static TimeRange Instant(TimeSpan at, TimeSpan duration)
    {
        TimeSpan latest = duration - _instant;
        TimeSpan start = at > latest && at <= duration && latest >= TimeSpan.Zero ? latest : at;
        return new TimeRange(start, start + _instant);
    }
}
