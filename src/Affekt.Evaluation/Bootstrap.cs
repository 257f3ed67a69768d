namespace Affekt.Evaluation;

/// <summary>What the paired bootstrap says about two models on the same utterances.</summary>
/// <param name="Difference">The first model's scores less the second's.</param>
/// <param name="Ci95">The 95 % interval of each difference.</param>
/// <param name="PValue">
/// For each score, how often chance alone would give such a difference in either direction; 0 to 1.
/// </param>
public sealed record PairedComparison(Scores Difference, ScoreIntervals Ci95, Scores PValue);

/// <summary>
/// Confidence by resampling. Whole dialogues are drawn, with replacement, because utterances of one dialogue share
/// speakers and mood; drawing single utterances would give intervals that are too narrow. The same seed gives the same
/// numbers on every machine.
/// </summary>
public static class Bootstrap
{
    /// <summary>How many times to resample unless told otherwise.</summary>
    public const int DefaultResamples = 1_000;

    /// <summary>The 95 % percentile intervals of the four scores.</summary>
    /// <exception cref="EvaluationException">
    /// There are no predictions, or fewer than one resample is asked for.
    /// </exception>
    public static ScoreIntervals Intervals(
        IReadOnlyList<Prediction> predictions, int resamples = DefaultResamples, int seed = 0)
    {
        (int, int)[][] dialogues = ByDialogue(predictions);
        int labels = Labels(predictions);
        return Percentiles(Resample(dialogues.Length, resamples, seed, drawn => Score(dialogues, drawn, labels)));
    }

    /// <summary>Compares two models: both are scored on the very same draws of dialogues.</summary>
    /// <exception cref="EvaluationException">
    /// The lists do not hold the same utterances with the same labels in the same order.
    /// </exception>
    public static PairedComparison Compare(
        IReadOnlyList<Prediction> first,
        IReadOnlyList<Prediction> second,
        int resamples = DefaultResamples,
        int seed = 0)
    {
        CheckSameUtterances(first, second);
        (int, int)[][] firstDialogues = ByDialogue(first);
        (int, int)[][] secondDialogues = ByDialogue(second);
        int labels = Labels(first);
        Scores Difference(IEnumerable<int> drawn) =>
            Score(firstDialogues, drawn, labels).Combine(Score(secondDialogues, drawn, labels), (a, b) => a - b);

        Scores[] differences = Resample(firstDialogues.Length, resamples, seed, Difference);
        return new PairedComparison(
            Difference(Enumerable.Range(0, firstDialogues.Length)),
            Percentiles(differences),
            new Scores(
                PValue(differences, scores => scores.Accuracy),
                PValue(differences, scores => scores.WeightedF1),
                PValue(differences, scores => scores.MacroF1),
                PValue(differences, scores => scores.Uar)));
    }

    private static (int Truth, int Answer)[][] ByDialogue(IReadOnlyList<Prediction> predictions) =>
        [.. predictions.GroupBy(p => p.Dialogue).Select(inside => inside.Select(p => (p.Truth, p.Answer)).ToArray())];

    private static Scores[] Resample(int count, int resamples, int seed, Func<int[], Scores> score)
    {
        if (count == 0 || resamples < 1)
            throw new EvaluationException($"found {count} dialogues and {resamples} resamples, expected at least one of each");

        SplitMix64 random = new((ulong)seed);
        int[] drawn = new int[count];
        Scores[] scores = new Scores[resamples];
        for (int i = 0; i < resamples; i++)
        {
            for (int j = 0; j < count; j++)
                drawn[j] = random.Next(count);

            scores[i] = score(drawn);
        }

        return scores;
    }

    private static Scores Score((int Truth, int Answer)[][] dialogues, IEnumerable<int> drawn, int labels) =>
        new ConfusionMatrix(drawn.SelectMany(dialogue => dialogues[dialogue]), labels).Score();

    private static int Labels(IReadOnlyList<Prediction> predictions) => predictions.Count > 0 ? predictions[0].Labels.Count : Emotions.Count;

    private static ScoreIntervals Percentiles(Scores[] scores) => new(
        Percentiles(scores.Select(s => s.Accuracy)),
        Percentiles(scores.Select(s => s.WeightedF1)),
        Percentiles(scores.Select(s => s.MacroF1)),
        Percentiles(scores.Select(s => s.Uar)));

    private static Interval Percentiles(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Interval(Quantile(sorted, 0.025), Quantile(sorted, 0.975));
    }

    // Linear between neighbors, as NumPy and R do by default.
    private static double Quantile(double[] sorted, double fraction)
    {
        double position = fraction * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }

    // One is added above and below, so that a finite number of draws never claims certainty.
    private static double PValue(Scores[] differences, Func<Scores, double> select)
    {
        int notAbove = differences.Count(difference => select(difference) <= 0);
        int notBelow = differences.Count(difference => select(difference) >= 0);
        return Math.Min(1, 2.0 * (Math.Min(notAbove, notBelow) + 1) / (differences.Length + 1));
    }

    private static void CheckSameUtterances(IReadOnlyList<Prediction> first, IReadOnlyList<Prediction> second)
    {
        if (first.Count != second.Count)
            throw new EvaluationException($"found {first.Count} and {second.Count} predictions, expected as many of both models");

        for (int i = 0; i < first.Count; i++)
        {
            (Prediction a, Prediction b) = (first[i], second[i]);
            if ((a.Id, a.Dialogue, a.Labels[a.Truth]) != (b.Id, b.Dialogue, b.Labels[b.Truth]))
            {
                throw new EvaluationException(
                    $"prediction {i}: found '{a.Id}' and '{b.Id}', expected the same utterance, dialogue and label");
            }
        }
    }
}
