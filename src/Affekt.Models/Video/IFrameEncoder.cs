namespace Affekt.Models.Video;

/// <summary>
/// Turns the pictures of an utterance into features, one vector for each. Pictures that cannot be used are a result, never an
/// exception. For use by one thread at a time.
/// </summary>
public interface IFrameEncoder : IDisposable
{
    /// <summary>Features of a frame.</summary>
    int Width { get; }

    /// <summary>The pictures that it wants.</summary>
    FrameRequest Frames { get; }

    /// <summary>The features of an utterance's pictures, in their order.</summary>
    /// <param name="frames">As <see cref="Frames"/> says; or none, which gives features that say so.</param>
    FrameFeatures Encode(VideoFrames frames);
}

/// <summary>The pictures that a frame encoder wants of an utterance, spread evenly over its stretch.</summary>
/// <param name="Count">Pictures, 1 or more.</param>
/// <param name="Side">
/// Pixels: width and height of a square that is cut from the center after the shorter side was scaled to it; of whole pictures
/// the most that the longer side may have.
/// </param>
/// <param name="Whole">Whether the pictures stay whole, for an encoder that looks for faces itself.</param>
public sealed record FrameRequest(int Count, int Side, bool Whole);
