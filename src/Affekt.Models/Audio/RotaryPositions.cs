using Affekt.Torch;

namespace Affekt.Models.Audio;

/// <summary>
/// Rotary position embeddings (Su et al., 2021) over the first 32 of 36 features of a head, in interleaved pairs
/// (2i, 2i+1), with the frequencies 10000^(-2i/32).
/// </summary>
/// <param name="Cosine">[T, 32], each frequency twice.</param>
/// <param name="Sine">[T, 32], each frequency twice.</param>
internal sealed record RotaryPositions(Tensor Cosine, Tensor Sine)
{
    public const int Rotated = 32;
    private const double Base = 10000;

    /// <summary>The rotations of <paramref name="frames"/> frames; made in the caller's scope.</summary>
    public static RotaryPositions For(long frames)
    {
        var cosine = new float[frames * Rotated];
        var sine = new float[frames * Rotated];
        for (int t = 0; t < frames; t++)
        {
            for (int i = 0; i < Rotated; i++)
            {
                float angle = t * (float)Math.Pow(Base, -(i / 2 * 2.0) / Rotated);
                cosine[(t * Rotated) + i] = MathF.Cos(angle);
                sine[(t * Rotated) + i] = MathF.Sin(angle);
            }
        }

        return new RotaryPositions(
            Tensor.From<float>(cosine, frames, Rotated), Tensor.From<float>(sine, frames, Rotated));
    }

    /// <summary>[B, heads, T, 36] to the same, each frame turned by its position.</summary>
    public Tensor Rotate(Tensor x)
    {
        long[] shape = [.. x.Shape];
        Tensor turned = x.Narrow(3, 0, Rotated);
        Tensor pairs = turned.Reshape(shape[0], shape[1], shape[2], Rotated / 2, 2);
        Tensor swapped = Tensor.Stack([pairs.Select(4, 1) * -1, pairs.Select(4, 0)], 4)
            .Reshape(shape[0], shape[1], shape[2], Rotated);
        return Tensor.Concat([(turned * Cosine) + (swapped * Sine), x.Narrow(3, Rotated, shape[3] - Rotated)], 3);
    }
}
