using System.Text.Json;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Tests;
using Affekt.Training.Evaluations;

namespace Affekt.Training.Tests.Evaluations;

public sealed class EvaluationRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_report_of_a_bundle_has_all_fields_of_the_schema()
    {
        string bundle = TinyBundle.Create(_folder.At("bundle"), trainingSpeakers: ["Bob"]);

        EvaluationReport report = (await EvaluateAsync(bundle)).Report;

        using JsonDocument json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(
            [
                "schema", "bundle", "corpus", "split", "modalities", "n", "skipped", "accuracy", "weighted_f1", "macro_f1",
                "uar", "ece", "reliability", "risk_coverage", "per_class", "confusion", "majority", "ci95", "speaker_overlap",
            ],
            json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(("tiny", "1.2.3", 64), (report.Bundle.Name, report.Bundle.Version, report.Bundle.Hash.Length));
        Assert.Equal(("manifest.jsonl", "test"), (report.Corpus, report.Split));
        Assert.Equal(["text"], report.Modalities);
        Assert.Equal((4, 1), (report.N, report.Skipped));
        Assert.Equal(1 / 4.0, report.SpeakerOverlap);
        Assert.Equal(0.5, report.Majority.Accuracy);
    }

    [Fact]
    public async Task Speakers_that_were_not_recorded_leave_the_overlap_unknown()
    {
        string bundle = TinyBundle.Create(_folder.At("bundle"));

        Assert.Null((await EvaluateAsync(bundle)).Report.SpeakerOverlap);
    }

    [Fact]
    public async Task A_run_is_evaluated_seed_by_seed_with_the_best_ones_numbers_in_front()
    {
        string run = _folder.At("run");
        foreach (int seed in new[] { 10, 2, 3 })
            TinyBundle.Create(Path.Combine(run, $"seed-{seed}"));
        File.WriteAllText(Path.Combine(run, "best"), "seed-3\n");

        EvaluationOutcome outcome = await EvaluateAsync(run);

        EvaluationReport best = (await EvaluateAsync(Path.Combine(run, "seed-3"))).Report;
        EvaluationReport second = (await EvaluateAsync(Path.Combine(run, "seed-2"))).Report;
        Assert.Equal([2, 3, 10], outcome.Report.Seeds!.Select(seed => seed.Seed));
        Assert.Equal(best.ToJson(), (outcome.Report with { Seeds = null, Mean = null, Sd = null }).ToJson());
        Assert.Equal(second.Accuracy, outcome.Report.Seeds![0].Accuracy);
        Assert.Equal(second.Ece, outcome.Report.Seeds![0].Ece, 1e-12);
        Assert.Equal(outcome.Report.Seeds!.Average(seed => seed.Uar), outcome.Report.Mean!.Uar, 1e-12);
    }

    [Fact]
    public void A_run_that_does_not_name_its_best_seed_is_refused()
    {
        Directory.CreateDirectory(_folder.At("seed-1"));
        Directory.CreateDirectory(_folder.At("seed-2"));

        ModelException silent = Assert.Throws<ModelException>(() => BundleOrRun.Find(_folder.Path));
        _folder.Write("best", "seed-7");
        ModelException wrong = Assert.Throws<ModelException>(() => BundleOrRun.Find(_folder.Path));
        ModelException nowhere = Assert.Throws<ModelException>(() => BundleOrRun.Find(_folder.At("nowhere")));

        Assert.Contains("best", silent.Message);
        Assert.EndsWith("found 'seed-7', expected seed-1 or seed-2", wrong.Message);
        Assert.Contains("no such folder", nowhere.Message);
    }

    [Fact]
    public async Task Predictions_are_written_an_utterance_per_line()
    {
        EvaluationOutcome outcome = await EvaluateAsync(TinyBundle.Create(_folder.At("bundle")));
        string file = _folder.At("predictions.jsonl");

        PredictionFile.Write(outcome.Evaluation, file);

        string[] lines = File.ReadAllLines(file);
        Assert.Equal(4, lines.Length);
        using JsonDocument first = JsonDocument.Parse(lines[0]);
        Assert.Equal("a0", first.RootElement.GetProperty("id").GetString());
        Assert.Equal("fear", first.RootElement.GetProperty("truth").GetString());
        JsonProperty[] probabilities = [.. first.RootElement.GetProperty("probabilities").EnumerateObject()];
        Assert.Equal(Emotions.Labels, probabilities.Select(p => p.Name));
        Assert.Equal(outcome.Evaluation.Predictions[0].Probabilities, probabilities.Select(p => p.Value.GetDouble()));
        Assert.Throws<EvaluationException>(() => PredictionFile.Write(outcome.Evaluation, Path.Combine(file, "below.jsonl")));
    }

    private async Task<EvaluationOutcome> EvaluateAsync(string target)
    {
        Corpus corpus = Manifest.Read(_folder.Write("manifest.jsonl", """
            {"id":"a0","dialogue":"a","index":0,"speaker":"Ann","text":"oh no!","emotion":"fear","split":"test"}
            {"id":"a1","dialogue":"a","index":1,"speaker":"Bob","text":"stop it now!","emotion":"anger","split":"test"}
            {"id":"a2","dialogue":"a","index":2,"speaker":"Bob","emotion":"sadness","split":"test"}
            {"id":"b0","dialogue":"b","index":0,"speaker":"Cy","text":"yes yes!","emotion":"joy","split":"test"}
            {"id":"b1","dialogue":"b","index":1,"speaker":"Cy","text":"oh yes","emotion":"joy","split":"test"}
            """));
        return await EvaluationRun.RunAsync(
            BundleOrRun.Find(target),
            new CorpusEvaluator(corpus, new EvaluationOptions()),
            EncoderLocations.None,
            cancellation: TestContext.Current.CancellationToken);
    }
}
