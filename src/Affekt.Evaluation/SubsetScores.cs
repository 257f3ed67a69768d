namespace Affekt.Evaluation;

/// <summary>How a model does with some of the modalities only; every score is a fraction of 1.</summary>
/// <param name="Modalities">Those that it was given: of "text", "audio", "video".</param>
/// <param name="N">How many utterances were evaluated; those that have one of the modalities.</param>
/// <param name="Skipped">How many were not because they have no usable modality or no label.</param>
public sealed record SubsetScores(IReadOnlyList<string> Modalities, int N, int Skipped)
{
    /// <summary>Why there are no scores; null where there are.</summary>
    public string? Note { get; init; }

    /// <summary>See <see cref="Scores.Accuracy"/>; null where there are none.</summary>
    public double? Accuracy { get; init; }

    /// <summary>See <see cref="Scores.WeightedF1"/>; null where there are none.</summary>
    public double? WeightedF1 { get; init; }

    /// <summary>See <see cref="Scores.MacroF1"/>; null where there are none.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>See <see cref="Scores.Uar"/>; null where there are none.</summary>
    public double? Uar { get; init; }

    /// <summary>See <see cref="Calibration.ExpectedError"/>; null where there are none.</summary>
    public double? Ece { get; init; }

    /// <summary>
    /// Of small sets, at most <see cref="MostAnswers"/> utterances, what was answered to each, by id; null for larger ones.
    /// </summary>
    public IReadOnlyDictionary<string, ClipAnswer>? Answers { get; init; }

    /// <summary>Up to so many utterances are listed one by one.</summary>
    public const int MostAnswers = 50;

    /// <summary>Scores of predictions, at least one.</summary>
    /// <exception cref="EvaluationException">There are no predictions.</exception>
    public static SubsetScores Of(IReadOnlyList<string> modalities, IReadOnlyList<Prediction> predictions, int skipped)
    {
        Scores scores = Prediction.Confusion(predictions).Score();
        return new SubsetScores(modalities, predictions.Count, skipped)
        {
            Accuracy = scores.Accuracy,
            WeightedF1 = scores.WeightedF1,
            MacroF1 = scores.MacroF1,
            Uar = scores.Uar,
            Ece = Calibration.ExpectedError(predictions),
            Answers = predictions.Count > MostAnswers
                ? null
                : predictions.ToDictionary(p => p.Id, p => new ClipAnswer(p.Labels[p.Truth], p.Labels[p.Answer], p.Confidence)),
        };
    }
}

/// <summary>What was answered to one utterance.</summary>
/// <param name="Truth">Its label.</param>
/// <param name="Emotion">The answer.</param>
/// <param name="Confidence">Its probability, in [0, 1].</param>
public sealed record ClipAnswer(string Truth, string Emotion, double Confidence);
