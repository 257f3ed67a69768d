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
}
