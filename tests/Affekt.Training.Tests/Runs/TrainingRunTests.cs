using System.Text.Json;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Training;
using Affekt.Training.AudioText;
using Affekt.Training.Evaluations;
using Affekt.Training.Features;
using Affekt.Training.Recipes;
using Affekt.Training.Text;

namespace Affekt.Tests.Runs;

/// <summary>The starter's own recipes, followed on small corpora.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private readonly SmallCorpora _corpora = new();

    public void Dispose() => _corpora.Dispose();

    [Fact]
    public void The_text_recipe_gives_the_same_metrics_and_weights_when_followed_twice()
    {
        TextEncoderRecipe recipe = TextRecipe();

        TextEncoderRun.Follow(recipe, new RunContext(_corpora.Path("once"), false, Silent.Progress), TestContext.Current.CancellationToken);
        TextEncoderRun.Follow(recipe, new RunContext(_corpora.Path("twice"), false, Silent.Progress), TestContext.Current.CancellationToken);

        foreach (string file in (string[])["metrics.jsonl", "both/model.safetensors", "meld/model.safetensors", "meld/head.safetensors"])
            Assert.Equal(File.ReadAllBytes(_corpora.Path($"once/{file}")), File.ReadAllBytes(_corpora.Path($"twice/{file}")));
    }

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/starter/text.json")]
    public void The_text_recipe_learns_words_that_tell_the_emotion()
    {
        TextEncoderRun.Follow(TextRecipe(), new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);

        Assert.True(LastMetric("run/metrics.jsonl", "dev_accuracy") > 0.6);
    }

    // What comes of it is a frozen encoder for the next recipe, and a folder that recognition's engine reads to the same numbers.
    [Fact]
    [Trait(SmallRun.Recipe, "recipes/own/text.json")]
    public void A_roberta_is_fine_tuned_on_labels_of_ones_own()
    {
        string[] labels = ["calm", "keen"];
        File.WriteAllLines(_corpora.Path("own.jsonl"), ((string[])["train", "dev"]).SelectMany(split => Enumerable.Range(0, 24).Select(i =>
            $$"""{"id":"{{split}}{{i}}","dialogue":"{{split}}{{i}}","index":0,"split":"{{split}}","text":"{{(i % 2 == 0 ? "slowly, please" : "Now! Go, go")}}","emotion":"{{labels[i % 2]}}"}""")));
        TextEncoderRecipe recipe = (TextEncoderRecipe)Recipe.Load(TestPaths.InRepository("recipes/own/text.json"),
        [
            "encoder=" + TestPaths.Shared("data/fixtures/zoo/roberta"), "root=" + _corpora.Path("own.jsonl"), "labels=calm,keen", "learning_rate=1e-3",
            "head_learning_rate=1e-2", "batch_texts=8",
        ]);

        TextEncoderRun.Follow(recipe, new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);

        Assert.Equal(1, LastMetric("run/metrics.jsonl", "dev_accuracy"));
        using TextFeatureEncoder before = TextFeatureEncoder.Load(recipe.Encoder), after = TextFeatureEncoder.Load(_corpora.Path("run/own"));
        using TrainedTextEncoder trained = TrainedTextEncoder.Load(_corpora.Path("run/own"), TextEncoder.OpenTokenizer(_corpora.Path("run/own"), 96));
        trained.Network.Train(false);
        float[] frozen = Encode(after);
        using TensorScope scope = new();
        Assert.Equal(frozen, trained.Encode([trained.Tokenize("Now! Go, go")]).ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.NotEqual(frozen, Encode(before));

        float[] Encode(TextFeatureEncoder encoder) =>
            encoder.Encode([new PreparedInput.Tokens(trained.Tokenize("Now! Go, go"))], TestContext.Current.CancellationToken)[0][0].Values!;
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    [Trait(SmallRun.Recipe, "recipes/starter/audio-text.json")]
    public void The_audio_text_recipe_writes_a_bundle_that_opens_and_is_the_same_after_a_break(string trainTextEncoder)
    {
        _corpora.WriteSounds();
        AudioTextRecipe recipe = (AudioTextRecipe)Recipe.Load(TestPaths.InRepository("recipes/starter/audio-text.json"),
        [
            "text_encoder=" + _corpora.Path("encoder"), "meld=" + _corpora.Path("meld"), "ravdess=" + _corpora.Path("ravdess"),
            "tess=" + _corpora.Path("tess"), "features=" + _corpora.Path("features"), "train_text_encoder=" + trainTextEncoder,
            "seeds=[3]", "epochs=2", "sounds=7", "copies=[\"noise\"]", "lstm_width=8", "head_width=8", "max_tokens=8",
        ]);

        AudioTextRun.Follow(recipe, new RunContext(_corpora.Path("once"), false, Silent.Progress), TestContext.Current.CancellationToken);
        using BreakOff breakOff = new(30);
        Assert.Throws<OperationCanceledException>(
            () => AudioTextRun.Follow(recipe, new RunContext(_corpora.Path("twice"), false, breakOff), breakOff.Token));
        AudioTextRun.Follow(recipe, new RunContext(_corpora.Path("twice"), true, Silent.Progress), TestContext.Current.CancellationToken);

        using Bundle bundle = Bundle.Open(_corpora.Path("once/seed-3"), EncoderLocations.None);
        Assert.Equal("seed-3", File.ReadAllText(_corpora.Path("once/best")).Trim());
        Assert.InRange(bundle.AudioText.AudioTrust, 0, 1);
        using StateFile weights = StateFile.Open(_corpora.Path("once/seed-3/audio-text.safetensors"));
        Assert.All(weights.Tensors.Values, tensor => Assert.Equal(ElementType.Float16, tensor.Type));
        Assert.True(bundle.Config.Calibration.Text > 0);
        AssertSame(
            "once/seed-3", "twice/seed-3", "metrics.jsonl", "state.json", "config.json", "audio-text.safetensors", "text-encoder/model.safetensors");
    }

    // The text encoder of the base variant is on a hub: a tiny one stands in for it, and Moonshine for its wav2vec 2.0.
    [Theory]
    [InlineData("audio-text.json")]
    [InlineData("audio-text-base.json")]
    public async Task Melds_audio_text_recipes_train_from_media_to_a_bundle_that_evaluates(string file)
    {
        _corpora.WriteSounds();
        _corpora.WriteManifest();
        AudioTextFrozenRecipe recipe = (AudioTextFrozenRecipe)Recipe.Load(TestPaths.InRepository($"recipes/meld/{file}"),
        [
            "corpus=manifest", "root=" + _corpora.Path("manifest.jsonl"), "features=" + _corpora.Path("features"),
            $$"""text_encoder={"folder":"{{_corpora.Path("encoder")}}","max_tokens":8,"pooling":"cls"}""", """audio_encoder={"kind":"moonshine-tiny"}""",
            "seeds=[1,2]", "epochs=2", "lstm_width=8", "head_width=8", "metadata_width=4", "learning_rate=0.01",
        ]);

        AudioTextFrozenRun.Follow(recipe, new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);

        CorpusEvaluator evaluator = new(Manifest.Read(recipe.Root), new EvaluationOptions { Modalities = ModalityChoice.Parse("text") });
        EvaluationOutcome outcome = await EvaluationRun.RunAsync(
            BundleOrRun.Find(_corpora.Path("run")), evaluator, EncoderLocations.None, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((21, 2), (outcome.Report.N, outcome.Report.Seeds!.Count));
        Assert.Equal(4, Directory.GetFiles(_corpora.Path("run"), "*.safetensors", SearchOption.AllDirectories).Count(f => f.Contains("checkpoints")));
        using (FeatureStore store = FeatureStore.Open(_corpora.Path("features")))
            Assert.Equal(7 + 14, store.Count);

        // A bundle holds its encoder, and can be carried elsewhere.
        Directory.Move(_corpora.Path("run"), _corpora.Path("elsewhere"));
        Directory.Delete(_corpora.Path("encoder"), recursive: true);
        using Bundle bundle = Bundle.Open(_corpora.Path("elsewhere/seed-2"), EncoderLocations.None);
        Assert.Contains("text-encoder/model.safetensors", bundle.FileNames);
        Assert.DoesNotContain("/", bundle.Config.TextEncoder.Folder);
    }

    [Fact]
    public void A_published_corpus_trains_by_its_name_with_its_labels_mapped_and_those_left_out_are_told()
    {
        Directory.CreateDirectory(_corpora.Path("emowoz"));
        File.WriteAllText(_corpora.Path("emowoz/data-split.json"), """{"train": {"multiwoz": ["a", "b"]}, "dev": {"multiwoz": ["c"]}}""");
        string log = """{"log": [{"text": "fine", "emotion": [{"emotion": 0}]}, {"text": "what", "emotion": []}, {"text": "great", "emotion": [{"emotion": 5}]}, {"text": "oh", "emotion": []}, {"text": "hate", "emotion": [{"emotion": 4}]}]}""";
        File.WriteAllText(_corpora.Path("emowoz/emowoz-multiwoz.json"), $$"""{"a": {{log}}, "b": {{log}}, "c": {{log}}}""");
        List<string> told = [];
        AudioTextFrozenRecipe recipe = (AudioTextFrozenRecipe)Recipe.Load(TestPaths.InRepository("recipes/meld/audio-text.json"),
        [
            "corpus=emowoz", "root=" + _corpora.Path("emowoz"), "map=[\"excited=joy\"]", "features=" + _corpora.Path("features"),
            $$"""text_encoder={"folder":"{{_corpora.Path("encoder")}}","max_tokens":8}""", """audio_encoder={"kind":"moonshine-tiny"}""",
            "seeds=[1]", "epochs=1", "lstm_width=8", "head_width=8", "metadata_width=4",
        ]) with
        { Tell = told.Add };

        AudioTextFrozenRun.Follow(recipe, new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);

        Assert.Contains("3 labeled 4 (abusive), which is none of the seven", Assert.Single(told));
        SeedBundle bundle = Assert.Single(BundleOrRun.Find(_corpora.Path("run")).Bundles);
        Assert.Contains("excited=joy", File.ReadAllText(Path.Combine(bundle.Folder, "recipe.json")));
    }

    [Fact]
    public void A_corpus_without_labels_is_an_error_before_anything_is_written()
    {
        string manifest = _corpora.Path("bare.jsonl");
        File.WriteAllText(manifest, """
            {"id":"0","dialogue":"d","index":0,"split":"train","text":"yay"}
            {"id":"1","dialogue":"e","index":0,"split":"dev","emotion":"anger","text":"no"}
            """);
        AudioTextFrozenRecipe recipe = (AudioTextFrozenRecipe)Recipe.Load(TestPaths.InRepository("recipes/meld/audio-text.json"),
        [
            "corpus=manifest", $"root={manifest}", "features=" + _corpora.Path("features"),
            $$"""text_encoder={"folder":"{{_corpora.Path("encoder")}}","max_tokens":8}""", """audio_encoder={"kind":"moonshine-tiny"}""",
        ]);

        string message = Assert.Throws<RecipeException>(() => AudioTextFrozenRun.Follow(
            recipe, new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken)).Message;

        Assert.Contains("0 utterances with a label in train and 1 in dev", message);
        Assert.False(Directory.Exists(_corpora.Path("run")));
    }

    [Fact]
    public async Task A_corpus_with_dimensions_alone_gives_a_bundle_that_estimates_them_and_withholds_labels()
    {
        string manifest = _corpora.Path("valence.jsonl");
        File.WriteAllLines(manifest, ((string[])["train", "dev", "test"]).SelectMany(split => Enumerable.Range(0, 6).Select(i =>
            $$"""{"id":"{{split}}{{i}}","dialogue":"{{split}}{{i}}","index":0,"split":"{{split}}","text":"{{(i % 2 == 0 ? "yay" : "no")}}","valence":{{i % 2}}}""")));
        AudioTextFrozenRecipe Read(string metric) => (AudioTextFrozenRecipe)Recipe.Load(TestPaths.InRepository("recipes/meld/audio-text.json"),
        [
            "corpus=manifest", $"root={manifest}", "features=" + _corpora.Path("features"), "dimensions=[\"valence\"]", "dimension_loss=ccc",
            $$"""text_encoder={"folder":"{{_corpora.Path("encoder")}}","max_tokens":8}""", """audio_encoder={"kind":"moonshine-tiny"}""",
            $"metric={metric}", "seeds=[1,2]", "epochs=2", "lstm_width=8", "head_width=8", "metadata_width=4",
        ]);

        Assert.Contains("the metric ccc", Assert.Throws<RecipeException>(() => Follow(Read("accuracy"))).Message);
        Follow(Read("ccc"));

        Corpus corpus = CorpusReader.Read("manifest", manifest, new CorpusReadOptions { Dimensions = ["valence"] });
        EvaluationOutcome outcome = await EvaluationRun.RunAsync(
            BundleOrRun.Find(_corpora.Path("run")), new CorpusEvaluator(corpus, new EvaluationOptions()), EncoderLocations.None,
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((0, 6), (outcome.Report.N, outcome.Report.Dimensions!["valence"].N));
        string page = HtmlReport.Create(EvaluationReport.FromJson(outcome.Report.ToJson()));
        Assert.Contains("concordance (CCC)", page);
        Assert.DoesNotContain("<h2>Scores", page);
        using Bundle bundle = Bundle.Open(BundleOrRun.Find(_corpora.Path("run")).Best.Folder, EncoderLocations.None);
        using DialogueMemory memory = new(bundle);
        UtteranceAnswer answer = memory.Ask(new UtteranceFeatures(bundle.ReadText("yay")!.Value.Features, null, new MetadataTracker(bundle.Metadata).Next(null, null)))!;
        Assert.All(answer.Probabilities, probability => Assert.Equal(1.0 / Emotions.Count, probability, 1e-9));
        Assert.Equal((1, 1), (answer.Dimensions!.Length, bundle.Config.Calibration.AbstainBelow));

        void Follow(AudioTextFrozenRecipe recipe) => AudioTextFrozenRun.Follow(
            recipe, new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_run_that_is_cancelled_stops_and_says_so()
    {
        using CancellationTokenSource canceled = new();
        canceled.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => TextEncoderRun.Follow(TextRecipe(), new RunContext(_corpora.Path("run"), false, Silent.Progress), canceled.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(45)]
    public void A_text_run_that_is_broken_off_goes_on_to_the_same_weights_and_metrics(int step)
    {
        TextEncoderRun.Follow(TextRecipe(), new RunContext(_corpora.Path("whole"), false, Silent.Progress), TestContext.Current.CancellationToken);
        using BreakOff breakOff = new(step);

        Assert.Throws<OperationCanceledException>(
            () => TextEncoderRun.Follow(TextRecipe(), new RunContext(_corpora.Path("broken"), false, breakOff), breakOff.Token));
        TextEncoderRun.Follow(TextRecipe(), new RunContext(_corpora.Path("broken"), true, Silent.Progress), TestContext.Current.CancellationToken);

        AssertSame("whole", "broken", "metrics.jsonl", "state.json", "both/model.safetensors", "meld/model.safetensors", "meld/head.safetensors");
        Assert.Equal(Checkpoints("whole"), Checkpoints("broken"));
        AssertSame("whole", "broken", [.. Checkpoints("whole")]);
    }

    [Fact]
    public void A_run_does_not_go_on_with_another_recipe()
    {
        TextEncoderRun.Follow(TextRecipe(), new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);

        RecipeException e = Assert.Throws<RecipeException>(() => TextEncoderRun.Follow(
            TextRecipe("dropout=0.5"), new RunContext(_corpora.Path("run"), true, Silent.Progress), TestContext.Current.CancellationToken));

        Assert.Contains("dropout: found 0.5, expected 0.1", e.Message, StringComparison.Ordinal);
    }

    private IEnumerable<string> Checkpoints(string run) => Directory.GetFiles(_corpora.Path($"{run}/checkpoints"))
        .Select(file => $"checkpoints/{Path.GetFileName(file)}").Order();

    private void AssertSame(string first, string second, params string[] files) => Assert.All(files, file => Assert.Equal(
        File.ReadAllBytes(_corpora.Path($"{first}/{file}")), File.ReadAllBytes(_corpora.Path($"{second}/{file}"))));

    private TextEncoderRecipe TextRecipe(params string[] settings) => (TextEncoderRecipe)Recipe.Load(TestPaths.InRepository("recipes/starter/text.json"),
    [
        "encoder=" + _corpora.Path("encoder"), "vocabulary=" + _corpora.Path("encoder/vocab.txt"), "meld=" + _corpora.Path("meld"),
        "goemotions=" + _corpora.Path("goemotions"), "max_tokens=8", "batch_tokens=64", "learning_rate=0.01",
        .. settings,
    ]);

    private double LastMetric(string file, string name)
    {
        using JsonDocument line = JsonDocument.Parse(File.ReadLines(_corpora.Path(file)).Last());
        return line.RootElement.GetProperty(name).GetDouble();
    }
}
