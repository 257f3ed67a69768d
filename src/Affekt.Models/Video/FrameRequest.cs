namespace Affekt.Models.Video;

/// <summary>The pictures that a frame encoder wants of an utterance, spread evenly over its stretch.</summary>
/// <param name="Count">Pictures, 1 or more.</param>
/// <param name="Side">
/// Pixels: width and height of a square that is cut from the center after the shorter side was scaled to it; of whole pictures
/// the most that the longer side may have.
/// </param>
/// <param name="Whole">Whether the pictures stay whole, for an encoder that looks for faces itself.</param>
public sealed record FrameRequest(int Count, int Side, bool Whole);
