using System.Text.Json;
using System.Text.Json.Nodes;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Tests;
using Affekt.Tests.Runs;
using Affekt.Training.Evaluations;
using Affekt.Training.Fusion;
using Affekt.Training.Recipes;
using Affekt.Training.Tests.Evaluations;

namespace Affekt.Training.Tests.Fusion;

/// <summary>From two branches to a bundle that fuses them.</summary>
public sealed class FusionRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bundle_and_a_video_run_become_a_bundle_with_both()
    {
        FusionRecipe recipe = WriteParts();
        RunFolder run = RunFolder.Open(_folder.At("run"), recipe, resume: false);
        BundleConfig joined = JoinedBundle.Write(recipe, run);
        using Bundle bundle = Bundle.Open(run.Path, EncoderLocations.None);
        Assert.Equal(("both", "2.0.0", 1.5), (joined.Name, joined.Version, joined.Calibration.Video));
        Assert.NotNull(bundle.Video);
        Assert.Equal(FusionKind.Late, bundle.Fusion.Config.Kind);
        foreach (string name in (string[])["audio-text.safetensors", "text/model.safetensors"])
            Assert.Equal(File.ReadAllBytes(_folder.At($"sound/{name}")), File.ReadAllBytes(run.File(name)));
    }

    [Fact]
    public void A_video_run_that_lacks_a_file_or_none_at_all_is_named()
    {
        FusionRecipe recipe = WriteParts();
        RunFolder run = RunFolder.Open(_folder.At("run"), recipe, resume: false);
        Assert.Contains("video", Assert.Throws<RecipeException>(
            () => JoinedBundle.Write(recipe with { Video = null }, run)).Message, StringComparison.Ordinal);
        File.Delete(_folder.At("pictures/video.safetensors"));
        Assert.Contains("video.safetensors", Assert.Throws<Affekt.Models.ModelException>(
            () => JoinedBundle.Write(recipe, run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_video_branch_that_reads_other_words_or_knows_other_speakers_is_refused()
    {
        FusionRecipe recipe = WriteParts();
        RunFolder run = RunFolder.Open(_folder.At("run"), recipe, resume: false);
        JsonObject video = JsonNode.Parse(File.ReadAllText(_folder.At("pictures/video.json")))!.AsObject();

        video["speakers"] = new JsonArray("Bob", "Ann");
        _folder.Write("pictures/video.json", video.ToJsonString());
        Assert.Contains("speakers: found Bob, Ann, expected Ann, Bob", Refusal(), StringComparison.Ordinal);

        video.Remove("speakers");
        video["text_encoder"] = new string('0', 64);
        _folder.Write("pictures/video.json", video.ToJsonString());
        Assert.Contains("text_encoder: found 000000000000..., a branch trained on another text encoder", Refusal(), StringComparison.Ordinal);
        video["text_encoder"] = BundleEncoders.TextIdentity(_folder.At("sound/text"));
        _folder.Write("pictures/video.json", video.ToJsonString());
        JoinedBundle.Write(recipe, run);

        video["network"]!["token_width"] = 9;
        _folder.Write("pictures/video.json", video.ToJsonString());
        Assert.Contains("network.token_width: found 9, expected 8", Refusal(), StringComparison.Ordinal);

        string Refusal() => Assert.Throws<Affekt.Models.ModelException>(() => JoinedBundle.Write(recipe, run)).Message;
    }

    [Fact]
    public void All_forms_are_trained_and_compared_and_the_bundle_gets_the_named_one()
    {
        FusionRecipe recipe = WriteParts() with { Reads = "log-probabilities" };
        RunFolder run = RunFolder.Open(_folder.At("run"), recipe, resume: false);
        BundleConfig joined = JoinedBundle.Write(recipe, run);
        AnsweredPair[] pairs = Complementary();
        FusionRun.Train(recipe, run, joined, pairs, Silent.Progress, TestContext.Current.CancellationToken);

        using Bundle bundle = Bundle.Open(run.Path, EncoderLocations.None);
        Assert.Equal((FusionKind.PerClass, FusionInput.LogProbabilities), (bundle.Fusion.Config.Kind, bundle.Fusion.Config.Reads));
        Assert.Equal(7, bundle.Config.Fusion!.Scales!.Count);
        JsonNode report = JsonNode.Parse(File.ReadAllText(run.File(FusionRun.ReportFile)))!;
        Assert.Equal(FusionRun.Forms.Count, report["forms"]!.AsObject().Count);
        Assert.Equal("per-class on log-probabilities", report["chosen"]!.GetValue<string>());
        JsonNode set = Assert.Single(report["sets"]!.AsArray())!;
        Assert.Equal(pairs.Count(pair => pair.Held), set["n"]!.GetValue<int>());

        // The scores are those that the bundle's own fusion gets on the held-out half.
        AnsweredPair[] held = [.. pairs.Where(pair => pair.Held)];
        double right = held.Count(pair =>
            bundle.Fusion.Fuse(pair.AudioText, pair.Video).Probabilities.Index().MaxBy(p => p.Item).Index == pair.Truth);
        Assert.Equal(right / held.Length, Row("per-class on log-probabilities"), 12);

        // Each branch knows some classes only; together they know all.
        Assert.True(Row("per-class on log-probabilities") > Math.Max(Row("audio-text"), Row("video")) + 0.1);
        Assert.True(Row("best branch of each class") >= Math.Max(Row("audio-text"), Row("video")));
        Assert.Contains("9 |", File.ReadAllText(run.File(FusionRun.TablesFile)), StringComparison.Ordinal);

        double Row(string name) => set["rows"]![name]!["accuracy"]!.GetValue<double>();
    }

    [Fact]
    public async Task The_pairs_of_a_corpus_are_what_a_dialogues_memory_answers_on_its_dev_split()
    {
        FusionRecipe recipe = WriteParts();
        string both = TinyBundle.Create(_folder.At("both"), video: true);
        Corpus corpus = LabeledClips(LabelSet.Emotions);
        using BrightnessEncoder eyes = new();
        IReadOnlyList<AnsweredPair> pairs = Ask(recipe, both, corpus, eyes);

        // a1's picture is black: there is nothing to fuse.
        Assert.Equal([("a0", false), ("b0", true)], pairs.Select(pair => (pair.Id, pair.Held)));
        using Bundle bundle = Bundle.Open(both, EncoderLocations.None);
        CorpusEvaluation evaluation = await Evaluator(corpus, eyes).RunAsync(bundle, null, TestContext.Current.CancellationToken);
        Assert.Equal(
            bundle.Fusion.Fuse(pairs[0].AudioText, pairs[0].Video).Probabilities, evaluation.Predictions[0].Probabilities,
            (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Theory]
    [InlineData("neutral,positive,negative")]
    [InlineData("happy,sad,angry,neutral")]
    public async Task Experts_of_other_labels_are_asked_fitted_and_evaluated_on_a_corpus_of_theirs(string names)
    {
        LabelSet labels = LabelSet.Parse(names);
        FusionRecipe recipe = WriteParts(labels) with { Enhancement = "experts" };
        RunFolder run = RunFolder.Open(_folder.At("run"), recipe, resume: false);
        BundleConfig joined = JoinedBundle.Write(recipe, run);
        Corpus corpus = LabeledClips(labels);
        using BrightnessEncoder eyes = new();
        IReadOnlyList<AnsweredPair> asked = Ask(recipe, run.Path, corpus, eyes);
        Assert.Equal([("a0", false), ("b0", true)], asked.Select(pair => (pair.Id, pair.Held)));
        Assert.All(asked, pair => Assert.Equal([labels.Count, labels.Count, labels.Count], [pair.Text!.Count, pair.Audio!.Count, pair.Video.Count]));
        Assert.NotEqual(asked[0].Text, asked[0].AudioText);

        // Half of all utterances have the first label, and sound says what words say.
        FusionRun.Train(recipe, run, joined, Skewed(labels.Count), Silent.Progress, TestContext.Current.CancellationToken);
        using Bundle bundle = Bundle.Open(run.Path, EncoderLocations.None);
        ExpertsConfig experts = bundle.Config.Fusion!.Experts!;
        Assert.Equal(0.5, experts.Prior![0], 0.05);
        Assert.Equal(0.5, experts.Text.Prior![0], 0.05);
        Assert.InRange(experts.Text.Weight + experts.Audio.Weight, 0.8, 1.4);
        Assert.InRange(experts.Video.Weight, 0.8, 1.25);
        Assert.Equal((1, 0), (experts.Video.Trust, experts.Video.Unshown));
        JsonNode report = JsonNode.Parse(File.ReadAllText(run.File(FusionRun.ReportFile)))!;
        Assert.Equal(("experts", 14), (report["chosen"]!.GetValue<string>(), report["subsets"]!.AsArray().Count));

        CorpusEvaluation evaluation = await Evaluator(corpus, eyes).RunAsync(bundle, null, TestContext.Current.CancellationToken);
        Assert.Equal(labels, evaluation.Predictions[0].Labels);
        Assert.Equal(["text", "audio", "video", "experts", "late fusion"], evaluation.Rows.Select(row => row.Name));

        // The corpus's prior where none is chosen; another by its labels' names; none of other labels.
        using DialogueMemory own = new(bundle), uniform = new(bundle, EmotionPrior.Uniform), told = new(bundle, EmotionPrior.Of("told", [.. labels.Names.Reverse().Select((name, i) => KeyValuePair.Create(name, i + 1.0))]));
        Assert.Equal(experts.Prior, own.Prior!.Values);
        Assert.Equal(1.0 / labels.Count, uniform.Prior!.Values[0], 12);
        Assert.Equal(labels.Count, told.Prior!.Values[0] / told.Prior.Values[^1], 9);
        string refused = Assert.Throws<Affekt.Models.ModelException>(() => new DialogueMemory(bundle, EmotionPrior.Meld)).Message;
        Assert.Contains($"labels: found {labels}, expected neutral, joy, sadness, anger, fear, disgust, surprise, for the prior meld", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("late")]
    [InlineData("experts")]
    public async Task Two_branches_are_joined_without_a_label_by_the_weight_of_least_squares_for_each_dimension(string form)
    {
        FusionRecipe recipe = WriteParts(LabelSet.Sentiments, [new("valence", 3, 0.8), new("arousal", 2, 0.5)]) with { Enhancement = form };
        RunFolder run = RunFolder.Open(_folder.At("run"), recipe, resume: false);
        BundleConfig joined = JoinedBundle.Write(recipe, run);
        _folder.WriteClip("red.mp4", "color=red:s=32x24:r=8:d=0.5", sound: true);
        _folder.Write("manifest.jsonl", string.Join('\n', "ab".Select(dialogue => JsonSerializer.Serialize(
            new { id = $"{dialogue}0", dialogue = $"{dialogue}", index = 0, text = "oh no!", split = "dev", media = "red.mp4", valence = 2.5 }))));
        Corpus corpus = CorpusPairs.Read(recipe, joined);
        using BrightnessEncoder eyes = new();
        IReadOnlyList<AnsweredPair> asked = Ask(recipe, run.Path, corpus, eyes);
        Assert.Equal([("a0", false, 2.5, null), ("b0", false, 2.5, null)], asked.Select(pair => (pair.Id, pair.Labeled, pair.Dimensions![0].Truth, pair.Dimensions[1].Truth)));

        // Errors of deviations 1 and 2 that know nothing of each other: the best weight is 4 / 5. Of arousal the picture's alone is right.
        FusionRun.Train(recipe, run, joined, Estimates(), Silent.Progress, TestContext.Current.CancellationToken);
        using Bundle bundle = Bundle.Open(run.Path, EncoderLocations.None);
        Assert.Equal((FusionKind.Late, 0.8, 0), (bundle.Config.Fusion!.Kind, bundle.Config.Fusion.Dimensions![0], bundle.Config.Fusion.Dimensions[1]), (a, b) =>
            a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 0.05 && a.Item3 == b.Item3);
        JsonNode valence = JsonNode.Parse(File.ReadAllText(run.File(FusionRun.ReportFile)))!["dimensions"]![0]!;
        Assert.True(Ccc("fused") > Ccc("audio_text") + 0.005 && Ccc("audio_text") > Ccc("video"));
        Assert.Contains("| valence | 1000 | 0.", File.ReadAllText(run.File(FusionRun.TablesFile)), StringComparison.Ordinal);

        // What a dialogue's memory says is the weighted mean of what the branches said.
        double share = bundle.Config.Fusion.Dimensions[0];
        UtteranceAnswer answer = (await Evaluator(corpus, eyes).AskAsync(bundle, branches: false, null, TestContext.Current.CancellationToken))[0].Answer;
        Assert.Equal((share * asked[0].Dimensions![0].AudioText) + ((1 - share) * asked[0].Dimensions![0].Video), answer.Dimensions![0], 6);
        Assert.Equal(asked[0].Dimensions![1].Video, answer.Dimensions[1], 6);

        // An evaluation tells the errors of each branch and of both.
        DimensionScores scores = (await Evaluator(corpus, eyes).RunAsync(bundle, cancellation: TestContext.Current.CancellationToken)).Dimensions.Single().Value;
        double heard = asked[0].Dimensions![0].AudioText, seen = asked[0].Dimensions![0].Video;
        Assert.Equal(["valence", "valence, audio-text", "valence, video", "valence, plain average"], DimensionScores.Rows(new Dictionary<string, DimensionScores> { ["valence"] = scores }).Select(row => row.Name));
        Assert.Equal(
            [Math.Abs(2.5 - answer.Dimensions[0]), Math.Abs(2.5 - heard), Math.Abs(2.5 - seen), Math.Abs(2.5 - ((heard + seen) / 2))],
            scores.Parts!.Values.Prepend(scores).Select(part => part.Rmse), (a, b) => Math.Abs(a - b) < 1e-5);

        double Ccc(string of) => valence[of]!["ccc"]!.GetValue<double>();
    }

    private static CorpusEvaluator Evaluator(Corpus corpus, BrightnessEncoder eyes) =>
        new(corpus, new EvaluationOptions { Split = Split.Dev }, TinyBundle.EncodeSound, eyes);

    // What a bundle answers on a corpus's dev split.
    private static IReadOnlyList<AnsweredPair> Ask(FusionRecipe recipe, string folder, Corpus corpus, BrightnessEncoder eyes)
    {
        using Bundle bundle = Bundle.Open(folder, EncoderLocations.None);
        return CorpusPairs.Make(
            recipe, corpus, bundle, Evaluator(corpus, eyes), Silent.Progress, TestContext.Current.CancellationToken);
    }

    private static AnsweredPair[] Estimates()
    {
        Random random = new(6);
        double[] nothing = [1.0 / 3, 1.0 / 3, 1.0 / 3];
        return
        [
            .. Enumerable.Range(0, 2000).Select(i =>
            {
                double truth = 3 + (3 * Error());
                return new AnsweredPair("made up", i % 2 == 1, $"{i}", $"{i}", default, nothing, nothing)
                {
                    Labeled = false,
                    Dimensions = [new(truth, truth + Error(), truth + (2 * Error())), new(truth, 5, truth)],
                };
            }),
        ];

        double Error() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    // Words and sound hear one sign, the picture another; each is right as often as it says.
    private static AnsweredPair[] Skewed(int labels)
    {
        Random random = new(5);
        double[] prior = [.. Enumerable.Range(0, labels).Select(i => i == 0 ? 0.5 : 0.5 / (labels - 1))];
        return
        [
            .. Enumerable.Range(0, 2000).Select(i =>
            {
                int truth = random.Next(2) == 0 ? 0 : random.Next(1, labels);
                double[] words = Say(truth), picture = Say(truth);
                return new AnsweredPair("made up", i % 2 == 1, $"{i}", $"{i}", truth, words, picture) { Text = words, Audio = words };
            }),
        ];

        double[] Say(int truth)
        {
            const double Right = 0.7;
            int sign = random.NextDouble() < Right ? truth : (truth + random.Next(1, labels)) % labels;
            double[] joint = [.. prior.Select((p, i) => p * (i == sign ? Right : (1 - Right) / (labels - 1)))];
            return [.. joint.Select(p => p / joint.Sum())];
        }
    }

    // The audio-text branch tells the first classes, the video branch the others.
    private static AnsweredPair[] Complementary()
    {
        Random random = new(4);
        return
        [
            .. Enumerable.Range(0, 400).Select(i =>
            {
                int label = random.Next(Emotions.Count);
                return new AnsweredPair(
                    "made up", i % 2 == 1, $"{i}", $"{i}", label, Answer(label, label < 4), Answer(label, label >= 4));
            }),
        ];

        double[] Answer(int label, bool knows)
        {
            double[] powers = [.. Enumerable.Range(0, Emotions.Count).Select(i => Math.Exp(random.NextDouble() + (knows && i == label ? 2 : 0)))];
            return [.. powers.Select(power => power / powers.Sum())];
        }
    }

    private Corpus LabeledClips(LabelSet labels)
    {
        _folder.WriteClip("red.mp4", "color=red:s=32x24:r=8:d=0.5", sound: true);
        _folder.WriteClip("black.mp4", "color=black:s=32x24:r=8:d=0.5", sound: false);
        return CorpusReader.Read(
            "manifest", _folder.Write("manifest.jsonl", $$"""
                {"id":"a0","dialogue":"a","index":0,"speaker":"Ann","text":"oh no!","emotion":"{{labels.Names[0]}}","split":"dev","media":"red.mp4","start_ms":0,"end_ms":500}
                {"id":"a1","dialogue":"a","index":1,"speaker":"Bob","text":"stop it now!","emotion":"{{labels.Names[1]}}","split":"dev","media":"black.mp4","start_ms":0,"end_ms":500}
                {"id":"b0","dialogue":"b","index":0,"speaker":"Bob","text":"yes!","emotion":"{{labels.Names[2]}}","split":"dev","media":"red.mp4","start_ms":0,"end_ms":500}
                """),
            new CorpusReadOptions { Labels = LabelMap.Parse([], labels) });
    }

    private FusionRecipe WriteParts(LabelSet? labels = null, IReadOnlyList<DimensionPart>? dimensions = null)
    {
        TinyBundle.Create(Directory.CreateDirectory(_folder.At("sound")).FullName, labels: labels, dimensions: dimensions);
        string both = TinyBundle.Create(Directory.CreateDirectory(_folder.At("made")).FullName, video: true, labels: labels, dimensions: dimensions);
        BundleConfig made = BundleConfig.Load(Path.Combine(both, BundleConfig.FileName));
        Directory.CreateDirectory(_folder.At("pictures"));
        File.Copy(Path.Combine(both, "video.safetensors"), _folder.At("pictures/video.safetensors"));
        File.WriteAllText(_folder.At("pictures/expression.safetensors"), "no test opens it");
        JsonObject config = JsonNode.Parse(made.ToJson())!.AsObject();
        JsonObject video = new() { ["network"] = config["video"]!["network"]!.DeepClone(), ["temperature"] = 1.5, ["labels"] = config["labels"]!.DeepClone() };
        if (dimensions is not null)
            video["dimensions"] = config["dimensions"]!.DeepClone();
        File.WriteAllText(_folder.At("pictures/video.json"), video.ToJsonString());
        string recipe = _folder.Write("fusion.json", """
            {"task": "fusion", "name": "both", "version": "2.0.0", "audio_text": "sound", "video": "pictures", "corpus": "manifest.jsonl"}
            """);
        return (FusionRecipe)Recipe.Load(recipe);
    }
}
