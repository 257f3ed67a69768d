namespace Affekt.Evaluation;

/// <summary>
/// How often each emotion was taken for each: a 7x7 table with a row per true emotion. All scores follow from it.
/// </summary>
public sealed class ConfusionMatrix
{
    private const int N = Emotions.Count;

    private readonly int[] _counts = new int[N * N];

    /// <summary>Counts pairs of true and predicted emotions.</summary>
    public ConfusionMatrix(IEnumerable<(Emotion Truth, Emotion Predicted)> pairs)
    {
        foreach ((Emotion truth, Emotion predicted) in pairs)
        {
            _counts[((int)truth * N) + (int)predicted]++;
            Total++;
        }
    }

    /// <summary>How many pairs were counted.</summary>
    public int Total { get; private set; }

    /// <summary>How often an utterance of one emotion was taken for another, or for itself.</summary>
    public int this[Emotion truth, Emotion predicted] => _counts[((int)truth * N) + (int)predicted];

    /// <summary>The table as rows, truth by truth.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Rows() => [.. _counts.Chunk(N)];

    /// <summary>The four scores.</summary>
    /// <exception cref="EvaluationException">Nothing was counted.</exception>
    public Scores Score()
    {
        if (Total == 0)
        {
            throw new EvaluationException("found no predictions, expected at least one");
        }

        int right = 0;
        double weightedF1 = 0;
        double sumF1 = 0;
        double sumRecall = 0;
        int trueClasses = 0;
        int seenClasses = 0;
        for (int i = 0; i < N; i++)
        {
            (int hits, int support, int predicted) = Margins(i);
            double f1 = Ratio(2 * hits, support + predicted);
            right += hits;
            weightedF1 += f1 * support;
            sumF1 += f1;
            sumRecall += Ratio(hits, support);
            trueClasses += support > 0 ? 1 : 0;
            seenClasses += support + predicted > 0 ? 1 : 0;
        }

        return new Scores((double)right / Total, weightedF1 / Total, sumF1 / seenClasses, sumRecall / trueClasses);
    }

    /// <summary>Precision, recall, F1 and support of one emotion.</summary>
    public ClassScores ScoreClass(Emotion emotion)
    {
        (int hits, int support, int predicted) = Margins((int)emotion);
        return new ClassScores(Ratio(hits, predicted), Ratio(hits, support), Ratio(2 * hits, support + predicted), support);
    }

    /// <summary>
    /// What always answering the most frequent true emotion would have counted: the row that a model has to beat. Of
    /// equally frequent ones the first in label order is taken.
    /// </summary>
    public ConfusionMatrix OfMajorityGuess()
    {
        Emotion[] all = Enum.GetValues<Emotion>();
        Emotion majority = all.MaxBy(emotion => Margins((int)emotion).Support);
        return new ConfusionMatrix(
            all.SelectMany(truth => Enumerable.Repeat((truth, majority), Margins((int)truth).Support)));
    }

    private (int Hits, int Support, int Predicted) Margins(int index)
    {
        int support = 0;
        int predicted = 0;
        for (int i = 0; i < N; i++)
        {
            support += _counts[(index * N) + i];
            predicted += _counts[(i * N) + index];
        }

        return (_counts[(index * N) + index], support, predicted);
    }

    private static double Ratio(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
