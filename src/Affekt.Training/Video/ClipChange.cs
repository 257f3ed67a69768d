using Affekt.Media;
using Affekt.Torch;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>One draw of <see cref="ClipChanges"/>, for one clip.</summary>
/// <param name="Flip">Whether left and right are swapped.</param>
/// <param name="Size">The share of the side that is cut out.</param>
/// <param name="Left">Where it is cut out, from the left edge 0 to the right edge 1.</param>
/// <param name="Top">Where it is cut out, from the upper edge 0 to the lower edge 1.</param>
/// <param name="Brightness">Factor on all pixels.</param>
/// <param name="Contrast">Factor on their distance from the clip's mean.</param>
/// <param name="Saturation">Factor on their distance from gray.</param>
/// <param name="TimeAtStart">What the stretch loses at its start, in distances between two pictures.</param>
/// <param name="TimeAtEnd">What it loses at its end.</param>
internal sealed record ClipChange(
    bool Flip, double Size, double Left, double Top, double Brightness, double Contrast, double Saturation,
    double TimeAtStart, double TimeAtEnd)
{
    // Weights of red, green and blue in brightness (ITU-R BT.601).
    private static readonly float[] _gray = [0.299f, 0.587f, 0.114f];

    /// <summary>Pictures as they are.</summary>
    public static ClipChange None { get; } = new(false, 1, 0, 0, 1, 1, 1, 0, 0);

    public static ClipChange Draw(ClipChanges changes, Random random)
    {
        return new ClipChange(
            random.NextDouble() < changes.Flip, 1 - ((1 - changes.Crop) * random.NextDouble()), random.NextDouble(), random.NextDouble(),
            Factor(), Factor(), Factor(), changes.Time * random.NextDouble(), changes.Time * random.NextDouble());

        double Factor() => 1 + (changes.Color * ((2 * random.NextDouble()) - 1));
    }

    /// <summary>The stretch that the pictures are taken from.</summary>
    public TimeRange Of(TimeRange stretch, int pictures)
    {
        TimeSpan apart = stretch.Length / pictures;
        return new TimeRange(stretch.Start + (apart * TimeAtStart), stretch.End - (apart * TimeAtEnd));
    }

    /// <summary>Pixels [1, 3, T, H, W] in [0, 1] to the same.</summary>
    public Tensor Of(Tensor pixels)
    {
        if (this == None)
            return pixels;
        using TensorScope scope = new();
        long height = pixels.Shape[3], width = pixels.Shape[4];
        if (Size < 1)
        {
            long high = Math.Max(1, (long)Math.Round(height * Size)), wide = Math.Max(1, (long)Math.Round(width * Size));
            Tensor cut_THW = pixels.Narrow(3, (long)(Top * (height - high)), high).Narrow(4, (long)(Left * (width - wide)), wide)
                .Squeeze(0).Transpose(0, 1);
            pixels = Operator.Get("aten::upsample_bilinear2d")
                .Call(cut_THW, new[] { height, width }, false, default, default).Transpose(0, 1).Unsqueeze(0);
        }

        if (Flip)
            pixels = Operator.Get("aten::flip").Call(pixels, new long[] { 4 });
        Tensor gray = (pixels * Tensor.From<float>(_gray, 3).Reshape(1, 3, 1, 1, 1)).Sum(1, keep: true);
        pixels = (gray * (1 - Saturation)) + (pixels * Saturation);
        Tensor mean = gray.Mean().Reshape(1, 1, 1, 1, 1);
        pixels = ((mean * (1 - Contrast)) + (pixels * Contrast)) * Brightness;
        return scope.Keep(pixels.Clamp(0, 1));
    }
}
