namespace Affekt.Evaluation;

/// <summary>How one part of a model does, or one way of joining its parts; every score is a fraction of 1.</summary>
/// <param name="Name">"audio-text", "video", "deep fusion" or "late fusion".</param>
/// <param name="N">How many utterances were evaluated: those that this part can answer.</param>
/// <param name="Skipped">How many were not because they lack its input or a label.</param>
public sealed record RowScores(string Name, int N, int Skipped)
{
    /// <summary>See <see cref="Scores.Accuracy"/>; null where nothing was evaluated.</summary>
    public double? Accuracy { get; init; }

    /// <summary>See <see cref="Scores.WeightedF1"/>; null where nothing was evaluated.</summary>
    public double? WeightedF1 { get; init; }

    /// <summary>See <see cref="Scores.MacroF1"/>; null where nothing was evaluated.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>See <see cref="Scores.Uar"/>; null where nothing was evaluated.</summary>
    public double? Uar { get; init; }

    /// <summary>See <see cref="Calibration.ExpectedError"/>; null where nothing was evaluated.</summary>
    public double? Ece { get; init; }

    /// <summary>95 % bootstrap intervals, resampled by dialogue; null where nothing was evaluated.</summary>
    public ScoreIntervals? Ci95 { get; init; }

    /// <summary>Scores of predictions.</summary>
    public static RowScores Of(string name, IReadOnlyList<Prediction> predictions, int skipped)
    {
        RowScores row = new(name, predictions.Count, skipped);
        if (predictions.Count == 0)
            return row;
        Scores scores = Prediction.Confusion(predictions).Score();
        return row with
        {
            Accuracy = scores.Accuracy,
            WeightedF1 = scores.WeightedF1,
            MacroF1 = scores.MacroF1,
            Uar = scores.Uar,
            Ece = Calibration.ExpectedError(predictions),
            Ci95 = Bootstrap.Intervals(predictions),
        };
    }
}
