namespace Affekt.Training;

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

    /// <summary>How far from the mean a share of vectors is at most: the root of the mean square of their standardized features.</summary>
    /// <param name="vectors">The vectors; at least one.</param>
    /// <param name="mean">Each feature's mean.</param>
    /// <param name="deviation">Its standard deviation.</param>
    /// <param name="largest">Standardized features beyond this count as this.</param>
    /// <param name="share">The share that is as far or nearer, in (0, 1].</param>
    public static double Distance(IReadOnlyList<float[]> vectors, float[] mean, float[] deviation, double largest, double share)
    {
        double[] distances = [.. vectors.Select(vector => Math.Sqrt(
            vector.Select((value, i) => Math.Pow(Math.Clamp((value - mean[i]) / deviation[i], -largest, largest), 2)).Average())).Order()];
        return distances[Math.Max(0, (int)Math.Ceiling(share * distances.Length) - 1)];
    }
}
