namespace Affekt.Training;

/// <summary>Weights that make rare classes count more in a loss.</summary>
public static class ClassWeights
{
    /// <summary>
    /// (n / (7 n_c))^exponent for each class: 0 leaves all at 1, 1 makes the classes count the same. A class without
    /// examples gets 0.
    /// </summary>
    public static float[] Of(IEnumerable<int> labels, double exponent)
    {
        int[] counts = new int[Emotions.Count];
        foreach (int label in labels)
            counts[label]++;
        double n = counts.Sum();
        return [.. counts.Select(count => count == 0 ? 0f : (float)Math.Pow(n / (Emotions.Count * count), exponent))];
    }
}
