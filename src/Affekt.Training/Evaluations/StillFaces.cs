using Affekt.Corpora;
using Affekt.Models.Video;
using Affekt.Training.Expression;

namespace Affekt.Training.Evaluations;

/// <summary>FER2013's faces as utterances' pictures: each a clip in which the face, which fills the picture, stays as it is.</summary>
internal static class StillFaces
{
    private const int AtOnce = 512;

    /// <summary>The features of a split's faces.</summary>
    /// <param name="root">FER2013's folder or zip file.</param>
    /// <param name="faces">Utterances of that corpus.</param>
    /// <param name="encoder">The frame encoder.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<Dictionary<string, FrameFeatures>> ReadAsync(
        string root, IReadOnlyList<Utterance> faces, FaceEncoder encoder, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellation)
    {
        const int Pixels = ExpressionEncoder.Side * ExpressionEncoder.Side;
        FacePictures pictures = await FacePictures.ReadAsync(root, faces, ExpressionEncoder.Side, cancellation).ConfigureAwait(false);
        faces = pictures.Faces;
        Dictionary<string, FrameFeatures> features = [];
        while (features.Count < faces.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            int start = features.Count, count = Math.Min(AtOnce, faces.Count - start);
            FrameFeatures once = encoder.EncodeFaces(pictures.Gray.AsSpan(start * Pixels, count * Pixels));
            for (int i = 0; i < count; i++)
                features.Add(faces[start + i].Id, Still(once, i, encoder.Width));
            progress?.Report(new EvaluationProgress("pictures", features.Count, faces.Count));
        }

        foreach (Utterance face in pictures.Unreadable)
            features.Add(face.Id, FrameFeatures.Unusable(FaceEncoder.FrameCount, "the picture cannot be read"));
        return features;
    }

    /// <summary>One of the faces that were read at once, as a clip in which it stays as it is.</summary>
    internal static FrameFeatures Still(FrameFeatures once, int face, int width)
    {
        if (!once.Present[face])
            return FrameFeatures.Unusable(FaceEncoder.FrameCount, once.Reason ?? "the face cannot be read");
        ReadOnlySpan<float> values = once.Values.AsSpan(face * width, width);
        float[] repeated = new float[FaceEncoder.FrameCount * width];
        for (int frame = 0; frame < FaceEncoder.FrameCount; frame++)
            values.CopyTo(repeated.AsSpan(frame * width));
        return new FrameFeatures(repeated, [.. Enumerable.Repeat(true, FaceEncoder.FrameCount)], null, []);
    }
}
