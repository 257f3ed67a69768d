namespace Affekt.Evaluation.Tests;

public sealed class BootstrapTests
{
    private const int N = 400;

    // A share p of n independent utterances has the standard error sqrt(p (1 - p) / n).
    [Fact]
    public void Independent_utterances_give_the_interval_of_a_binomial_share()
    {
        Interval interval = Bootstrap.Intervals(Make.Predictions(Right(0.7)), resamples: 2_000).Accuracy;

        double halfWidth = 1.96 * Math.Sqrt(0.7 * 0.3 / N);
        Assert.Equal(0.7 - halfWidth, interval.Low, 0.006);
        Assert.Equal(0.7 + halfWidth, interval.High, 0.006);
    }

    // Sixteen equal utterances in a dialogue say no more than one, so the error is that of n / 16 of them.
    [Fact]
    public void Utterances_of_one_dialogue_are_not_counted_as_independent()
    {
        Prediction[] predictions = Make.Predictions(
            Right(0.6, N / 16).SelectMany(right => Enumerable.Repeat(right, 16)), i => $"d{i / 16}");

        Interval interval = Bootstrap.Intervals(predictions, resamples: 2_000).Accuracy;

        double halfWidth = 1.96 * Math.Sqrt(0.6 * 0.4 / (N / 16));
        Assert.Equal(2 * halfWidth, interval.High - interval.Low, 0.03);
    }

    [Fact]
    public void A_single_dialogue_gives_intervals_without_width()
    {
        Prediction[] predictions = Make.Predictions([true, false, true], _ => "d");

        Interval point = new(2 / 3.0, 2 / 3.0);

        Assert.Equal(point, Bootstrap.Intervals(predictions).Accuracy);
        Assert.Equal(point, Bootstrap.Intervals(predictions).Uar);
    }

    [Fact]
    public void A_seed_gives_the_same_intervals_again_and_another_seed_others()
    {
        Prediction[] predictions = Make.Predictions(Right(0.7));

        ScoreIntervals first = Bootstrap.Intervals(predictions, seed: 5);

        Assert.Equal(first, Bootstrap.Intervals(predictions, seed: 5));
        Assert.NotEqual(first, Bootstrap.Intervals(predictions, seed: 6));
    }

    [Fact]
    public void A_model_is_not_better_than_itself()
    {
        Prediction[] predictions = Make.Predictions(Right(0.7));

        PairedComparison comparison = Bootstrap.Compare(predictions, predictions);

        Assert.Equal(new Scores(0, 0, 0, 0), comparison.Difference);
        Assert.Equal(new Interval(0, 0), comparison.Ci95.MacroF1);
        Assert.Equal(new Scores(1, 1, 1, 1), comparison.PValue);
    }

    // The second model errs where the first does and on 40 more: d = 0.1 with the standard error sqrt(d (1 - d) / n).
    [Fact]
    public void Pairing_gives_the_interval_of_the_utterances_on_which_the_models_differ()
    {
        Prediction[] better = Make.Predictions(Enumerable.Range(0, N).Select(i => i >= 120));
        Prediction[] worse = Make.Predictions(Enumerable.Range(0, N).Select(i => i >= 160));

        PairedComparison comparison = Bootstrap.Compare(better, worse, resamples: 2_000);

        double halfWidth = 1.96 * Math.Sqrt(0.1 * 0.9 / N);
        Assert.Equal(0.1, comparison.Difference.Accuracy, 1e-12);
        Assert.Equal(0.1 - halfWidth, comparison.Ci95.Accuracy.Low, 0.005);
        Assert.Equal(0.1 + halfWidth, comparison.Ci95.Accuracy.High, 0.005);
        Assert.Equal(2 / 2001.0, comparison.PValue.Accuracy, 1e-12);
        Assert.Equal(-0.1, Bootstrap.Compare(worse, better).Difference.Accuracy, 1e-12);
    }

    [Fact]
    public void Models_on_different_utterances_cannot_be_compared()
    {
        Prediction[] predictions = Make.Predictions([true, false]);
        Prediction otherLabel = Make.Prediction(4, 4, id: "u1", dialogue: "d1");

        Assert.Throws<EvaluationException>(() => Bootstrap.Compare(predictions, predictions[..1]));
        Assert.Throws<EvaluationException>(() => Bootstrap.Compare(predictions, [predictions[1], predictions[0]]));
        Assert.Throws<EvaluationException>(() => Bootstrap.Compare(predictions, [predictions[0], otherLabel]));
    }

    [Fact]
    public void Nothing_has_no_interval()
    {
        Assert.Throws<EvaluationException>(() => Bootstrap.Intervals([]));
        Assert.Throws<EvaluationException>(() => Bootstrap.Intervals(Make.Predictions([true]), resamples: 0));
    }

    private static IEnumerable<bool> Right(double share, int n = N) => Enumerable.Range(0, n).Select(i => i < share * n);
}
