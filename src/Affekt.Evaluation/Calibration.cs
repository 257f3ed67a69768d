namespace Affekt.Evaluation;

/// <summary>The predictions whose confidence lies within one band.</summary>
/// <param name="Low">The band's lower end, not part of it (0 is).</param>
/// <param name="High">Its upper end, part of it.</param>
/// <param name="Count">How many predictions lie in it.</param>
/// <param name="Confidence">Their mean confidence; 0 where there are none.</param>
/// <param name="Accuracy">The share of them that is right; 0 where there are none.</param>
public sealed record ReliabilityBin(double Low, double High, int Count, double Confidence, double Accuracy);

/// <summary>Whether a model is right as often as its confidence says.</summary>
public static class Calibration
{
    /// <summary>How many bands of equal width confidence is cut into.</summary>
    public const int Bins = 15;

    /// <summary>The bands from 0 to 1, empty ones included.</summary>
    public static IReadOnlyList<ReliabilityBin> Reliability(IReadOnlyList<Prediction> predictions)
    {
        ILookup<int, Prediction> banded = predictions.ToLookup(p => Math.Max((int)Math.Ceiling(p.Confidence * Bins) - 1, 0));
        return
        [
            .. Enumerable.Range(0, Bins).Select(bin =>
            {
                Prediction[] inside = [.. banded[bin]];
                return new ReliabilityBin(
                    (double)bin / Bins,
                    (bin + 1.0) / Bins,
                    inside.Length,
                    inside.Select(p => p.Confidence).DefaultIfEmpty().Average(),
                    inside.Select(p => p.IsRight ? 1.0 : 0.0).DefaultIfEmpty().Average());
            }),
        ];
    }

    /// <summary>
    /// Expected calibration error of the top answer: the gap between confidence and accuracy, band by band, weighted by
    /// how many predictions each band holds. 0 is perfect.
    /// </summary>
    /// <exception cref="EvaluationException">There are no predictions.</exception>
    public static double ExpectedError(IReadOnlyList<Prediction> predictions) => predictions.Count > 0
        ? Reliability(predictions).Sum(bin => bin.Count * Math.Abs(bin.Confidence - bin.Accuracy)) / predictions.Count
        : throw new EvaluationException("found no predictions, expected at least one");

    /// <summary>
    /// What <see cref="ExpectedError"/> would be on average if confidence were right: with few predictions in a band their share of
    /// right answers strays from any confidence, so an error of this size says nothing against the model. Right answers in a band
    /// are taken for draws with its mean confidence, whose mean deviation has a closed form (De Moivre; Diaconis and Zabell, 1991).
    /// </summary>
    /// <exception cref="EvaluationException">There are no predictions.</exception>
    public static double ExpectedErrorByChance(IReadOnlyList<Prediction> predictions) => predictions.Count > 0
        ? Reliability(predictions).Sum(bin => MeanDeviation(bin.Count, bin.Confidence)) / predictions.Count
        : throw new EvaluationException("found no predictions, expected at least one");

    /// <summary>
    /// The mean square of the gap between confidence and accuracy, band by band, less what chance adds to it (Kumar, Liang and Ma,
    /// 2019, "Verified uncertainty calibration"): on average the same from few predictions as from many. Below 0 where the gaps are smaller
    /// than chance makes them. A band of one prediction says nothing and is left out.
    /// </summary>
    /// <returns>In squares of a share: 0.0025 is a gap of 0.05.</returns>
    /// <exception cref="EvaluationException">No band has two predictions.</exception>
    public static double SquaredErrorWithoutChance(IReadOnlyList<Prediction> predictions)
    {
        ReliabilityBin[] bins = [.. Reliability(predictions).Where(bin => bin.Count > 1)];
        double sum = bins.Sum(bin => bin.Count
            * (Math.Pow(bin.Confidence - bin.Accuracy, 2) - (bin.Accuracy * (1 - bin.Accuracy) / (bin.Count - 1))));
        return bins.Length > 0
            ? sum / bins.Sum(bin => bin.Count)
            : throw new EvaluationException("found no two predictions of like confidence, expected some");
    }

    // E|X - np| = 2 v C(n, v) p^v (1 - p)^(n - v + 1) with v = floor(np) + 1, for X binomial.
    private static double MeanDeviation(int n, double p)
    {
        if (n == 0 || p is <= 0 or >= 1)
            return 0;
        int v = (int)Math.Floor(n * p) + 1;
        double logarithm = Math.Log(2 * v) + (v * Math.Log(p)) + ((n - v + 1) * Math.Log(1 - p));
        for (int i = 1; i <= v; i++)
            logarithm += Math.Log(n - v + i) - Math.Log(i);
        return Math.Exp(logarithm);
    }
}
