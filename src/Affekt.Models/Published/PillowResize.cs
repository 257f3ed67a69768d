namespace Affekt.Models.Published;

/// <summary>
/// Resizes pictures as Pillow does, to the same bytes: each direction by itself, rows first, with a filter that widens as the picture shrinks,
/// in fixed point, rounded to 8 bits after each direction.
/// </summary>
public static class PillowResize
{
    // Pillow's: 8 bits of a pixel, and 2 for filters that go beyond one.
    private const int PrecisionBits = 32 - 8 - 2;

    /// <summary>A picture of another size.</summary>
    /// <param name="rgb">[row, column, (red, green, blue)].</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="newWidth">Wanted pixels in a row.</param>
    /// <param name="newHeight">Wanted rows.</param>
    /// <param name="filter">Pillow's number of the filter: 0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic, 4 box, 5 Hamming.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such filter.</exception>
    public static byte[] Resize(ReadOnlySpan<byte> rgb, int width, int height, int newWidth, int newHeight, int filter)
    {
        if ((width, height) == (newWidth, newHeight))
            return rgb.ToArray();
        if (filter == 0)
            return Nearest(rgb, width, height, newWidth, newHeight);
        (Func<double, double> weight, double support) = Filter(filter);
        byte[] across = width == newWidth ? rgb.ToArray() : Pass(rgb, height, width, newWidth, 3 * width, 3, 3 * newWidth, 3, weight, support);
        return height == newHeight ? across : Pass(across, newWidth, height, newHeight, 3, 3 * newWidth, 3, 3 * newWidth, weight, support);
    }

    private static (Func<double, double> Weight, double Support) Filter(int filter) => filter switch
    {
        1 => (x => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0, 3),
        2 => (x => Math.Max(0, 1 - Math.Abs(x)), 1),
        3 => (Cubic, 2),
        4 => (x => x is > -0.5 and <= 0.5 ? 1 : 0, 0.5),
        5 => (x => Math.Abs(x) >= 1 ? 0 : Sinc(x) * (0.54 + (0.46 * Math.Cos(x * Math.PI))), 1),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "0 to 5"),
    };

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);

    private static double Cubic(double x)
    {
        const double A = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }

    // One direction: of each line from size to newSize pixels; steps tell how far lines and pixels lie apart, before and after.
    private static byte[] Pass(
        ReadOnlySpan<byte> from, int lines, int size, int newSize, int lineStep, int step, int newLineStep, int newStep,
        Func<double, double> weight, double support)
    {
        byte[] to = new byte[3 * lines * newSize];
        double scale = (double)size / newSize, widened = Math.Max(scale, 1);
        support *= widened;
        double[] shares = new double[((int)Math.Ceiling(support) * 2) + 1];
        int[] weights = new int[shares.Length];
        for (int pixel = 0; pixel < newSize; pixel++)
        {
            double center = (pixel + 0.5) * scale, sum = 0;
            int first = Math.Max(0, (int)(center - support + 0.5));
            int count = Math.Min(size, (int)(center + support + 0.5)) - first;
            for (int i = 0; i < count; i++)
                sum += shares[i] = weight((i + first - center + 0.5) * (1 / widened));
            for (int i = 0; i < count; i++)
            {
                double share = sum == 0 ? shares[i] : shares[i] / sum;
                weights[i] = (int)((share < 0 ? -0.5 : 0.5) + (share * (1 << PrecisionBits)));
            }

            for (int line = 0; line < lines; line++)
            {
                int source = (line * lineStep) + (first * step), target = (line * newLineStep) + (pixel * newStep);
                for (int color = 0; color < 3; color++)
                {
                    int total = 1 << (PrecisionBits - 1);
                    for (int i = 0; i < count; i++)
                        total += from[source + (i * step) + color] * weights[i];
                    to[target + color] = (byte)Math.Clamp(total >> PrecisionBits, 0, 255);
                }
            }
        }

        return to;
    }

    private static byte[] Nearest(ReadOnlySpan<byte> rgb, int width, int height, int newWidth, int newHeight)
    {
        byte[] to = new byte[3 * newWidth * newHeight];
        for (int row = 0; row < newHeight; row++)
        {
            int fromRow = (int)((row + 0.5) * height / newHeight);
            for (int column = 0; column < newWidth; column++)
            {
                int fromColumn = (int)((column + 0.5) * width / newWidth);
                rgb.Slice(3 * ((fromRow * width) + fromColumn), 3).CopyTo(to.AsSpan(3 * ((row * newWidth) + column)));
            }
        }

        return to;
    }
}
