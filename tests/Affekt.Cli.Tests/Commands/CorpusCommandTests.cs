using System.Text.Json;
using Affekt.Corpora;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Commands;

public sealed class CorpusCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_corpus_of_which_all_can_be_used_is_exit_code_0()
    {
        CliOutcome outcome = await CheckAsync("""{"id":"a","dialogue":"d","index":0,"speaker":"Ann","text":"Hey","emotion":"joy","split":"train"}""");

        Assert.Equal((ExitCode.Done, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Matches(@"\ntrain +1 +1 +1 +1 +0\n", outcome.Output);
        Assert.Matches(@"\njoy +1 +0 +0\n", outcome.Output);
        Assert.DoesNotContain(":", outcome.Output);
    }

    [Fact]
    public async Task What_cannot_be_used_is_listed_with_its_code_and_exit_code_3()
    {
        File.WriteAllText(_folder.At("noise.mp4"), "this is no film");

        CliOutcome outcome = await CheckAsync(
            """{"id":"a","dialogue":"d","index":0,"text":"Hey","emotion":"joy","split":"train","media":"gone.mp4"}""",
            """{"id":"b","dialogue":"d","index":1,"emotion":"joy","split":"train","media":"noise.mp4"}""",
            """{"id":"c","dialogue":"d","index":2,"split":"train"}""");

        Assert.Equal(ExitCode.SomeFailed, outcome.ExitCode);
        Assert.Contains($"bad missing_media: 1\n  a: There is no {_folder.At("gone.mp4")}.", outcome.Output);
        Assert.Contains("bad unreadable_media: 1\n  b: ", outcome.Output);
        Assert.Contains("bad empty: 1\n  c: ", outcome.Output);
        Assert.Contains("suspicious no_label: 1\n  c: ", outcome.Output);
        Assert.Contains("suspicious no_text: 1\n  b: ", outcome.Output);
    }

    [Fact]
    public async Task The_report_as_json_has_counts_and_findings()
    {
        CliOutcome outcome = await CheckAsync(
            ["--format", "json"], """{"id":"a","dialogue":"d","index":0,"text":"Hey","emotion":"fear","split":"dev","media":"gone.mp4"}""");

        JsonElement report = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal("affekt.corpus-check/1", report.GetProperty("schema").GetString());
        Assert.Equal(1, report.GetProperty("counts").GetProperty("missing_media").GetInt32());
        Assert.Equal(1, report.GetProperty("splits")[1].GetProperty("emotions").GetProperty("fear").GetInt32());
        Assert.Equal("bad", report.GetProperty("findings")[0].GetProperty("level").GetString());
        Assert.Equal("a", report.GetProperty("findings")[0].GetProperty("where").GetString());
    }

    [Fact]
    public async Task A_corpus_that_cannot_be_read_is_exit_code_2_and_says_where()
    {
        CliOutcome outcome = await CheckAsync("{}");

        Assert.Equal(ExitCode.Unusable, outcome.ExitCode);
        Assert.Contains("m.jsonl, line 1, field id: found nothing", outcome.Errors);
    }

    [Fact]
    public async Task Split_writes_a_manifest_in_which_no_speaker_is_in_two_splits()
    {
        string manifest = _folder.At("m.jsonl"), target = _folder.At("split.jsonl");
        File.WriteAllLines(manifest, Enumerable.Range(0, 40).Select(i =>
            $$"""{"id":"u{{i}}","dialogue":"d{{i}}","index":0,"speaker":"s{{i / 2}}","text":"t","emotion":"joy","split":"train"}"""));

        CliOutcome outcome = await CliRun.HereAsync(
            "corpus", "split", "manifest", "--root", manifest, "--shares", "50,25,25", "--out", target);

        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Equal(
            $"train: 20 utterances of 10 speakers\ndev: 10 utterances of 5 speakers\ntest: 10 utterances of 5 speakers\n{target}\n",
            outcome.Output);
        Assert.All(
            Manifest.Read(target).Utterances.GroupBy(utterance => utterance.Speaker),
            speaker => Assert.Single(speaker.Select(utterance => utterance.Split).Distinct()));
    }

    [Fact]
    public async Task Shares_that_are_no_numbers_are_wrong_usage()
    {
        File.WriteAllText(_folder.At("m.jsonl"), "");

        CliOutcome outcome = await CliRun.HereAsync(
            "corpus", "split", "manifest", "--root", _folder.At("m.jsonl"), "--shares", "half", "--out", _folder.At("o"));

        Assert.Equal(ExitCode.Unusable, outcome.ExitCode);
        Assert.Contains("'half'", outcome.Errors);
    }

    [Fact]
    public async Task A_published_corpus_is_checked_by_its_name_with_the_labels_that_are_left_out_and_how_to_map_them()
    {
        string evaluation = _folder.At("Session1/dialog/EmoEvaluation/Ses01F_impro01.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(evaluation)!);
        File.WriteAllLines(evaluation,
        [
            "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", "", "[6.29 - 8.23]\tSes01F_impro01_F000\texc\t[2.5, 2.5, 2.5]",
            "[9.00 - 9.50]\tSes01F_impro01_M000\thap\t[2.5, 2.5, 2.5]", "[a - b]\tSes01F_impro01_M001\thap\t[2.5, 2.5, 2.5]",
        ]);
        Directory.CreateDirectory(_folder.At("Session1/sentences/wav"));

        CliOutcome plain = await CliRun.HereAsync("corpus", "check", "IEMOCAP", "--root", _folder, "--media", "skip");
        CliOutcome mapped = await CliRun.HereAsync(
            "corpus", "check", "iemocap", "--root", _folder, "--media", "skip", "--map", "exc=joy", "--map", "hap=none", "--fold", "1", "--format", "json");

        Assert.Equal(ExitCode.SomeFailed, plain.ExitCode);
        Assert.Contains(
            $"note unmapped_label: 1\n  {evaluation}, line 3: 1 labeled exc (excited), which is none of the seven; left out. --map exc=EMOTION counts them in",
            plain.Output);
        Assert.Contains($"note left_out: 1\n  {evaluation}, line 5: ", plain.Output);
        Assert.Contains("bad missing_media: 2\n  Ses01F_impro01_F000: There is no ", plain.Output);
        Assert.DoesNotContain("no_label", plain.Output);
        JsonElement report = JsonDocument.Parse(mapped.Output).RootElement;
        Assert.Equal(1, report.GetProperty("splits")[2].GetProperty("emotions").GetProperty("joy").GetInt32());
        Assert.False(report.GetProperty("counts").TryGetProperty("unmapped_label", out _));
    }

    [Theory]
    [InlineData("found corpus 'nonsense', expected one of meld, ravdess", "nonsense")]
    [InlineData("field map: found 'glad' for label 'exc', expected one of neutral", "manifest", "--map", "exc=glad")]
    [InlineData("field fold: found fold 2, expected none: manifest has its own splits", "manifest", "--fold", "2")]
    [InlineData("field map: found label 'exc', which is not in this corpus", "manifest", "--map", "exc=joy")]
    public async Task A_name_label_or_fold_that_there_is_not_is_wrong_usage(string message, params string[] arguments)
    {
        string manifest = _folder.At("m.jsonl");
        File.WriteAllText(manifest, """{"id":"a","dialogue":"d","index":0,"text":"Hey","emotion":"joy","split":"train"}""");

        CliOutcome outcome = await CliRun.HereAsync(["corpus", "check", .. arguments, "--root", manifest]);

        Assert.Equal(ExitCode.Unusable, outcome.ExitCode);
        Assert.Contains(message, outcome.Errors);
    }

    private Task<CliOutcome> CheckAsync(params string[] lines) => CheckAsync([], lines);

    private Task<CliOutcome> CheckAsync(string[] options, params string[] lines)
    {
        string manifest = _folder.At("m.jsonl");
        File.WriteAllLines(manifest, lines);
        return CliRun.HereAsync(["corpus", "check", "manifest", "--root", manifest, .. options]);
    }
}
