namespace Affekt.Models.Video;

/// <summary>What a frame encoder made of the pictures of one utterance.</summary>
/// <param name="Values">
/// Features [frames, width], row-major, finite everywhere, 0 in the rows of frames that cannot be used; null where none can.
/// </param>
/// <param name="Present">For each frame whether it can be used.</param>
/// <param name="Reason">Why no frame can be used, for a person to read ("no face in 8 of 8 frames"); null where one can.</param>
/// <param name="Faces">For each frame the faces in it, the one that was followed first; empty where none was looked for.</param>
public sealed record FrameFeatures(
    float[]? Values, IReadOnlyList<bool> Present, string? Reason, IReadOnlyList<IReadOnlyList<FaceBox>> Faces)
{
    /// <summary>How many frames can be used.</summary>
    public int Usable => Present.Count(present => present);

    /// <summary>
    /// Whether all frames show the same picture, as those of a picture file do: a photograph, where nobody speaks. One frame alone does not
    /// tell: a short utterance has no more before a camera.
    /// </summary>
    public bool IsStill
    {
        get
        {
            // What a network makes of the same picture in another place of a batch differs by rounding.
            const float Rounding = 1e-4f;
            if (Values is not { } values || Present.Count < 2 || Usable < Present.Count)
                return false;
            int width = values.Length / Present.Count;
            for (int i = width; i < values.Length; i++)
            {
                float first = values[i % width];
                if (Math.Abs(values[i] - first) > Rounding * (1 + Math.Abs(first)))
                    return false;
            }

            return true;
        }
    }

    /// <summary>Features of an utterance of which no frame can be used.</summary>
    /// <param name="frames">Frames that were looked at.</param>
    /// <param name="reason">Why, for a person to read.</param>
    /// <param name="faces">For each frame the faces in it; none where null.</param>
    public static FrameFeatures Unusable(int frames, string reason, IReadOnlyList<IReadOnlyList<FaceBox>>? faces = null) =>
        new(null, new bool[frames], reason, faces ?? []);
}

/// <summary>Where a face is. Lengths are fractions of the picture's width and height; (0, 0) is its upper left corner.</summary>
/// <param name="Left">The left edge, in [0, 1].</param>
/// <param name="Top">The upper edge, in [0, 1].</param>
/// <param name="Width">The width, above 0.</param>
/// <param name="Height">The height, above 0.</param>
/// <param name="Score">How sure the detector is, in [0, 1].</param>
public readonly record struct FaceBox(float Left, float Top, float Width, float Height, float Score);
