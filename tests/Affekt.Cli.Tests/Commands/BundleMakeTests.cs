using System.Runtime.InteropServices;
using System.Text.Json;
using Affekt.Models.Published;
using Affekt.Onnx.StateFiles;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>affekt bundle make, with classifiers of random weights.</summary>
public sealed class BundleMakeTests : IDisposable
{
    private const string Words = "Oh my God, you scared me!";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_bundle_of_three_classifiers_recognizes_a_clip_and_each_branch_says_what_its_network_says()
    {
        CliOutcome made = await MakeAsync("--text", Zoo("roberta"), "--audio", Zoo("hubert-large"), "--face", Zoo("vit"));
        Assert.Equal((0, $"{Bundle}\n"), (made.ExitCode, made.Output));

        CliOutcome recognized = await CliRun.HereAsync(
            "recognize", TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4"), "--bundle", Bundle, "--text", Words, "--format", "json");

        Assert.Equal(0, recognized.ExitCode);
        using JsonDocument result = JsonDocument.Parse(recognized.Output);
        JsonElement modalities = result.RootElement.GetProperty("utterances")[0].GetProperty("modalities");
        using PublishedText model = (PublishedText)PublishedModel.Open(Zoo("roberta"), new PublishedOutputs { Classifier = true });
        float[] scores = model.Config.ToScores(model.Compute(model.Tokenizer.Encode(Words), PublishedModel.Logits, TestContext.Current.CancellationToken).Values);
        JsonElement said = modalities.GetProperty("text").GetProperty("probabilities");
        for (int i = 0; i < scores.Length; i++)
            Assert.Equal(scores[i], said.GetProperty(model.Config.Labels[i]).GetDouble(), 1e-4);
        Assert.Equal("used", modalities.GetProperty("audio").GetProperty("status").GetString());
        Assert.Equal("used", modalities.GetProperty("video").GetProperty("status").GetString());
        Assert.Equal(0.5, modalities.GetProperty("video").GetProperty("weight").GetDouble());
    }

    [Fact]
    public async Task A_published_regression_tells_its_measures_beside_the_answer()
    {
        CliOutcome made = await MakeAsync("--text", Zoo("roberta"), "--dimensions", Zoo("wav2vec2-dimensions"));
        CliOutcome shown = await CliRun.HereAsync("bundle", "show", Bundle);
        CliOutcome recognized = await CliRun.HereAsync(
            "recognize", Zoo("inputs/clip0.wav"), "--bundle", Bundle, "--text", Words, "--format", "json");

        Assert.Equal((0, 0), (made.ExitCode, recognized.ExitCode));
        Assert.Contains("measures: arousal, dominance, valence", shown.Output);
        using JsonDocument result = JsonDocument.Parse(recognized.Output);
        JsonElement one = result.RootElement.GetProperty("utterances")[0];
        using StateFile reference = StateFile.Open(Path.Combine(Zoo("wav2vec2-dimensions"), "io.safetensors"));
        float[] expected = MemoryMarshal.Cast<byte, float>(reference.Tensors["logits0"].Bytes).ToArray();
        Assert.Equal(["arousal", "dominance", "valence"], one.GetProperty("dimensions").EnumerateObject().Select(entry => entry.Name));
        Assert.Equal(expected, one.GetProperty("dimensions").EnumerateObject().Select(entry => (float)entry.Value.GetDouble()), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal("used", one.GetProperty("modalities").GetProperty("audio").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Labels_are_told_and_those_without_an_emotion_are_left_out()
    {
        CliOutcome made = await MakeAsync("--text", Zoo("distilbert"), "--audio", Zoo("whisper"), "--map", "Calm=neutral", "--map", "text:love=joy");
        CliOutcome left = await CliRun.HereAsync("bundle", "make", At("other"), "--text", Zoo("distilbert"));
        CliOutcome shown = await CliRun.HereAsync("bundle", "show", Bundle);

        Assert.Equal((0, ""), (made.ExitCode, made.Errors));
        Assert.Contains("text: left out are love", left.Errors);
        Assert.Equal("other", Models.Bundles.BundleConfig.Load(Path.Combine(At("other"), "config.json")).Name);
        Assert.Contains("love = joy", shown.Output);
        Assert.Contains("Calm = neutral", shown.Output);
        Assert.Contains("license not stated, weight 0.5, temperature 1", shown.Output);
    }

    [Theory]
    [InlineData("LABEL_0, LABEL_1, LABEL_2, LABEL_3", "--text", "xlm-roberta")]
    [InlineData("a network that takes sound", "--audio", "roberta")]
    [InlineData("expected labels that name two or more emotions", "--text", "xlm-roberta", "--map", "LABEL_0=joy")]
    [InlineData("expected emotions, not measures", "--audio", "wav2vec2-dimensions")]
    [InlineData("of a network that hears", "--dimensions", "roberta", "--text", "roberta")]
    [InlineData("no label of a classifier", "--text", "roberta", "--map", "LABEL_9=joy")]
    [InlineData("found \"glee\"", "--text", "xlm-roberta", "--map", "LABEL_0=glee")]
    [InlineData("--text, --audio or --face")]
    public async Task What_cannot_become_a_bundle_ends_with_2_and_leaves_nothing(string told, params string[] arguments)
    {
        CliOutcome outcome = await MakeAsync([.. arguments.Select((argument, i) => i > 0 && arguments[i - 1] is "--text" or "--audio" or "--dimensions" ? Zoo(argument) : argument)]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(told, outcome.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Labeled_utterances_fit_temperatures_and_weights()
    {
        string[] texts = ["so happy", "no", "what", "go away", "i love it", "oh my god"];
        File.WriteAllLines(At("dev.jsonl"), Enumerable.Range(0, 30).Select(i => JsonSerializer.Serialize(new
        {
            id = $"u{i}",
            dialogue = "d",
            index = i,
            text = texts[i % texts.Length],
            emotion = Emotions.Labels[i % 7],
            split = "dev",
        })));

        CliOutcome made = await MakeAsync("--text", Zoo("roberta"), "--calibrate", At("dev.jsonl"));
        CliOutcome shown = await CliRun.HereAsync("bundle", "show", Bundle);

        Assert.Equal(0, made.ExitCode);
        Assert.Contains("fitted on 30 labeled utterances of dev.jsonl", File.ReadAllText(Path.Combine(Bundle, "card.md")));
        // Labels that have nothing to do with the texts: the surer, the worse.
        double temperature = double.Parse(shown.Output.Split("temperature ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(temperature, 1.5, 20);
    }

    [Fact]
    public async Task Labels_of_ones_own_are_matched_calibrated_evaluated_and_answered()
    {
        string[] labels = ["happy", "sad", "angry", "neutral"], texts = ["so happy", "no", "what", "go away", "i love it"];
        File.WriteAllLines(At("dev.jsonl"), Enumerable.Range(0, 20).Select(i => JsonSerializer.Serialize(
            new { id = $"u{i}", dialogue = "d", index = i, text = texts[i % 5], emotion = labels[i % 4], split = "test" })));

        CliOutcome made = await MakeAsync("--text", Zoo("roberta"), "--labels", string.Join(',', labels), "--calibrate", At("dev.jsonl"));
        CliOutcome shown = await CliRun.HereAsync("bundle", "show", Bundle);
        File.WriteAllText(At("prior.json"), """{"happy": 0.1, "sad": 0.2, "angry": 0.3, "neutral": 0.4}""");
        CliOutcome evaluated = await CliRun.HereAsync(
            "evaluate", Bundle, "--corpus", "manifest", "--root", At("dev.jsonl"), "--format", "json", "--prior", At("prior.json"), "--history", "off");
        CliOutcome said = await CliRun.HereAsync("recognize", "--text", Words, "--bundle", Bundle, "--format", "json");
        CliOutcome other = await CliRun.HereAsync("recognize", "--text", Words, "--bundle", Bundle, "--prior", "meld");

        Assert.Equal((0, 0), (made.ExitCode, evaluated.ExitCode));
        Assert.Contains("text: left out are ", made.Errors);
        Assert.Contains("joy = happy", shown.Output);
        Assert.Equal(labels, JsonDocument.Parse(evaluated.Output).RootElement.GetProperty("per_class").EnumerateObject().Select(entry => entry.Name));
        JsonElement report = JsonDocument.Parse(evaluated.Output).RootElement;
        Assert.Equal(0.3, report.GetProperty("prior").GetProperty("angry").GetDouble());
        Assert.Equal("""{"history":false}""", JsonSerializer.Serialize(report.GetProperty("conditions")));
        Assert.Matches(@"^\d+\.\d+\.\d+", report.GetProperty("made").GetProperty("affekt").GetString());
        JsonElement one = JsonDocument.Parse(said.Output).RootElement.GetProperty("utterances")[0];
        Assert.Equal(labels, one.GetProperty("probabilities").EnumerateObject().Select(entry => entry.Name));
        Assert.Equal(0.25, one.GetProperty("prior").GetProperty("sad").GetDouble());
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("for the prior meld", other.Errors);
    }

    [Fact]
    public async Task Sound_and_pictures_are_calibrated_as_words_are()
    {
        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");
        File.WriteAllLines(At("dev.jsonl"), Emotions.Labels.Select((emotion, i) => JsonSerializer.Serialize(
            new { id = $"u{i}", dialogue = "d", index = i, text = Words, emotion, split = "dev", media = clip })));

        CliOutcome made = await MakeAsync(
            "--text", Zoo("roberta"), "--audio", Zoo("hubert"), "--face", Zoo("vit"), "--calibrate", At("dev.jsonl"));

        Assert.Equal(0, made.ExitCode);
        Assert.Contains("fitted on 7 labeled utterances of dev.jsonl", File.ReadAllText(Path.Combine(Bundle, "card.md")));
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(Bundle, "config.json")));
        JsonElement calibration = config.RootElement.GetProperty("calibration");

        // One answer to seven labels: nothing that is sure can be right, so each is made less sure.
        foreach (string expert in (string[])["text", "audio", "video"])
            Assert.True(calibration.GetProperty(expert).GetDouble() > 1.2, $"{expert}: {calibration}");
    }

    [Fact]
    public async Task A_run_of_several_seeds_in_place_of_a_bundle_is_told_with_its_best_seed()
    {
        Directory.CreateDirectory(At("run"));
        File.WriteAllText(Path.Combine(At("run"), "best"), "seed-3\n");

        CliOutcome outcome = await CliRun.HereAsync("recognize", "--text", Words, "--bundle", At("run"));

        Assert.Equal(ExitCode.Unusable, outcome.ExitCode);
        Assert.Contains($"the best on dev is {Path.Combine(At("run"), "seed-3")}", outcome.Errors);
    }

    [Fact]
    public async Task A_published_network_is_shown_and_is_no_bundle()
    {
        CliOutcome shown = await CliRun.HereAsync("bundle", "show", Zoo("roberta-multilabel"));
        CliOutcome asked = await CliRun.HereAsync("recognize", TestPaths.InRepository("samples/sample.mp4"), "--bundle", Zoo("roberta"));

        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("RobertaForSequenceClassification (roberta)", shown.Output);
        Assert.Contains("sigmoids", shown.Output);
        Assert.Matches("admiration +left out", shown.Output);
        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("affekt bundle make", asked.Errors);
    }

    private string Bundle => At("three");

    private static string Zoo(string name) => TestPaths.Shared($"data/fixtures/zoo/{name}");

    private string At(string name) => _folder.At(name);

    private Task<CliOutcome> MakeAsync(params string[] arguments) => CliRun.HereAsync(["bundle", "make", "three", "--out", Bundle, .. arguments]);
}
