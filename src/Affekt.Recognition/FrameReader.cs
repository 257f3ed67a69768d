using Affekt.Media;
using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>Reads the pictures that a frame encoder wants; recognition, evaluation and training all read them here.</summary>
public static class FrameReader
{
    /// <summary>Decodes the pictures of a stretch.</summary>
    /// <param name="tools">What decodes.</param>
    /// <param name="media">The probed file.</param>
    /// <param name="range">The stretch; null for the whole file.</param>
    /// <param name="request">What the encoder wants.</param>
    /// <param name="cancellation">Ends the decoder.</param>
    /// <returns>The pictures; missing where the file has none, with a warning that says why.</returns>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    public static Task<Frames> ReadAsync(
        MediaTools tools, MediaInfo media, TimeRange? range, FrameRequest request, CancellationToken cancellation = default) =>
        request.Whole
            ? tools.ReadWholeFramesAsync(media, request.Count, request.Side, range, cancellation)
            : tools.ReadFramesAsync(media, request.Count, range, request.Side, request.Side, cancellation);

    /// <summary>The pictures as encoders take them, over the same memory.</summary>
    public static VideoFrames ToVideoFrames(Frames frames) => new(frames.Rgb, frames.Count, frames.Width, frames.Height);
}
