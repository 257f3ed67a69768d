namespace Affekt.Evaluation;

/// <summary>Whether a model is right as often as it says, before and after its temperatures.</summary>
/// <param name="EceBefore">The calibration error without temperatures; null where the predictions do not tell theirs.</param>
/// <param name="EceAfter">The calibration error of the probabilities as they are given.</param>
/// <param name="EceByChance">See <see cref="Calibration.ExpectedErrorByChance"/>.</param>
/// <param name="L2WithoutChance">
/// The root of <see cref="Calibration.SquaredErrorWithoutChance"/>, 0 where that is below 0; null where it cannot be told.
/// </param>
/// <param name="Before">The bands of confidence without temperatures; null likewise.</param>
/// <param name="After">The bands as given.</param>
public sealed record ReliabilityReport(
    double? EceBefore, double EceAfter, double EceByChance, double? L2WithoutChance, IReadOnlyList<ReliabilityBin>? Before,
    IReadOnlyList<ReliabilityBin> After)
{
    /// <summary>Measures predictions.</summary>
    /// <exception cref="EvaluationException">There are none.</exception>
    public static ReliabilityReport Of(IReadOnlyList<Prediction> predictions)
    {
        Prediction[]? before = predictions.All(prediction => prediction.Temperature is not null)
            ? [.. predictions.Select(prediction => prediction.Uncalibrated())]
            : null;
        return new ReliabilityReport(
            before is null ? null : Calibration.ExpectedError(before),
            Calibration.ExpectedError(predictions),
            Calibration.ExpectedErrorByChance(predictions),
            Calibration.Reliability(predictions).Any(bin => bin.Count > 1)
                ? Math.Sqrt(Math.Max(0, Calibration.SquaredErrorWithoutChance(predictions)))
                : null,
            before is null ? null : Calibration.Reliability(before),
            Calibration.Reliability(predictions));
    }
}
