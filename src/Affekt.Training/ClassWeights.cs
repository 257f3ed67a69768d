namespace Affekt.Training;

/// <summary>Weights that make rare classes count more in a loss.</summary>
public static class ClassWeights
{
    /// <summary>
    /// (n / (C n_c))^exponent for each of C classes: 0 leaves all at 1, 1 makes the classes count the same. A class without
    /// examples gets 0.
    /// </summary>
    /// <param name="labels">The label of each example.</param>
    /// <param name="exponent">0 or more.</param>
    /// <param name="classes">How many labels there are; the seven emotions where not given.</param>
    public static float[] Of(IEnumerable<int> labels, double exponent, int classes = Emotions.Count)
    {
        int[] counts = new int[classes];
        foreach (int label in labels)
            counts[label]++;
        double n = counts.Sum();
        return [.. counts.Select(count => count == 0 ? 0f : (float)Math.Pow(n / (classes * count), exponent))];
    }
}
