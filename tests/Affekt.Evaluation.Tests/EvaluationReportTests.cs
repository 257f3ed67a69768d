using System.Text.Json;

namespace Affekt.Evaluation.Tests;

public sealed class EvaluationReportTests
{
    private static readonly EvaluationSubject _subject =
        new(new BundleIdentity("starter", "0.1.0", "abc"), "meld", "test", ["text", "audio"], 2, 0.8);

    [Fact]
    public void The_json_has_exactly_the_fields_of_the_schema_in_its_order()
    {
        using JsonDocument json = JsonDocument.Parse(NewReport().ToJson());

        Assert.Equal(
            [
                "schema", "bundle", "corpus", "split", "modalities", "n", "skipped", "accuracy", "weighted_f1", "macro_f1",
                "uar", "ece", "reliability", "risk_coverage", "per_class", "confusion", "majority", "ci95", "speaker_overlap",
            ],
            Names(json.RootElement));
        Assert.Equal("affekt.evaluation/1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal(["name", "version", "hash"], Names(json.RootElement.GetProperty("bundle")));
        Assert.Equal(Emotions.Labels, Names(json.RootElement.GetProperty("per_class")));
        Assert.Equal(
            ["precision", "recall", "f1", "support"], Names(json.RootElement.GetProperty("per_class").GetProperty("joy")));
        Assert.Equal(["accuracy", "weighted_f1", "macro_f1", "uar"], Names(json.RootElement.GetProperty("majority")));
        Assert.Equal(["accuracy", "weighted_f1", "macro_f1", "uar"], Names(json.RootElement.GetProperty("ci95")));
        Assert.Equal(2, json.RootElement.GetProperty("ci95").GetProperty("uar").GetArrayLength());
        Assert.Equal(7, json.RootElement.GetProperty("confusion").GetArrayLength());
    }

    [Fact]
    public void The_numbers_are_those_counted_by_hand()
    {
        EvaluationReport report = NewReport();

        Assert.Equal((4, 2), (report.N, report.Skipped));
        Assert.Equal(0.5, report.Accuracy);
        Assert.Equal(0.2, report.Ece, 1e-12);
        Assert.Equal(new ClassScores(1, 0.5, 2 / 3.0, 4), report.PerClass["joy"] with { F1 = 2 / 3.0 });
        Assert.Equal(2, report.Confusion[(int)Emotion.Joy][(int)Emotion.Anger]);
        Assert.Equal(1, report.Majority.Accuracy);
        Assert.True(report.Ci95.Accuracy.Low < 0.5 && report.Ci95.Accuracy.High > 0.5);
    }

    // Precision, recall and F1 by hand: F1 1/2, 2/3 and 4/5 of 2, 1 and 3 utterances.
    [Fact]
    public void Labels_of_ones_own_are_scored_and_written_by_their_names()
    {
        int[] truth = [0, 0, 1, 2, 2, 2], answers = [0, 1, 1, 2, 0, 2];
        Prediction[] predictions =
        [
            .. truth.Select((label, i) => new Prediction(
                $"{i}", $"{i}", label, [.. Enumerable.Range(0, 3).Select(place => place == answers[i] ? 0.8 : 0.1)], LabelSet.Sentiments)),
        ];
        EvaluationSubject subject = new(new BundleIdentity("b", "1", "h"), "own", "test", ["text"], 0, null);

        EvaluationReport report = EvaluationReport.FromJson(EvaluationReport.Create(subject, predictions).ToJson());

        Assert.Equal((4 / 6.0, 0.677778, 0.655556, 0.722222), (report.Accuracy, Math.Round(report.WeightedF1, 6), Math.Round(report.MacroF1, 6), Math.Round(report.Uar, 6)));
        Assert.Equal(["neutral", "positive", "negative"], report.PerClass.Keys);
        Assert.Equal([[1, 1, 0], [0, 1, 0], [1, 0, 2]], report.Confusion);
        Assert.Equal(0.5, report.Majority.Accuracy);
        Assert.Contains("<th scope=\"row\">positive</th>", HtmlReport.Create(report));
    }

    // As NumPy computes it from cov, var and corrcoef, without Bessel's correction.
    [Fact]
    public void Estimates_of_a_dimension_are_scored_by_concordance_correlation_and_error()
    {
        DimensionScores scores = DimensionScores.Of([(1, 1.5), (2, 1.8), (3.5, 3), (5, 4), (4, 4.4)]);

        Assert.Equal((5, 0.899764, 0.927689, 0.583095), (scores.N, Math.Round(scores.Ccc, 6), Math.Round(scores.Pearson, 6), Math.Round(scores.Rmse, 6)));
        Assert.Equal(new DimensionScores(2, 0, 0, 1), DimensionScores.Of([(1, 2), (3, 2)]));
        Assert.Throws<EvaluationException>(() => DimensionScores.Of([]));
    }

    [Fact]
    public void Several_seeds_are_listed_with_mean_and_sample_deviation()
    {
        EvaluationReport report = NewReport().WithSeeds(
            [new(1, 0.60, 0.5, 0.4, 0.3, 0.1), new(2, 0.62, 0.5, 0.4, 0.3, 0.1), new(3, 0.64, 0.5, 0.4, 0.3, 0.1)]);

        Assert.Equal(0.62, report.Mean!.Accuracy, 1e-12);
        Assert.Equal(0.02, report.Sd!.Accuracy, 1e-12);
        using JsonDocument json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(["speaker_overlap", "seeds", "mean", "sd"], Names(json.RootElement).TakeLast(4));
        Assert.Equal(
            ["seed", "accuracy", "weighted_f1", "macro_f1", "uar", "ece"], Names(json.RootElement.GetProperty("seeds")[0]));
        Assert.Throws<EvaluationException>(() => NewReport().WithSeeds([new(1, 0.6, 0.5, 0.4, 0.3, 0.1)]));
    }

    [Fact]
    public void An_unknown_overlap_is_written_as_null()
    {
        EvaluationReport report = NewReport() with { SpeakerOverlap = null };

        Assert.Contains("\"speaker_overlap\": null", report.ToJson());
        Assert.Null(EvaluationReport.FromJson(report.ToJson()).SpeakerOverlap);
    }

    [Fact]
    public void Names_are_written_as_they_are()
    {
        EvaluationReport report = NewReport() with { Made = new EvaluationOrigin("1.0.0+5e1f", "2026-12-01"), Split = "überprüft's" };

        Assert.Contains("\"affekt\": \"1.0.0+5e1f\"", report.ToJson());
        Assert.Contains("\"split\": \"überprüft's\"", report.ToJson());
    }

    [Fact]
    public void A_report_survives_json()
    {
        string json = NewReport().ToJson();

        Assert.Equal(json, EvaluationReport.FromJson(json).ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void What_is_no_report_is_refused(string json) =>
        Assert.Throws<EvaluationException>(() => EvaluationReport.FromJson(json));

    [Theory]
    [InlineData("affekt.evaluation/1", "affekt.evaluation/2")]
    [InlineData("\"accuracy\": 0.5", "\"accuracy\": \"high\"")]
    [InlineData("\"ci95\": {", "\"ci95\": { \"accuracy\": [1],")]
    [InlineData("\"modalities\": [", "\"modalities\": null, \"x\": [")]
    public void A_damaged_report_is_refused(string found, string replacement)
    {
        string json = NewReport().ToJson();

        Assert.Contains(found, json);
        Assert.Throws<EvaluationException>(() => EvaluationReport.FromJson(json.Replace(found, replacement)));
    }

    [Fact]
    public void Overlap_is_the_share_of_utterances_whose_speaker_was_trained_on()
    {
        string[] train = ["Ann", "Bob"];

        Assert.Equal(0.5, SpeakerOverlap.Measure(train, ["Ann", "Cy", null, "Bob", "Di"]));
        Assert.Equal(0, SpeakerOverlap.Measure(train, ["Cy"]));
        Assert.Null(SpeakerOverlap.Measure(train, [null, null]));
    }

    private static EvaluationReport NewReport() =>
        EvaluationReport.Create(_subject, Make.Predictions([true, false, true, false]));

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
}
