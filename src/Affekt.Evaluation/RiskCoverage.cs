namespace Affekt.Evaluation;

/// <summary>What happens when a model answers only from some confidence on.</summary>
/// <param name="Threshold">It answers where its confidence is this or more.</param>
/// <param name="Coverage">The share of utterances that it then answers, above 0 and up to 1.</param>
/// <param name="Risk">The share of wrong answers among those.</param>
public sealed record RiskCoveragePoint(double Threshold, double Coverage, double Risk);

/// <summary>The trade between answering more and erring less, in a few numbers.</summary>
/// <param name="Aurc">
/// The area under the curve of risk over coverage: the mean risk over all coverages (Geifman and El-Yaniv, 2017). Less is better;
/// a model whose confidence tells nothing has its share of wrong answers here.
/// </param>
/// <param name="Points">The curve at each tenth of coverage, or the next coverage that equal confidences allow.</param>
public sealed record RiskCoverageReport(double Aurc, IReadOnlyList<RiskCoveragePoint> Points)
{
    private const int Tenths = 10;

    /// <summary>Measures predictions; at least one.</summary>
    public static RiskCoverageReport Of(IReadOnlyList<Prediction> predictions)
    {
        IReadOnlyList<RiskCoveragePoint> curve = RiskCoverage.Curve(predictions);
        double area = 0, covered = 0;
        foreach (RiskCoveragePoint point in curve)
        {
            area += (point.Coverage - covered) * point.Risk;
            covered = point.Coverage;
        }

        return new RiskCoverageReport(area, [.. Enumerable.Range(1, Tenths).Select(Point).Distinct()]);

        // The last point covers all, whatever rounding says.
        RiskCoveragePoint Point(int tenth) =>
            curve.FirstOrDefault(point => point.Coverage * Tenths >= tenth - 1e-9) ?? curve[^1];
    }
}

/// <summary>The trade between answering more and erring less.</summary>
public static class RiskCoverage
{
    /// <summary>
    /// One point per confidence that occurs, from the highest down, so by rising coverage; the last covers all.
    /// </summary>
    public static IReadOnlyList<RiskCoveragePoint> Curve(IReadOnlyList<Prediction> predictions)
    {
        List<RiskCoveragePoint> curve = [];
        int answered = 0;
        int wrong = 0;
        foreach (IGrouping<double, Prediction> equal in predictions.GroupBy(p => p.Confidence).OrderByDescending(ps => ps.Key))
        {
            answered += equal.Count();
            wrong += equal.Count(p => !p.IsRight);
            curve.Add(new RiskCoveragePoint(equal.Key, (double)answered / predictions.Count, (double)wrong / answered));
        }

        return curve;
    }

    /// <summary>
    /// The point with the largest coverage whose risk is at most the stated one; null where there is none. The risk is
    /// that of the given predictions: choose on dev, and report what test then shows.
    /// </summary>
    /// <param name="curve">From <see cref="Curve"/>.</param>
    /// <param name="maximumRisk">0 to 1.</param>
    public static RiskCoveragePoint? Choose(IReadOnlyList<RiskCoveragePoint> curve, double maximumRisk) =>
        curve.LastOrDefault(point => point.Risk <= maximumRisk);
}
