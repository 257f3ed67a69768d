namespace Affekt;

/// <summary>Logits as probabilities.</summary>
public static class Softmax
{
    /// <summary>softmax(logits / temperature); the greatest logit is subtracted first, so that no exponential overflows.</summary>
    /// <param name="logits">Finite logits or log-probabilities, at least one.</param>
    /// <param name="temperature">Above 0; 1 changes nothing.</param>
    public static double[] Of(IReadOnlyList<double> logits, double temperature = 1)
    {
        double largest = logits.Max();
        double[] exponentials = [.. logits.Select(logit => Math.Exp((logit - largest) / temperature))];
        double sum = exponentials.Sum();
        return Array.ConvertAll(exponentials, exponential => exponential / sum);
    }

    /// <summary>The cross-entropy of one row: -log softmax(logits)[truth].</summary>
    /// <param name="logits">Finite logits.</param>
    /// <param name="truth">The right one's index.</param>
    public static double CrossEntropy(IReadOnlyList<double> logits, int truth)
    {
        double largest = logits.Max();
        return largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest))) - logits[truth];
    }
}
