using System.Globalization;
using System.Numerics.Tensors;

namespace Affekt.Recognition;

/// <summary>Whether samples are within [-1, 1], more or less.</summary>
internal static class SampleScale
{
    // Loud recordings go a little beyond 1; whole numbers of 16 bits that were never divided go far beyond, and a voice in them is heard
    // otherwise than it is.
    private const float Most = 32;

    /// <exception cref="ArgumentException">They are far beyond. What is no number is for models to tell.</exception>
    public static void Check(ReadOnlySpan<float> samples, string name)
    {
        float largest = samples.IsEmpty ? 0 : TensorPrimitives.MaxMagnitude(samples);
        if (float.IsFinite(largest) && Math.Abs(largest) > Most)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"found a sample of {largest:0.###}, expected samples within [-1, 1]; those of 16 bits are divided by 32768"), name);
        }
    }
}
