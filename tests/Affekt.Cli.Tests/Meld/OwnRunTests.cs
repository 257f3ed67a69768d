using System.Globalization;
using System.Text.Json;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Meld;

/// <summary>
/// recipes/own/run.sh from a manifest of labels of its own to a report and an answer, on published encoders of random weights; one epoch of
/// each stage.
/// </summary>
public sealed class OwnRunTests : IDisposable
{
    private static readonly string[] s_labels = ["calm", "bored", "keen"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/own/audio-text.json")]
    [Trait(SmallRun.Recipe, "recipes/own/video.json")]
    [Trait(SmallRun.Recipe, "recipes/own/fusion.json")]
    public async Task The_script_goes_from_a_manifest_of_own_labels_to_a_report_and_answers_with_roberta_hubert_and_vit()
    {
        string text = $$"""{"folder":"{{Zoo("roberta")}}","max_tokens":64,"pooling":"cls","layer_weights":"learned"}""";
        string log = await CliRun.ScriptAsync("recipes/own/run.sh", At("affekt"), new()
        {
            ["ROOT"] = Manifest(),
            ["LABELS"] = string.Join(',', s_labels),
            ["OUT"] = At("runs"),
            ["FEATURES"] = At("features"),
            ["AUDIO_TEXT"] = $$"""--set text_encoder={{text}} --set audio_encoder={"kind":"hubert","folder":"{{Zoo("hubert")}}","layer_weights":"learned"} """
                + "--set seeds=[1] --set dimensions=[\"valence\"] --set epochs=1 --set lstm_width=16 --set head_width=16 --set metadata_width=8",
            ["VIDEO"] = """--set video_encoder={"kind":"vit","weights":"owner/vit"} """
                + "--set dimensions=[\"valence\"] --set dimension_loss=ccc --set epochs=1 --set model_width=16 --set blocks=1 --set heads=2 --set feed_forward_width=32 --set head_width=16",
            ["FUSION"] = "--set steps=20",
            ["HF_HUB_CACHE"] = Cache("models--owner--vit", "vit"),
            ["HF_HUB_OFFLINE"] = "1",
        });

        Assert.Contains("deep fusion", log);
        Assert.Contains("<th scope=\"row\">late fusion</th>", File.ReadAllText(At("runs/report.html")));
        CliOutcome shown = await CliRun.HereAsync("bundle", "show", At("runs/fusion"));
        Assert.Contains("hubert", shown.Output);
        Assert.Matches(@"layers of the text encoder, from what enters the first: (0\.\d+ ?){3,}\n", shown.Output);
        Assert.Matches(@"layers of the audio encoder, from what enters the first: (0\.\d+ ?){4}\n", shown.Output);

        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");
        CliOutcome said = await CliRun.HereAsync("recognize", clip, "--text", "Oh.", "--bundle", At("runs/fusion"), "--format", "json");
        JsonElement one = JsonDocument.Parse(said.Output).RootElement.GetProperty("utterances")[0];
        Assert.Contains(one.GetProperty("emotion").GetString(), s_labels);
        Assert.Equal(s_labels, one.GetProperty("probabilities").EnumerateObject().Select(entry => entry.Name));
        Assert.Equal(1, one.GetProperty("probabilities").EnumerateObject().Sum(entry => entry.Value.GetDouble()), 5);

        Assert.True(double.IsFinite(one.GetProperty("dimensions").GetProperty("valence").GetDouble()));
        CliOutcome table = await CliRun.HereAsync("recognize", clip, "--text", "Oh.", "--bundle", At("runs/fusion"), "--format", "csv");
        string[][] rows = [.. table.Output.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(','))];
        Assert.Equal([.. s_labels, "valence", "face", "face_status", "overlap"], rows[0][^7..]);
        Assert.Equal(one.GetProperty("dimensions").GetProperty("valence").GetDouble(), double.Parse(rows[1][^4], CultureInfo.InvariantCulture), 5);
        Assert.Contains("concordance (CCC)", File.ReadAllText(At("runs/report.html")));
        Assert.Contains("<th scope=\"row\">valence, plain average</th>", File.ReadAllText(At("runs/report.html")));
        Assert.Matches(@"\nvalence, audio-text +6 +-?[01]\.\d{3} ", log);

        // The same branches as experts: half of the dev utterances tell the prior, and another can be chosen.
        CliOutcome experts = await CliRun.HereAsync(
            "train", TestPaths.InRepository("recipes/own/fusion.json"), "--out", At("experts"), "--set", "enhancement=experts", "--set", "reads=probabilities", "--set", "steps=20",
            "--set", $"corpus={At("own.jsonl")}", "--set", $"features={At("features")}", "--set", $"audio_text={At("runs/audio-text")}", "--set", $"video={At("runs/video")}");
        CliOutcome judged = await CliRun.HereAsync("evaluate", At("experts"), "--corpus", "manifest", "--root", At("own.jsonl"), "--split", "test", "--features", At("features"));
        File.WriteAllText(At("prior.json"), """{"keen":2,"calm":1,"bored":1}""");
        CliOutcome wanted = await CliRun.HereAsync("recognize", clip, "--text", "Oh.", "--bundle", At("experts"), "--prior", At("prior.json"), "--format", "json");
        Assert.True((experts.ExitCode, judged.ExitCode, wanted.ExitCode) == (0, 0, 0), experts.Errors + judged.Errors + wanted.Errors);
        Assert.Contains("experts", judged.Output);
        JsonElement joined = JsonDocument.Parse(wanted.Output).RootElement.GetProperty("utterances")[0];
        Assert.Equal([0.25, 0.25, 0.5], s_labels.Select(label => joined.GetProperty("prior").GetProperty(label).GetDouble()));
        Assert.True(double.IsFinite(joined.GetProperty("dimensions").GetProperty("valence").GetDouble()));

        // The seven are asked of a bundle that answers with others: it is said which labels there are.
        File.WriteAllText(At("seven.jsonl"), File.ReadAllText(At("own.jsonl")).Replace("calm", "joy", StringComparison.Ordinal));
        CliOutcome other = await CliRun.HereAsync("evaluate", At("runs/fusion"), "--corpus", "manifest", "--root", At("seven.jsonl"));
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("found 'joy', expected one of calm, bored, keen, or --map joy=LABEL", other.Errors);
    }

    private string Manifest()
    {
        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");
        File.WriteAllLines(At("own.jsonl"), ((string[])["train", "dev", "test"]).SelectMany(split => s_labels.Concat(s_labels).Select((emotion, i) => JsonSerializer.Serialize(new
        {
            id = $"{split}-{i}",
            dialogue = $"{split}-{i % 2}",
            index = i / 2,
            speaker = "Ann",
            text = $"This is {emotion}.",
            emotion,
            split,
            media = clip,
            valence = i,
        }))));
        return At("own.jsonl");
    }

    // A hub's cache with one repository, in Hugging Face's layout.
    private string Cache(string repository, string fixture)
    {
        string commit = new('a', 40), folder = At($"hub/{repository}");
        Directory.CreateDirectory(Path.Combine(folder, "refs"));
        Directory.CreateDirectory(Path.Combine(folder, "snapshots"));
        File.WriteAllText(Path.Combine(folder, "refs", "main"), commit);
        Directory.CreateSymbolicLink(Path.Combine(folder, "snapshots", commit), Zoo(fixture));
        return At("hub");
    }

    private static string Zoo(string name) => TestPaths.Shared($"data/fixtures/zoo/{name}");

    private string At(string name) => _folder.At(name);
}
