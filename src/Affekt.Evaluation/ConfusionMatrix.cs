namespace Affekt.Evaluation;

/// <summary>
/// How often each label was taken for each: a square table with a row per true label. All scores follow from it.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly int _size;
    private readonly int[] _counts;

    /// <summary>Counts pairs of true and predicted labels.</summary>
    /// <param name="pairs">The labels' indices, from 0.</param>
    /// <param name="labels">How many labels there are; the seven emotions where not given.</param>
    /// <exception cref="EvaluationException">An index is none of a label.</exception>
    public ConfusionMatrix(IEnumerable<(int Truth, int Predicted)> pairs, int labels = Emotions.Count)
    {
        _size = labels;
        _counts = new int[labels * labels];
        foreach ((int truth, int predicted) in pairs)
        {
            if (truth < 0 || truth >= labels || predicted < 0 || predicted >= labels)
                throw new EvaluationException($"found labels {truth} and {predicted}, expected 0 to {labels - 1}");
            _counts[(truth * _size) + predicted]++;
            Total++;
        }
    }

    /// <summary>How many pairs were counted.</summary>
    public int Total { get; private set; }

    /// <summary>How often an utterance of one label was taken for another, or for itself.</summary>
    public int this[int truth, int predicted] => _counts[(truth * _size) + predicted];

    /// <summary>The table as rows, truth by truth.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Rows() => [.. _counts.Chunk(_size)];

    /// <summary>The four scores.</summary>
    /// <exception cref="EvaluationException">Nothing was counted.</exception>
    public Scores Score()
    {
        if (Total == 0)
            throw new EvaluationException("found no predictions, expected at least one");

        int right = 0;
        double weightedF1 = 0;
        double sumF1 = 0;
        double sumRecall = 0;
        int trueClasses = 0;
        int seenClasses = 0;
        for (int i = 0; i < _size; i++)
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

    /// <summary>Precision, recall, F1 and support of one label.</summary>
    public ClassScores ScoreClass(int label)
    {
        (int hits, int support, int predicted) = Margins(label);
        return new ClassScores(Ratio(hits, predicted), Ratio(hits, support), Ratio(2 * hits, support + predicted), support);
    }

    /// <summary>
    /// What always answering the most frequent true label would have counted: the row that a model has to beat. Of
    /// equally frequent ones the first in label order is taken.
    /// </summary>
    public ConfusionMatrix OfMajorityGuess()
    {
        int[] all = [.. Enumerable.Range(0, _size)];
        int majority = all.MaxBy(label => Margins(label).Support);
        return new ConfusionMatrix(all.SelectMany(truth => Enumerable.Repeat((truth, majority), Margins(truth).Support)), _size);
    }

    private (int Hits, int Support, int Predicted) Margins(int index)
    {
        int support = 0;
        int predicted = 0;
        for (int i = 0; i < _size; i++)
        {
            support += _counts[(index * _size) + i];
            predicted += _counts[(i * _size) + index];
        }

        return (_counts[(index * _size) + index], support, predicted);
    }

    private static double Ratio(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
