namespace Affekt.Evaluation.Tests;

public sealed class CalibrationTests
{
    private const int Joy = 1, Fear = 4;

    [Fact]
    public void Reliability_and_calibration_error_equal_those_of_scikit_learn() => Assert.All(Fixtures.Read().Calibration, expected =>
    {
        Prediction[] predictions = [.. Predict(expected)];

        IReadOnlyList<ReliabilityBin> bins = Calibration.Reliability(predictions);

        Assert.Equal(expected.Counts, bins.Select(bin => bin.Count));
        ReliabilityBin[] filled = [.. bins.Where(bin => bin.Count > 0)];
        Assert.Equal(expected.Accuracy, filled.Select(bin => bin.Accuracy), Close(1e-12));
        Assert.Equal(expected.Confidence, filled.Select(bin => bin.Confidence), Close(1e-12));
        Assert.Equal(expected.Ece, Calibration.ExpectedError(predictions), 1e-12);
    });

    [Fact]
    public void The_fitted_temperature_is_where_scipy_finds_the_slope_to_be_zero() => Assert.All(
        Fixtures.Read().Calibration,
        expected => Assert.Equal(
            expected.Temperature, TemperatureScaling.Fit(expected.Logits, expected.Truth), 1e-10));

    [Fact]
    public void A_model_that_is_always_right_or_knows_nothing_gets_the_limits()
    {
        double[][] sure = [[9, 0, 0, 0, 0, 0, 0], [0, 9, 0, 0, 0, 0, 0]];

        Assert.Equal(TemperatureScaling.Lowest, TemperatureScaling.Fit(sure, [0, Joy]));
        Assert.Equal(TemperatureScaling.Highest, TemperatureScaling.Fit(sure, [Joy, 0]));
    }

    [Fact]
    public void Logits_that_are_not_finite_or_do_not_match_the_labels_are_refused()
    {
        double[] good = new double[7];

        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([], []));
        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([good], [Joy, Joy]));
        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([[1, 2]], [2]));
        Assert.Throws<EvaluationException>(() => TemperatureScaling.Fit([[1, 2]], [-1]));
        Assert.Contains("row 1", Assert.Throws<EvaluationException>(
            () => TemperatureScaling.Fit([good, [0, 0, double.NegativeInfinity, 0, 0, 0, 0]], [Joy, Joy])).Message);
    }

    [Fact]
    public void The_error_by_chance_is_that_of_drawn_answers_whose_confidence_is_right()
    {
        Random random = new(3);
        double[] confidences = [.. Enumerable.Range(0, 240).Select(_ => 0.2 + (0.8 * Math.Sqrt(random.NextDouble())))];
        double[] drawn =
        [
            .. Enumerable.Range(0, 2000).Select(_ => Calibration.ExpectedError(
                [.. confidences.Select(confidence => Answer(confidence, random.NextDouble() < confidence))])),
        ];

        double expected = Calibration.ExpectedErrorByChance([.. confidences.Select(confidence => Answer(confidence, true))]);

        Assert.Equal(drawn.Average(), expected, 0.002);
        Assert.InRange(expected, 0.05, 0.09);
        Assert.Equal(0, Calibration.ExpectedErrorByChance([Answer(1, true)]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void The_squared_error_without_chance_is_on_average_the_true_one_from_few_answers_too(double tooSure)
    {
        Random random = new(4);
        double[] confidences = [.. Enumerable.Range(0, 240).Select(_ => 0.2 + (0.8 * Math.Sqrt(random.NextDouble())))];
        double[] drawn =
        [
            .. Enumerable.Range(0, 2000).Select(_ => Calibration.SquaredErrorWithoutChance(
                [.. confidences.Select(confidence => Answer(confidence, random.NextDouble() < confidence - tooSure))])),
        ];

        Assert.Equal(tooSure * tooSure, drawn.Average(), 0.0005);
        Assert.InRange(drawn.Min(), -1, tooSure * tooSure / 2);
        Assert.Throws<EvaluationException>(() => Calibration.SquaredErrorWithoutChance([Answer(1, true)]));
    }

    [Fact]
    public void The_ends_of_confidence_fall_into_the_outer_bins()
    {
        IReadOnlyList<ReliabilityBin> bins = Calibration.Reliability([Make.Prediction(Joy, Joy, confidence: 1)]);

        Assert.Equal(15, bins.Count);
        Assert.Equal(new ReliabilityBin(14 / 15.0, 1, 1, 1, 1), bins[^1]);
    }

    [Fact]
    public void Risk_rises_and_falls_with_coverage_as_counted_by_hand()
    {
        Prediction[] predictions =
        [
            Answer(0.9, true), Answer(0.8, false), Answer(0.6, true), Answer(0.6, true), Answer(0.5, false),
        ];

        IReadOnlyList<RiskCoveragePoint> curve = RiskCoverage.Curve(predictions);

        Assert.Equal([new(0.9, 0.2, 0), new(0.8, 0.4, 0.5), new(0.6, 0.8, 0.25), new(0.5, 1, 0.4)], curve);
        Assert.Equal(0.6, RiskCoverage.Choose(curve, 0.25)!.Threshold);
        Assert.Equal(0.9, RiskCoverage.Choose(curve, 0.2)!.Threshold);
        Assert.Equal(0.5, RiskCoverage.Choose(curve, 1)!.Threshold);
        Assert.Null(RiskCoverage.Choose(RiskCoverage.Curve([Answer(0.9, false)]), 0.5));
        RiskCoverageReport report = RiskCoverageReport.Of(predictions);
        Assert.Equal(curve, report.Points);
        Assert.Equal((0.2 * 0) + (0.2 * 0.5) + (0.4 * 0.25) + (0.2 * 0.4), report.Aurc, 1e-12);
    }

    [Theory]
    [InlineData(new[] { 0.5, 0.5 })]
    [InlineData(new[] { 0.5, 0.5, 0, 0, 0, 0, double.NaN })]
    [InlineData(new[] { 0.5, 0.6, 0, 0, 0, 0, -0.1 })]
    [InlineData(new[] { 0.5, 0.2, 0, 0, 0, 0, 0 })]
    public void Seven_numbers_that_are_no_probabilities_are_refused(double[] probabilities) => Assert.Contains(
        "'u7'", Assert.Throws<EvaluationException>(() => new Prediction("u7", "d", Joy, probabilities)).Message);

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_label_outside_its_set_is_refused(int truth) => Assert.Contains(
        $"'u7': found label {truth}, expected 0 to 2",
        Assert.Throws<EvaluationException>(() => new Prediction("u7", "d", truth, [0.5, 0.5, 0], LabelSet.Sentiments)).Message);

    [Fact]
    public void Of_equal_probabilities_the_first_label_is_the_answer() =>
        Assert.Equal(Joy, new Prediction("u", "d", Fear, [0, 0.5, 0, 0.5, 0, 0, 0]).Answer);

    private static Prediction Answer(double confidence, bool right) =>
        Make.Prediction(Joy, right ? Joy : Fear, confidence);

    private static IEnumerable<Prediction> Predict(CalibrationCase expected) => expected.Truth.Select((truth, i) =>
        new Prediction($"u{i}", "d", truth, Softmax.Of(expected.Logits[i], 1)));

    private static Func<double, double, bool> Close(double tolerance) => (a, b) => Math.Abs(a - b) <= tolerance;
}
