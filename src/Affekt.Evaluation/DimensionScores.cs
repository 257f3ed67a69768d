namespace Affekt.Evaluation;

/// <summary>How well estimates of one dimension, such as valence, fit what annotators said.</summary>
/// <param name="N">How many utterances have both.</param>
/// <param name="Ccc">
/// Lin's concordance correlation, in [-1, 1]: twice the covariance, divided by both variances and the squared difference of the means.
/// </param>
/// <param name="Pearson">Pearson's correlation, in [-1, 1], which scale and offset do not touch.</param>
/// <param name="Rmse">The root of the mean squared error, in the corpus's units.</param>
public sealed record DimensionScores(int N, double Ccc, double Pearson, double Rmse)
{
    /// <summary>
    /// The same of each part that estimates it, "audio-text" and "video", and of their "plain average", on the utterances that each can answer;
    /// null for a model of one such part, or where only one was asked.
    /// </summary>
    public IReadOnlyDictionary<string, DimensionScores>? Parts { get; init; }

    /// <summary>Scores of dimensions as rows of a table: each dimension's, then those of its parts.</summary>
    /// <param name="dimensions">By name.</param>
    public static IEnumerable<(string Name, DimensionScores Scores)> Rows(IReadOnlyDictionary<string, DimensionScores> dimensions) =>
        dimensions.SelectMany(pair => (pair.Value.Parts ?? new Dictionary<string, DimensionScores>())
            .Select(part => ($"{pair.Key}, {part.Key}", part.Value)).Prepend((pair.Key, pair.Value)));

    /// <summary>Scores pairs; all moments are those of the population. A correlation with what does not vary is 0.</summary>
    /// <param name="pairs">What annotators said, and what the model says.</param>
    /// <exception cref="EvaluationException">There are no pairs.</exception>
    public static DimensionScores Of(IReadOnlyList<(double Truth, double Said)> pairs)
    {
        if (pairs.Count == 0)
            throw new EvaluationException("found no utterance with a value of the dimension, expected at least one");
        double truths = pairs.Average(pair => pair.Truth), said = pairs.Average(pair => pair.Said);
        double ofTruths = pairs.Average(pair => Math.Pow(pair.Truth - truths, 2)), ofSaid = pairs.Average(pair => Math.Pow(pair.Said - said, 2));
        double together = pairs.Average(pair => (pair.Truth - truths) * (pair.Said - said));
        double apart = ofTruths + ofSaid + Math.Pow(truths - said, 2);
        return new DimensionScores(
            pairs.Count, apart > 0 ? 2 * together / apart : 0, ofTruths * ofSaid > 0 ? together / Math.Sqrt(ofTruths * ofSaid) : 0,
            Math.Sqrt(pairs.Average(pair => Math.Pow(pair.Truth - pair.Said, 2))));
    }
}
