namespace Affekt.Evaluation;

/// <summary>
/// Calibration by one number: logits are divided by a temperature, which changes how sure a model is but never its
/// answer.
/// </summary>
public static class TemperatureScaling
{
    /// <summary>The lowest temperature that is fitted; a model that is always right would otherwise get 0.</summary>
    public const double Lowest = 0.05;

    /// <summary>The highest temperature that is fitted.</summary>
    public const double Highest = 20;

    // Halving the interval this often leaves nothing of a double's 53 bits.
    private const int Halvings = 64;

    /// <summary>
    /// Finds the temperature with the least mean negative log-likelihood, from <see cref="Lowest"/> to
    /// <see cref="Highest"/>. Fit it on dev, never on test.
    /// </summary>
    /// <param name="logits">Per utterance as many finite logits or log-probabilities, in label order.</param>
    /// <param name="truth">The index of each utterance's label, from 0.</param>
    /// <exception cref="EvaluationException">
    /// There are none, the numbers differ, or a logit is missing or not finite.
    /// </exception>
    public static double Fit(IReadOnlyList<IReadOnlyList<double>> logits, IReadOnlyList<int> truth)
    {
        Check(logits, truth);

        // In the inverse temperature the loss is convex, so its slope has at most one zero, and halving cannot miss it.
        double low = 1 / Highest;
        double high = 1 / Lowest;
        if (Slope(logits, truth, low) >= 0)
            return Highest;

        if (Slope(logits, truth, high) <= 0)
            return Lowest;

        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Slope(logits, truth, middle) < 0 ? (middle, high) : (low, middle);
        }

        return 2 / (low + high);
    }

    // d loss / d inverse temperature: the logit that the model expects less the logit of the label, summed.
    private static double Slope(IReadOnlyList<IReadOnlyList<double>> logits, IReadOnlyList<int> truth, double inverse)
    {
        double slope = 0;
        for (int i = 0; i < logits.Count; i++)
        {
            double expected = Softmax.Of(logits[i], 1 / inverse).Zip(logits[i], (probability, logit) => probability * logit).Sum();
            slope += expected - logits[i][truth[i]];
        }

        return slope;
    }

    private static void Check(IReadOnlyList<IReadOnlyList<double>> logits, IReadOnlyList<int> truth)
    {
        if (logits.Count == 0 || logits.Count != truth.Count)
            throw new EvaluationException($"found {logits.Count} rows of logits and {truth.Count} labels, expected as many, and some");

        for (int i = 0; i < logits.Count; i++)
        {
            if (logits[i].Count != logits[0].Count || truth[i] < 0 || truth[i] >= logits[i].Count || !logits[i].All(double.IsFinite))
            {
                throw new EvaluationException(FormattableString.Invariant(
                    $"row {i}: found [{string.Join(", ", logits[i])}], expected {logits[0].Count} finite logits, one of them of label {truth[i]}"));
            }
        }
    }
}
