namespace Affekt.Evaluation;

/// <summary>Another model on the same utterances.</summary>
/// <param name="Bundle">Which.</param>
/// <param name="N">Utterances that both answered; the rest is left out of the comparison.</param>
/// <param name="Scores">The other model's scores on them.</param>
/// <param name="Difference">The reported model's scores on them less the other's.</param>
/// <param name="Ci95">95 % intervals of the differences, paired: both models on the same draws of dialogues.</param>
/// <param name="PValue">For each score, how often chance alone would give such a difference in either direction.</param>
public sealed record AgainstReport(
    BundleIdentity Bundle, int N, Scores Scores, Scores Difference, ScoreIntervals Ci95, Scores PValue)
{
    /// <summary>Compares two models on the utterances that both answered.</summary>
    /// <param name="first">The reported model's predictions.</param>
    /// <param name="bundle">The other model.</param>
    /// <param name="second">Its predictions.</param>
    /// <exception cref="EvaluationException">There is no such utterance, or it has another label or dialogue in one of the two.</exception>
    public static AgainstReport Of(IReadOnlyList<Prediction> first, BundleIdentity bundle, IReadOnlyList<Prediction> second)
    {
        Dictionary<string, Prediction> others = second.ToDictionary(prediction => prediction.Id);
        Prediction[] ours = [.. first.Where(prediction => others.ContainsKey(prediction.Id))];
        Prediction[] theirs = [.. ours.Select(prediction => others[prediction.Id])];
        PairedComparison comparison = Bootstrap.Compare(ours, theirs);
        return new AgainstReport(
            bundle, ours.Length, Prediction.Confusion(theirs).Score(), comparison.Difference,
            comparison.Ci95, comparison.PValue);
    }
}
