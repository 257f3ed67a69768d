namespace Affekt.Training.Sounds;

/// <summary>Mean and standard deviation of features.</summary>
internal static class FeatureStatistics
{
    // Below this a feature does not vary, and is not divided by its deviation's rounding error.
    private const double LeastVariance = 1e-8;

    /// <summary>Of each feature over some vectors; 0 and 1 where there are none.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="width">Their length.</param>
    public static (float[] Mean, float[] Deviation) Of(IEnumerable<float[]> vectors, int width)
    {
        double[] sum = new double[width], squares = new double[width];
        long n = 0;
        foreach (float[] vector in vectors)
        {
            n++;
            for (int i = 0; i < width; i++)
            {
                sum[i] += vector[i];
                squares[i] += (double)vector[i] * vector[i];
            }
        }

        return n == 0
            ? (new float[width], [.. Enumerable.Repeat(1f, width)])
            : (
                Array.ConvertAll(sum, total => (float)(total / n)),
                [.. squares.Select((total, i) => (float)Math.Sqrt(Math.Max(LeastVariance, (total / n) - Math.Pow(sum[i] / n, 2))))]);
    }
}
