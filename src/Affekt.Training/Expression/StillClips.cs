using Affekt.Models.Video;
using Affekt.Torch;
using Affekt.Training.Recipes;

namespace Affekt.Training.Expression;

/// <summary>Still faces turned into clips, as the expression network's features.</summary>
/// <param name="Features">[n, frames, width].</param>
/// <param name="Labels">The emotion's index for each clip.</param>
internal sealed record StillClips(float[] Features, IReadOnlyList<int> Labels)
{
    private const int Frames = FaceEncoder.FrameCount;

    private static int Width => ExpressionEncoder.Width;

    public int Count => Labels.Count;

    /// <summary>
    /// Clips in which each face goes from one place, size and light to another, in so many different pictures.
    /// </summary>
    public static StillClips Moving(
        Faces faces, int pictures, ExpressionEncoder encoder, FaceAugmentation limits, Random random,
        IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        const int Pixels = ExpressionEncoder.Side * ExpressionEncoder.Side;
        int count = faces.Count;
        float[] features = new float[count * Frames * Width];
        float[] clip = new float[pictures * Pixels];
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            FaceMotion from = FaceMotion.Draw(limits, random), to = FaceMotion.Draw(limits, random);
            for (int picture = 0; picture < pictures; picture++)
            {
                ReadOnlySpan<byte> face = faces.Face(i);
                if (limits.Mouth > 0 && random.NextDouble() < limits.Mouth)
                    face = FaceDisturbance.OpenMouth(face, Faces.Side, random);
                Span<float> target = clip.AsSpan(picture * Pixels, Pixels);
                from.Towards(to, picture / Math.Max(1, pictures - 1.0)).Apply(face, Faces.Side, target, ExpressionEncoder.Side);
                FaceDisturbance.Apply(limits, target, ExpressionEncoder.Side, random);
            }

            float[] different = encoder.Encode(clip);
            for (int frame = 0; frame < Frames; frame++)
                different.AsSpan(frame * pictures / Frames * Width, Width).CopyTo(features.AsSpan(((i * Frames) + frame) * Width));
            progress.Report(new TrainingProgress("clips", 1, 1, i + 1, count, double.NaN, double.NaN));
        }

        return new StillClips(features, faces.Labels);
    }

    /// <summary>Clips in which a face stays as it is: what evaluation sees of a still.</summary>
    public static StillClips Still(Faces faces, ExpressionEncoder encoder)
    {
        float[] once = encoder.Encode(faces.Pixels());
        float[] features = new float[once.Length * Frames];
        for (int i = 0; i < faces.Count * Frames; i++)
            once.AsSpan(i / Frames * Width, Width).CopyTo(features.AsSpan(i * Width));
        return new StillClips(features, faces.Labels);
    }

    /// <summary>The features of some clips, [B, frames, width].</summary>
    public Tensor Batch(ReadOnlySpan<int> clips)
    {
        float[] values = new float[clips.Length * Frames * Width];
        for (int i = 0; i < clips.Length; i++)
            Features.AsSpan(clips[i] * Frames * Width, Frames * Width).CopyTo(values.AsSpan(i * Frames * Width));
        return Tensor.From<float>(values, clips.Length, Frames, Width);
    }
}
