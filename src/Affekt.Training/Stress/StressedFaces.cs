namespace Affekt.Training.Stress;

/// <summary>What happens to a face in front of a camera: square gray pictures [side, side], row-major.</summary>
internal static class StressedFaces
{
    /// <summary>The conditions by name; the first leaves a picture as it is.</summary>
    public static IReadOnlyList<(string Name, Func<float[], int, float[]> Make)> Conditions { get; } =
    [
        ("as they are", (face, _) => face),
        ("scaled to 40 px", (face, side) => Resize(Resize(face, side, 40), 40, side)),
        ("scaled to 24 px", (face, side) => Resize(Resize(face, side, 24), 24, side)),
        ("dark (a fifth of the light)", (face, _) => Array.ConvertAll(face, gray => MathF.Round(gray / 5))),
        ("blurred (deviation of 3 % of the width)", (face, side) => Blur(face, side, 0.03 * side)),
        ("turned by 20 degrees", (face, side) => Turn(face, side, 20)),
        ("turned by -20 degrees", (face, side) => Turn(face, side, -20)),
    ];

    /// <summary>A picture of another size: means over areas where it gets smaller, bilinear where larger.</summary>
    public static float[] Resize(float[] from, int side, int target)
    {
        float[] to = new float[target * target];
        double scale = (double)side / target;
        int samples = Math.Max(1, (int)Math.Ceiling(scale * 2));
        for (int y = 0; y < target; y++)
        {
            for (int x = 0; x < target; x++)
            {
                double sum = 0;
                for (int j = 0; j < samples; j++)
                {
                    for (int i = 0; i < samples; i++)
                        sum += At(from, side, ((x + ((i + 0.5) / samples)) * scale) - 0.5, ((y + ((j + 0.5) / samples)) * scale) - 0.5);
                }

                to[(y * target) + x] = (float)(sum / (samples * samples));
            }
        }

        return to;
    }

    private static float[] Turn(float[] from, int side, double degrees)
    {
        (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
        double middle = (side - 1) / 2.0;
        float[] to = new float[side * side];
        for (int i = 0; i < to.Length; i++)
        {
            double x = (i % side) - middle, y = (i / side) - middle;
            to[i] = (float)At(from, side, (cosine * x) + (sine * y) + middle, (cosine * y) - (sine * x) + middle);
        }

        return to;
    }

    private static float[] Blur(float[] from, int side, double deviation)
    {
        int reach = (int)Math.Ceiling(3 * deviation);
        double[] kernel = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(i => Math.Exp(-0.5 * i * i / (deviation * deviation)))];
        double sum = kernel.Sum();
        float[] rows = new float[from.Length], both = new float[from.Length];
        for (int i = 0; i < from.Length; i++)
            rows[i] = (float)(kernel.Index().Sum(tap => tap.Item * At(from, side, (i % side) + tap.Index - reach, i / side)) / sum);
        for (int i = 0; i < from.Length; i++)
            both[i] = (float)(kernel.Index().Sum(tap => tap.Item * At(rows, side, i % side, (i / side) + tap.Index - reach)) / sum);
        return both;
    }

    // Bilinear; beyond the edge the edge goes on.
    private static double At(float[] from, int side, double x, double y)
    {
        x = Math.Clamp(x, 0, side - 1);
        y = Math.Clamp(y, 0, side - 1);
        int left = (int)x, top = (int)y, right = Math.Min(left + 1, side - 1), bottom = Math.Min(top + 1, side - 1);
        double across = x - left, down = y - top;
        double upper = from[(top * side) + left] + (across * (from[(top * side) + right] - from[(top * side) + left]));
        double lower = from[(bottom * side) + left] + (across * (from[(bottom * side) + right] - from[(bottom * side) + left]));
        return upper + (down * (lower - upper));
    }
}
