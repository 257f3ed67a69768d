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
