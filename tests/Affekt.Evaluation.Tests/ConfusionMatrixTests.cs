namespace Affekt.Evaluation.Tests;

public sealed class ConfusionMatrixTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Scores_equal_those_of_scikit_learn()
    {
        IReadOnlyList<ScoreCase> cases = Fixtures.Read().Scores;

        Assert.Equal(35, cases.Count);
        Assert.All(cases, expected =>
        {
            Scores scores = Matrix(expected).Score();
            Assert.Equal(expected.Accuracy, scores.Accuracy, Tolerance);
            Assert.Equal(expected.WeightedF1, scores.WeightedF1, Tolerance);
            Assert.Equal(expected.MacroF1, scores.MacroF1, Tolerance);
            Assert.Equal(expected.Uar, scores.Uar, Tolerance);
        });
    }

    [Fact]
    public void Class_rows_and_confusion_equal_those_of_scikit_learn() => Assert.All(Fixtures.Read().Scores, expected =>
    {
        ConfusionMatrix matrix = Matrix(expected);
        Assert.Equal(expected.Confusion, matrix.Rows());
        Assert.All(LabelSet.Emotions.Indices, label =>
        {
            ClassScores scores = matrix.ScoreClass(label);
            Assert.Equal(expected.Precision[label], scores.Precision, Tolerance);
            Assert.Equal(expected.Recall[label], scores.Recall, Tolerance);
            Assert.Equal(expected.F1[label], scores.F1, Tolerance);
            Assert.Equal(expected.Support[label], scores.Support);
        });
    });

    // The figures for MELD test that the literature gives for always answering neutral: 48.1 % and 31.3 %.
    [Fact]
    public void A_majority_guess_on_the_counts_of_meld_test_scores_what_the_literature_says()
    {
        int[] counts = [1256, 402, 208, 345, 50, 68, 281];
        ConfusionMatrix perfect = new(counts.SelectMany((n, i) => Enumerable.Repeat((i, i), n)));

        Scores majority = perfect.OfMajorityGuess().Score();

        Assert.Equal(0.481, majority.Accuracy, 0.0005);
        Assert.Equal(0.313, majority.WeightedF1, 0.0005);
        Assert.Equal(1.0 / 7, majority.Uar, Tolerance);
        Assert.Equal(new Scores(1, 1, 1, 1), perfect.Score());
    }

    [Fact]
    public void Nothing_cannot_be_scored() => Assert.Throws<EvaluationException>(() => new ConfusionMatrix([]).Score());

    // In a table of rows one behind the other, they would be another pair's.
    [Fact]
    public void What_is_no_label_is_not_counted() => Assert.All<(int, int)>(
        [(0, 3), (-1, 2), (3, 0), (1, -1)], pair => Assert.Throws<EvaluationException>(() => new ConfusionMatrix([pair], 3)));

    private static ConfusionMatrix Matrix(ScoreCase pairs) =>
        new(pairs.Truth.Zip(pairs.Predicted));
}
