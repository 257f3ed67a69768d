using System.Text.Json;
using Affekt.Evaluation;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Meld;

/// <summary>recipes/meld/run.sh from media in MELD.Raw's layout to the four rows; small encoders and one epoch.</summary>
public sealed class MeldRunTests(SmallMeld meld) : IClassFixture<SmallMeld>
{
    private static readonly string[] s_rows = ["audio-text", "video", "deep fusion", "late fusion"];

    [Theory]
    [InlineData("", "video.safetensors")]
    [InlineData("-base", "trunk.safetensors")]
    [Trait(SmallRun.Recipe, "recipes/meld/audio-text.json")]
    [Trait(SmallRun.Recipe, "recipes/meld/audio-text-base.json")]
    [Trait(SmallRun.Recipe, "recipes/meld/video.json")]
    [Trait(SmallRun.Recipe, "recipes/meld/video-base.json")]
    [Trait(SmallRun.Recipe, "recipes/meld/fusion.json")]
    [Trait(SmallRun.Recipe, "recipes/meld/fusion-base.json")]
    public async Task The_script_goes_from_clips_to_a_report_with_the_four_rows(string variant, string trained)
    {
        string text = $$"""{"folder":"{{meld.At("bert")}}","max_tokens":32,"pooling":"cls","layer_weights":[0.5,0.5]}""";
        string trunk = variant.Length > 0
            ? $"--set trunk={meld.At("mc3.safetensors")} --set side=32 --set clips_at_once=4"
            : $$$"""--set video_encoder={"kind":"mc3-18","weights":"{{{meld.At("mc3.safetensors")}}}","side":32} --set head_width=16""";
        string log = await CliRun.ScriptAsync("recipes/meld/run.sh", meld.At("affekt"), new()
        {
            ["ROOT"] = meld.Root,
            ["OUT"] = meld.At("runs"),
            ["FEATURES"] = meld.At("features"),
            ["VARIANT"] = variant,
            ["AUDIO_TEXT"] = $$"""--set text_encoder={{text}} --set audio_encoder={"kind":"wav2vec2","folder":"{{meld.At("wav2vec2")}}"} """
                + "--set seeds=[1,2] --set epochs=1 --set lstm_width=16 --set head_width=16 --set metadata_width=8",
            ["VIDEO"] = $"{trunk} --set epochs=1 --set model_width=16 --set blocks=1 --set heads=2 "
                + "--set feed_forward_width=32",
            ["FUSION"] = "--set steps=20",
            ["CHECK"] = $"--media {(variant.Length > 0 ? "skip" : "read")}",
        });

        // What cannot be used is named by the check, and by the stages that go on without it.
        Assert.Contains("bad missing_media: 1\n  " + SmallMeld.Missing, log);
        Assert.Equal(variant.Length == 0, log.Contains("bad unreadable_media: 1\n  " + SmallMeld.Damaged, StringComparison.Ordinal));
        Assert.Contains($"{SmallMeld.Missing}, left out", log);
        Assert.Contains($"{SmallMeld.Damaged}, left out", log);
        Assert.Contains("note extra_files: 1\n", log);

        string run = meld.At($"runs/fusion{variant}");
        Assert.True(File.Exists(meld.At($"runs/video{variant}/{trained}")));
        EvaluationReport report = EvaluationReport.FromJson(File.ReadAllText(Path.Combine(run, "evaluation.json")));
        Assert.Equal(["text", "audio", "video"], report.Modalities);
        Assert.Equal(s_rows, report.Rows!.Select(row => row.Name));
        Assert.Equal([0, 1, 0, 0], report.Rows!.Select(row => row.Skipped));
        Assert.All(report.Rows!, row => Assert.Equal(SmallMeld.TestUtterances, row.N + row.Skipped));
        AssertRowsAreThoseOf(File.ReadLines(Path.Combine(run, "predictions.jsonl")), report);
        string page = File.ReadAllText(Path.Combine(run, "report.html")), table = File.ReadAllText(Path.Combine(run, "evaluation.txt"));
        Assert.All(s_rows, row =>
        {
            Assert.Contains($"<th scope=\"row\">{row}</th>", page);
            Assert.Matches($"\n{row} +[34] ", table);
        });

        // Without what is kept the same comes out; once is enough.
        if (variant.Length > 0)
            return;
        CliOutcome anew = await CliRun.HereAsync(
            "evaluate", run, "--corpus", "meld", "--root", meld.Root, "--modalities", "all", "--format", "json");
        EvaluationReport computed = EvaluationReport.FromJson(anew.Output);
        Assert.All(report.Rows!.Zip(computed.Rows!), pair => Assert.Equal(pair.First.Ece!.Value, pair.Second.Ece!.Value, 1e-4));
    }

    // From the predictions alone: accuracy, F1 weighted by how often a class is true, and the average of both branches.
    private static void AssertRowsAreThoseOf(IEnumerable<string> predictions, EvaluationReport report)
    {
        JsonElement[] lines = [.. predictions.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(SmallMeld.TestUtterances, lines.Length);
        foreach (RowScores row in report.Rows!)
        {
            (string Truth, string Answer)[] answers =
            [
                .. lines.Where(line => line.GetProperty("rows").TryGetProperty(row.Name, out _)).Select(line => (
                    line.GetProperty("truth").GetString()!,
                    line.GetProperty("rows").GetProperty(row.Name).EnumerateObject().MaxBy(field => field.Value.GetDouble()).Name)),
            ];
            Assert.Equal(row.N, answers.Length);
            Assert.Equal(answers.Count(answer => answer.Truth == answer.Answer) / (double)row.N, row.Accuracy!.Value, 1e-12);
            double weighted = answers.GroupBy(answer => answer.Truth).Sum(group =>
            {
                double right = group.Count(answer => answer.Answer == group.Key);
                return group.Count() * 2 * right / (group.Count() + answers.Count(answer => answer.Answer == group.Key));
            });
            Assert.Equal(weighted / row.N, row.WeightedF1!.Value, 1e-12);
            Assert.All([row.MacroF1!.Value, row.Uar!.Value, row.Ece!.Value], score => Assert.InRange(score, 0, 1));
            Assert.InRange(row.Accuracy.Value, row.Ci95!.Accuracy.Low, row.Ci95.Accuracy.High);
        }

        Assert.Equal(report.Accuracy, report.Rows![2].Accuracy!.Value);
        foreach (JsonElement rows in lines.Select(line => line.GetProperty("rows")))
        {
            double[] audioText = Seven(rows.GetProperty("audio-text")), late = Seven(rows.GetProperty("late fusion"));
            double[] video = rows.TryGetProperty("video", out JsonElement pictures) ? Seven(pictures) : audioText;
            Assert.All(Enumerable.Range(0, Emotions.Count), i => Assert.Equal((audioText[i] + video[i]) / 2, late[i], 1e-12));
        }
    }

    private static double[] Seven(JsonElement row) => [.. row.EnumerateObject().Select(field => field.Value.GetDouble())];
}
