namespace Affekt.Models.Persons;

/// <summary>Draws squares of pictures in color, as the networks over faces want them.</summary>
internal static class FacePatch
{
    // So many points in each pixel's row are enough for a face that fills a picture of 640 pixels.
    private const int MostPoints = 4;

    /// <summary>
    /// Draws a square. Each pixel is the mean over the part of the picture that it covers; what lies outside the picture repeats its
    /// edge.
    /// </summary>
    /// <param name="picture">[row, column, (red, green, blue)].</param>
    /// <param name="width">Pixels in the picture's row.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="square">Where it lies, in pixels.</param>
    /// <param name="target">Receives values 0 to 255, [size, size, 3].</param>
    /// <param name="size">Pixels of the result's side.</param>
    public static void Draw(ReadOnlySpan<byte> picture, int width, int height, FaceSquare square, Span<float> target, int size)
    {
        const int Colors = 3;
        double step = square.Side / size;
        int points = Math.Clamp((int)Math.Ceiling(step), 1, MostPoints);

        // Columns are the same in each row.
        int[] lefts = new int[size * points];
        float[] shares = new float[size * points];
        for (int i = 0; i < lefts.Length; i++)
        {
            double x = Math.Clamp(square.Left + ((i + 0.5) * step / points) - 0.5, 0, width - 1);
            lefts[i] = Math.Min((int)x, Math.Max(0, width - 2));
            shares[i] = (float)(x - lefts[i]);
        }

        int next = width > 1 ? Colors : 0;
        float[] sums = new float[size * Colors];
        for (int row = 0; row < size; row++)
        {
            Array.Clear(sums);
            for (int point = 0; point < points; point++)
            {
                double y = Math.Clamp(square.Top + ((row + ((point + 0.5) / points)) * step) - 0.5, 0, height - 1);
                int top = Math.Min((int)y, Math.Max(0, height - 2));
                float below = (float)(y - top);
                ReadOnlySpan<byte> upper = picture.Slice(top * width * Colors, width * Colors);
                ReadOnlySpan<byte> lower = picture.Slice(Math.Min(top + 1, height - 1) * width * Colors, width * Colors);
                for (int i = 0; i < lefts.Length; i++)
                {
                    int at = lefts[i] * Colors, sum = i / points * Colors;
                    float right = shares[i];
                    for (int color = 0; color < Colors; color++, at++)
                    {
                        float above = upper[at] + ((upper[at + next] - upper[at]) * right);
                        float under = lower[at] + ((lower[at + next] - lower[at]) * right);
                        sums[sum + color] += above + ((under - above) * below);
                    }
                }
            }

            float scale = 1f / (points * points);
            Span<float> drawn = target.Slice(row * size * Colors, size * Colors);
            for (int i = 0; i < drawn.Length; i++)
                drawn[i] = sums[i] * scale;
        }
    }
}

/// <summary>A square in a picture, in pixels; it may reach beyond the picture.</summary>
/// <param name="Left">The left edge.</param>
/// <param name="Top">The upper edge.</param>
/// <param name="Side">The side, above 0.</param>
internal readonly record struct FaceSquare(double Left, double Top, double Side);
