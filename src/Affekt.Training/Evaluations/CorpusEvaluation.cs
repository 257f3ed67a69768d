using Affekt.Evaluation;

namespace Affekt.Training.Evaluations;

/// <summary>What one model said about a split.</summary>
/// <param name="Predictions">One for each utterance that has a label and a usable modality, in the corpus's order; none where dimensions alone are known.</param>
/// <param name="Gaps">The utterances that were answered without a modality that was asked for, or not at all.</param>
public sealed record CorpusEvaluation(IReadOnlyList<Prediction> Predictions, IReadOnlyList<UtteranceGap> Gaps)
{
    /// <summary>How many utterances have no prediction.</summary>
    public int Skipped => Gaps.Count(gap => gap.IsSkipped);

    /// <summary>Scores for each of the seven choices of modalities; empty where they were not asked for.</summary>
    public IReadOnlyList<SubsetScores> Subsets { get; init; } = [];

    /// <summary>How well each of the bundle's dimensions is estimated of which annotators said something; empty without any.</summary>
    public IReadOnlyDictionary<string, DimensionScores> Dimensions { get; init; } = new Dictionary<string, DimensionScores>();

    /// <summary>What each branch says, and each way of joining both; empty where only one branch was asked.</summary>
    public IReadOnlyList<EvaluatedRow> Rows { get; init; } = [];
}

/// <summary>What one branch, or one way of joining both, said about a split.</summary>
/// <param name="Name">As <see cref="RowScores.Name"/>.</param>
/// <param name="Predictions">One for each utterance that has a label and that it can answer, in the corpus's order; may be none.</param>
public sealed record EvaluatedRow(string Name, IReadOnlyList<Prediction> Predictions);

/// <summary>An utterance that was answered without a modality that was asked for, or not at all.</summary>
/// <param name="Id">The utterance's id.</param>
/// <param name="Reason">What is missing and why, for a person to read.</param>
/// <param name="IsSkipped">Whether it has no prediction.</param>
public sealed record UtteranceGap(string Id, string Reason, bool IsSkipped);

/// <summary>How far an evaluation is.</summary>
/// <param name="Stage">"text", "sound", "pictures", "faces" or "answers".</param>
/// <param name="Done">How many are done.</param>
/// <param name="Total">Of how many.</param>
public sealed record EvaluationProgress(string Stage, int Done, int Total);
