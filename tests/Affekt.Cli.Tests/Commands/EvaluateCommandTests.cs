using Affekt.Cli.Commands;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Commands;

public sealed class EvaluateCommandTests
{
    private static readonly Terminal _terminal = new(TextWriter.Null, TextWriter.Null, false, false);
    private static readonly string[] _required = ["bundle", "--corpus", "meld", "--root", "data"];

    [Fact]
    public void The_tables_fit_eighty_columns_in_plain_characters()
    {
        string shown = Show(NewReport().WithSeeds(
            [new SeedScores(1, 0.6, 0.5, 0.4, 0.3, 0.1), new SeedScores(20_261_123, 1, 1, 1, 1, 0)]));

        string[] lines = shown.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.All(shown, character => Assert.True(character is '\n' or '\r' or (>= ' ' and <= '~'), $"U+{(int)character:X4}"));
        Assert.All(Emotions.Labels, label => Assert.Equal(3, lines.Count(line => line.Contains(label))));
    }

    [Fact]
    public void The_tables_show_scores_interval_majority_classes_and_seeds()
    {
        EvaluationReport report = NewReport();

        string[] lines = Show(report.WithSeeds(
            [new SeedScores(1, 0.6, 0.5, 0.4, 0.3, 0.1), new SeedScores(2, 0.64, 0.5, 0.4, 0.3, 0.1)])).Split('\n');

        Assert.Contains("2000 utterances evaluated, 12345 skipped", lines[2]);
        Assert.Equal(["accuracy", "75.0", "75.0", "to", "75.0", "100.0"], Row(lines, "accuracy"));
        Assert.Equal(["joy", "100.0", "75.0", "85.7", "2000"], Row(lines, "joy"));
        Assert.Equal(["mean", "62.0", "50.0", "40.0", "30.0", "10.0"], Row(lines, "mean"));
        Assert.Contains(lines, line => line.Contains("80.0 % of the utterances with a known speaker"));
        Assert.Contains("unknown", Show(report with { SpeakerOverlap = null }));
        Assert.DoesNotContain("mean", Show(report));
    }

    [Theory]
    [InlineData("--corpus", "nonsense")]
    [InlineData("--split", "all")]
    [InlineData("--threads", "0")]
    [InlineData("--noise", "loud")]
    [InlineData("--history", "maybe")]
    [InlineData("--precision", "fp64")]
    public void An_option_with_a_wrong_value_is_an_error_that_names_it(string option, string value)
    {
        string[] others = option == "--corpus" ? ["bundle", "--root", "data"] : _required;

        Assert.Contains(
            EvaluateCommand.Create(_terminal).Parse([.. others, option, value]).Errors,
            error => error.Message.Contains(option) || error.Message.Contains(value));
        Assert.Empty(EvaluateCommand.Create(_terminal).Parse(_required).Errors);
    }

    [Fact]
    public void The_tables_tell_classes_mapped_labels_and_fold_where_they_were_not_the_usual_ones()
    {
        EvaluationReport report = NewReport() with
        {
            Classes = ["neutral", "joy"],
            LabelMap = new Dictionary<string, string> { ["exc"] = "joy" },
            Fold = 3,
            Conditions = new EvaluationConditions { Speakers = [17, 18], History = false, NoiseDb = 2.5, NoiseSeed = 1 },
        };

        const string Conditions = "speakers 17 18, without history, noise at 2.5 dB, seed 1";
        Assert.Contains($"Classes: neutral, joy\nLabels mapped: exc=joy\nFold: 3\nConditions: {Conditions}\n", Show(report).ReplaceLineEndings("\n"));
        Assert.DoesNotContain("Labels mapped", Show(NewReport()));
        Assert.Contains($"Only neutral, joy could be answered. Labels counted as: exc joy. Fold 3. Conditions: {Conditions}.", HtmlReport.Create(report));
        Assert.Contains("\"label_map\":{\"exc\":\"joy\"}", report.ToJson().Replace(" ", "").ReplaceLineEndings(""));
    }

    [Fact]
    public void Every_layout_can_be_evaluated_and_its_labels_mapped()
    {
        Assert.All(CorpusReader.Names.Append("fer2013").Append("CREMA_D"), name =>
            Assert.Empty(EvaluateCommand.Create(_terminal).Parse(["bundle", "--root", "data", "--corpus", name, "--map", "a=joy", "--map", "b=none", "--fold", "1"]).Errors));
    }

    [Fact]
    public async Task Where_the_other_bundle_fails_the_report_and_answers_of_the_first_are_written_all_the_same()
    {
        using TestMedia media = new();
        string bundle = media.Bundle(), broken = TestBundle.Write(media.At("broken"), 0, null), answers = media.At("answers.jsonl");
        string manifest = media.At("m.jsonl");
        await File.WriteAllTextAsync(manifest, """{"id":"1","dialogue":"d","index":0,"split":"test","text":"so happy","emotion":"joy"}""", TestContext.Current.CancellationToken);
        foreach (string weights in Directory.GetFiles(broken, "*.safetensors", SearchOption.AllDirectories))
            await File.WriteAllTextAsync(weights, "no weights", TestContext.Current.CancellationToken);
        string[] arguments = ["evaluate", bundle, "--corpus", "manifest", "--root", manifest, "--against", broken, "--format", "json"];

        CliOutcome outcome = await CliRun.HereAsync([.. arguments, "--predictions", answers]);

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("error: " + broken, outcome.Errors);
        Assert.Contains("\"accuracy\"", outcome.Output);
        Assert.Single(await File.ReadAllLinesAsync(answers, TestContext.Current.CancellationToken));
        string page = media.At("page.html");
        outcome = await CliRun.HereAsync([.. arguments, "--predictions", "/dev/full", "--report", page]);
        Assert.True(outcome.ExitCode != 0 && File.Exists(page));
        Assert.Contains("\"accuracy\"", outcome.Output);
        Assert.Contains("/dev/full", outcome.Errors);
        Assert.Contains("error: " + broken, outcome.Errors);
        foreach ((string option, string file) in ((string, string)[])[("--predictions", manifest), ("--report", media.Folder), ("--report", Path.Combine(manifest, "page.html"))])
        {
            outcome = await CliRun.HereAsync([.. arguments, option, file]);
            Assert.Equal("", outcome.Output);
            Assert.StartsWith($"error: {option}: ", outcome.Errors);
        }
    }

    private static string[] Row(string[] lines, string name) =>
        lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .First(words => words.Length > 1 && words[0] == name && char.IsDigit(words[1][0]));

    private static string Show(EvaluationReport report)
    {
        using StringWriter output = new();
        EvaluationTables.Write(output, report);
        return output.ToString();
    }

    // In each of 1,000 dialogues alike, so that resampling changes nothing.
    private static EvaluationReport NewReport() => EvaluationReport.Create(
        new EvaluationSubject(
            new BundleIdentity("a [bold] name", "0.1.0", new string('f', 64)), "meld", "test", ["text", "audio"], 12_345, 0.8),
        [
            .. Enumerable.Range(0, 2_000).Select(i => new Prediction(
                $"u{i}", $"d{i % 500}", 1, i < 1_500 ? [0, 1, 0, 0, 0, 0, 0] : [0, 0, 0, 1, 0, 0, 0])),
        ]);
}
