using System.Text.Json;
using System.Text.Json.Nodes;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Training;
using Affekt.Training.AudioText;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Runs;

/// <summary>The audio-text branch on features that tell the emotion, in dialogues of all lengths.</summary>
public sealed class AudioTextFrozenTests : IDisposable
{
    private const int Width = 7;

    private static readonly AudioTextFrozenRecipe s_recipe = new()
    {
        Name = "small",
        Version = "1.0.0",
        Corpus = "manifest",
        Root = "none",
        Features = "none",
        TextEncoder = new TextEncoderPart { Folder = "none", MaxTokens = 8 },
        AudioEncoder = AudioEncoderPart.Moonshine,
        Dialogues = 4,
        Epochs = 10,
        Patience = null,
        LearningRate = 0.02,
        LstmWidth = 16,
        HeadWidth = 16,
        MetadataWidth = 4,
        ModalityDropout = 0.3,
        SpeakerDropout = 0.3,
        ClassWeightExponent = 0.5,
        LabelSmoothing = 0.05,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly FeatureDialogue[] _train = NewDialogues(30, 1);
    private readonly FeatureDialogue[] _dev = NewDialogues(10, 2);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_learns_from_either_modality_what_the_features_tell()
    {
        using AudioTextBranch branch = Train("run", s_recipe, resume: false, null);

        branch.Train(false);
        using FeatureSteps steps = new(s_recipe, branch, [], _dev, TrainingRanks.Alone);
        Assert.True(steps.Answers(_dev).Score().Accuracy > 0.95);
        Assert.All(
            (FeatureDialogue[][])[[.. _dev.Select(d => d with { Text = [.. d.Text.Select(_ => (float[]?)null)] })], [.. _dev.Select(d => d with { Audio = [.. d.Audio.Select(_ => (float[]?)null)] })]],
            half => Assert.InRange(steps.Answers(half).Score().Accuracy, 0.5, 1));
    }

    // Three layers, of which the second tells the label and the others are noise; the third's is large.
    [Fact]
    public void The_layer_that_tells_the_label_comes_to_count_most_and_the_written_branch_answers_as_the_trained_one()
    {
        AudioTextFrozenRecipe recipe = s_recipe with { LayerLearningRate = 0.1, Epochs = 12, ModalityDropout = 0.2 };
        FeatureDialogue[] train = Layered(_train, 3), dev = Layered(_dev, 4);
        TorchRuntime.ManualSeed(1);
        using AudioTextBranch branch = AudioTextFrozenRun.NewBranch(recipe, Width, Width, MetadataVocabulary.Empty, train, textLayers: 3, audioLayers: 3);

        AudioTextFrozenRun.Train(
            recipe, train, dev, branch, 1, RunFolder.Open(_folder.At("run"), recipe, false), new RunContext("", false, Silent.Progress), CancellationToken.None);

        branch.Train(false);
        Assert.All([branch.TextLayers!, branch.AudioLayers!], layers => Assert.True(layers.Weights[1] > 0.8, string.Join(' ', layers.Weights)));
        using FeatureSteps steps = new(recipe, branch, [], dev, TrainingRanks.Alone);
        using AudioTextBranch written = branch.WithoutLayers();
        using FeatureSteps mixed = new(recipe, written, [], dev, TrainingRanks.Alone);
        Assert.True(steps.Answers(dev).Score().Accuracy > 0.9);
        FeatureDialogue[] sums = [.. dev.Select(dialogue => dialogue with { Text = Sums(dialogue.Text, branch.TextLayers!), Audio = Sums(dialogue.Audio, branch.AudioLayers!) })];
        Assert.All(
            steps.Answers(dev).Logits.SelectMany(row => row).Zip(mixed.Answers(sums).Logits.SelectMany(row => row)),
            pair => Assert.Equal(pair.First, pair.Second, 1e-3));

        static FeatureDialogue[] Layered(FeatureDialogue[] dialogues, int seed)
        {
            Random random = new(seed);
            return [.. dialogues.Select(dialogue => dialogue with { Text = [.. dialogue.Text.Select(Layers)], Audio = [.. dialogue.Audio.Select(Layers)] })];

            float[]? Layers(float[]? told) => [.. Noise(1), .. told!, .. Noise(5)];

            IEnumerable<float> Noise(float size) => Enumerable.Range(0, Width).Select(_ => size * random.NextSingle());
        }

        static float[]?[] Sums(IReadOnlyList<float[]?> rows, LayerMixture layers) => [.. rows.Select(row => StoredFeature.Vector(row!).Mixed(layers.Weights).Values)];
    }

    // Values that follow the label, of which every third is not known; with the labels, and without any.
    [Theory]
    [InlineData("mse", true)]
    [InlineData("ccc", true)]
    [InlineData("ccc", false)]
    public void Dimensions_are_learned_beside_labels_or_alone_and_their_concordance_is_told_by_epoch(string loss, bool labeled)
    {
        AudioTextFrozenRecipe recipe = s_recipe with
        {
            Labels = "a,b,c,d,e,f,g",
            Dimensions = ["valence"],
            DimensionLoss = loss,
            Metric = labeled ? "weighted_f1" : "ccc",
            DirectLogits = !labeled,
            Epochs = 12,
        };
        FeatureDialogue[] train = [.. _train.Select(Valued)], dev = [.. _dev.Select(Valued)];

        using AudioTextBranch branch = Train("run", recipe, resume: false, null, train: train, dev: dev);

        JsonElement last = JsonDocument.Parse(File.ReadLines(_folder.At("run/metrics.jsonl")).Last()).RootElement;
        Assert.True(last.GetProperty("dev_ccc_valence").GetDouble() > 0.9, $"{last}");
        Assert.Equal(last.GetProperty("dev_ccc_valence").GetDouble(), last.GetProperty("dev_ccc").GetDouble());
        Assert.Equal(labeled, last.TryGetProperty("dev_accuracy", out JsonElement accuracy));
        Assert.True(!labeled || accuracy.GetDouble() > 0.9, $"{last}");
        DimensionTask learned = new(recipe, train.SelectMany(dialogue => dialogue.Dimensions));
        Assert.InRange(learned.Parts[0].Mean, 6.5, 7.5);
        Assert.Throws<RecipeException>(() => new DimensionTask(recipe, []));
        if (loss == "ccc")
            Assert.Contains("one process", Assert.Throws<RecipeException>(() => new DimensionTask(recipe, [], processes: 2)).Message);

        // What nobody labeled is not answered.
        using FeatureSteps steps = new(recipe, branch, [], _dev, TrainingRanks.Alone, learned);
        branch.Train(false);
        Assert.Equal(!labeled, steps.Answers(_dev).Logits.All(row => row.All(logit => logit == 0)));

        FeatureDialogue Valued(FeatureDialogue dialogue) => dialogue with
        {
            Labels = labeled ? dialogue.Labels : [.. dialogue.Labels.Select(_ => DialogueExample.NoLabel)],
            Dimensions = [.. dialogue.Labels.Select((label, i) => new[] { i % 3 == 2 ? float.NaN : (2 * label) + 1 })],
        };
    }

    // Expected by PyTorch in double precision: the mean over both dimensions of 1 - CCC with moments of the population, and its gradient.
    [Theory]
    [InlineData("ccc", 0.7295556309, 0.1140)]
    [InlineData("mse", 2.8832589209, double.NaN)]
    public void The_loss_of_dimensions_is_that_of_the_reference(string loss, double expected, double gradient)
    {
        DimensionTask task = new(s_recipe with { Dimensions = ["one", "other"], DimensionLoss = loss }, [[0, 1], [2, 3], [4, 2]]);
        using TensorScope scope = new();
        Tensor said = Tensor.From<float>([0.5f, -1, 1.5f, 0.25f, -0.5f, 2, 0, 1], 4, 2);
        said.RequiresGrad = true;

        Tensor found = task.Loss(said, [[1, float.NaN], [2, 0.5f], [-1, 1.5f], [0.5f, float.NaN]], 6);
        found.Backward();

        Assert.Equal(expected, found.Item(), 1e-6);
        float[] gradients = said.Grad!.ToArray<float>();
        Assert.Equal(0, gradients[1]);
        if (!double.IsNaN(gradient))
            Assert.Equal(gradient, gradients[4], 1e-4);
    }

    [Fact]
    public void A_run_on_a_device_has_the_metrics_of_one_on_the_processor_and_goes_on_there()
    {
        AudioTextFrozenRecipe few = s_recipe with { Epochs = 3, Dropout = 0, InputDropout = 0 };
        Train("processor", few, resume: false, null).Dispose();

        Assert.Throws<OperationCanceledException>(() => Train("device", few, resume: false, 20, FakeDevice.Device));
        using AudioTextBranch resumed = Train("device", few, resume: true, null);

        Assert.Equal(Device.Cpu, resumed.State().First().Tensor.Device);
        AssertSameMetrics("processor", "device");
    }

    [Fact]
    public void It_stops_early_when_patience_is_over_and_keeps_the_best_epoch()
    {
        AudioTextFrozenRecipe still = s_recipe with { LearningRate = 1e-30, WeightDecay = 0, Patience = 2, Epochs = 9 };

        Train("run", still, resume: false, null).Dispose();

        Assert.Equal(3, File.ReadLines(_folder.At("run/metrics.jsonl")).Count());
        Assert.Contains("checkpoints/best-train-1.safetensors", Checkpoints("run"));
    }

    [Fact]
    public void Each_step_tells_its_loss_rate_and_gradient_norm_and_the_rate_rises_and_falls()
    {
        Train("run", s_recipe with { Epochs = 2, Warmup = 0.25 }, resume: false, null).Dispose();

        JsonElement[] steps = [.. File.ReadLines(_folder.At("run/steps.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        double[] rates = [.. steps.Select(step => step.GetProperty("learning_rate").GetDouble())];
        JsonElement[] epochs = [.. File.ReadLines(_folder.At("run/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(Enumerable.Range(1, 16), steps.Select(step => step.GetProperty("step").GetInt32()));
        Assert.Equal(s_recipe.LearningRate, rates.Max(), 1e-9);
        Assert.True(rates[0] < rates[3] && rates[^1] < rates[4], string.Join(' ', rates));
        Assert.All(steps, step => Assert.True(step.GetProperty("gradient_norm").GetDouble() > 0));
        Assert.Equal(
            steps[..8].Average(step => step.GetProperty("loss").GetDouble()), epochs[0].GetProperty("train_loss").GetDouble(), 1e-9);
        Assert.Equal(
            steps[8..].Average(step => step.GetProperty("gradient_norm").GetDouble()), epochs[1].GetProperty("gradient_norm").GetDouble(), 1e-9);
    }

    [Fact]
    public void A_run_that_ended_goes_on_when_its_recipe_has_more_epochs()
    {
        Train("run", s_recipe with { Epochs = 2, Patience = null }, resume: false, null).Dispose();

        Train("run", s_recipe with { Epochs = 4, Patience = null }, resume: true, null).Dispose();
        RecipeException other = Assert.Throws<RecipeException>(
            () => Train("run", s_recipe with { Epochs = 4, Patience = null, Dialogues = 3 }, resume: true, null));

        Assert.Equal(4, File.ReadLines(_folder.At("run/metrics.jsonl")).Count());
        Assert.Equal(32, File.ReadLines(_folder.At("run/steps.jsonl")).Count());
        Assert.Equal(4, JsonDocument.Parse(File.ReadAllText(_folder.At("run/recipe.json"))).RootElement.GetProperty("epochs").GetInt32());
        Assert.Contains("dialogues", other.Message);
    }

    [Fact]
    public void A_run_goes_on_that_was_begun_before_its_recipe_had_some_of_todays_fields()
    {
        Train("run", s_recipe with { Epochs = 1, Patience = null }, resume: false, null).Dispose();
        JsonObject older = JsonNode.Parse(File.ReadAllText(_folder.At("run/recipe.json")))!.AsObject();
        foreach (string field in new[] { "map", "precision" })
            Assert.True(older.Remove(field), field);
        File.WriteAllText(_folder.At("run/recipe.json"), older.ToJsonString());

        Train("run", s_recipe with { Epochs = 2, Patience = null }, resume: true, null).Dispose();
        RecipeException other = Assert.Throws<RecipeException>(
            () => Train("run", s_recipe with { Epochs = 2, Patience = null, LabelSmoothing = 0.1 }, resume: true, null));

        Assert.Equal(2, File.ReadLines(_folder.At("run/metrics.jsonl")).Count());
        Assert.Contains("label_smoothing", other.Message);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_with_step_rate_and_gradient_norm()
    {
        AudioTextFrozenRecipe wild = s_recipe with { LearningRate = 1e30, Warmup = 0 };

        string message = Assert.Throws<TrainingException>(() => Train("run", wild, resume: false, null)).Message;

        Assert.Matches(@"run, epoch 1, step \d of 8: found a loss of \S+ at a learning rate of 1e\+30 and a gradient norm of \S+, expected numbers", message);
        Assert.Empty(Directory.Exists(_folder.At("run/checkpoints")) ? Checkpoints("run") : []);
    }

    [Fact]
    public void Every_dialogue_is_seen_once_and_steps_hold_dialogues_of_about_one_length()
    {
        FeatureDialogue[][] steps = FeatureDialogue.Steps(_train, 4, new Random(3));

        Assert.Equal(_train.Length, steps.SelectMany(step => step).Distinct().Count());
        int padded = steps.Sum(step => step.Length * step.Max(dialogue => dialogue.Count)), real = _train.Sum(dialogue => dialogue.Count);
        Assert.InRange(padded, real, real * 1.25);
    }

    [Fact]
    public void Padding_changes_no_score()
    {
        using AudioTextBranch branch = NewBranch(s_recipe);
        branch.Train(false);
        using FeatureSteps steps = new(s_recipe, branch, [], _dev, TrainingRanks.Alone);

        double together = steps.Answers(_dev).Loss();

        double alone = _dev.Sum(dialogue => steps.Answers([dialogue]).Loss() * dialogue.Count) / _dev.Sum(dialogue => dialogue.Count);
        Assert.Equal(alone, together, 1e-5);
    }

    private AudioTextBranch NewBranch(AudioTextFrozenRecipe recipe, FeatureDialogue[]? train = null)
    {
        TorchRuntime.ManualSeed(1);
        return AudioTextFrozenRun.NewBranch(recipe, Width, Width, MetadataVocabulary.Empty, train ?? _train);
    }

    private void AssertSameMetrics(string expected, string actual)
    {
        JsonElement[][] runs =
            [.. new[] { expected, actual }.Select(run => File.ReadLines(_folder.At($"{run}/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray())];
        Assert.Equal(runs[0].Length, runs[1].Length);
        foreach ((JsonElement one, JsonElement other) in runs[0].Zip(runs[1]))
            Assert.All(["train_loss", "dev_loss"], metric => Assert.Equal(one.GetProperty(metric).GetDouble(), other.GetProperty(metric).GetDouble(), 1e-5));
    }

    private AudioTextBranch Train(
        string name, AudioTextFrozenRecipe recipe, bool resume, int? breakOffAt, Device? device = null,
        FeatureDialogue[]? train = null, FeatureDialogue[]? dev = null)
    {
        using CancellationTokenSource source = new();
        AudioTextBranch branch = NewBranch(recipe, train);
        try
        {
            AudioTextFrozenRun.Train(
                recipe, train ?? _train, dev ?? _dev, branch, 1, RunFolder.Open(_folder.At(name), recipe, resume),
                new RunContext("", resume, new Counter(source, breakOffAt)) { Ranks = device is null ? TrainingRanks.Alone : TrainingRanks.On(device) },
                source.Token);
            return branch;
        }
        catch
        {
            branch.Dispose();
            throw;
        }
    }

    private IEnumerable<string> Checkpoints(string run) =>
        Directory.GetFiles(_folder.At($"{run}/checkpoints")).Select(file => $"checkpoints/{Path.GetFileName(file)}").Order();

    // Each feature tells the label, beside noise.
    private static FeatureDialogue[] NewDialogues(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => NewDialogue(random.Next(1, 12), random))];
    }

    private static FeatureDialogue NewDialogue(int length, Random random)
    {
        int[] labels = [.. Enumerable.Range(0, length).Select(_ => random.Next(Emotions.Count))];
        MetadataTracker tracker = new(MetadataVocabulary.Empty);
        return new FeatureDialogue(
            [.. labels.Select(Feature)], [.. labels.Select(Feature)], [.. labels.Select(_ => tracker.Next(null, 1_000))], labels);

        float[] Feature(int label) => [.. Enumerable.Range(0, Width).Select(i => (i == label ? 1f : 0) + (0.1f * random.NextSingle()))];
    }

    private sealed class Counter(CancellationTokenSource source, int? most) : IProgress<TrainingProgress>
    {
        private int _seen;

        public void Report(TrainingProgress value)
        {
            if (++_seen == most)
                source.Cancel();
        }
    }
}
