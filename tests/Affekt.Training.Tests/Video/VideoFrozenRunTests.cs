using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Tests.Runs;
using Affekt.Torch;
using Affekt.Training;
using Affekt.Training.Features;
using Affekt.Training.Recipes;
using Affekt.Training.Video;

namespace Affekt.Tests.Video;

/// <summary>The video branch on features that tell the emotion.</summary>
public sealed class VideoFrozenRunTests : IDisposable
{
    private const int Width = 8;

    private static readonly VideoFrozenRecipe s_recipe = new()
    {
        Corpus = "manifest",
        Root = "none",
        Features = "none",
        TextEncoder = new TextEncoderPart { Folder = "none", MaxTokens = 8 },
        VideoEncoder = new VideoEncoderPart { Kind = VideoEncoderPart.Face, Weights = "none" },
        Epochs = 10,
        Batch = 6,
        LearningRate = 0.02,
        ModelWidth = Width,
        Blocks = 1,
        Heads = 2,
        FeedForwardWidth = 16,
        HeadWidth = 16,
        Dropout = 0,
        BlockDropout = 0,
        TextDropout = 0.3,
        SpeakerDropout = 0.3,
        ClassWeightExponent = 0.5,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly VideoFeatureClips _clips = new(MetadataVocabulary.Empty, Clips(40, 1), Clips(14, 2), Width, Width) { VideoEncoder = "none" };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_learns_and_on_a_device_has_the_losses_of_the_processor()
    {
        double[] processor = Losses("processor", TrainingRanks.Alone), device = Losses("device", TrainingRanks.On(FakeDevice.Device));

        Assert.True(processor[^1] < 0.7 * processor[0], string.Join(' ', processor));
        Assert.Equal(processor.Length, device.Length);
        Assert.All(processor.Zip(device), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dimensions_are_learned_beside_labels_and_without(bool labeled)
    {
        VideoFrozenRecipe recipe = s_recipe with { Dimensions = ["valence"], DimensionLoss = "ccc", Metric = labeled ? "weighted_f1" : "ccc" };
        VideoFeatureClips clips = _clips with { Train = [.. _clips.Train.Select(Valued)], Dev = [.. _clips.Dev.Select(Valued)] };
        TorchRuntime.ManualSeed(1);
        using VideoBranch branch = VideoFrozenRun.NewBranch(recipe, clips);
        RunFolder run = RunFolder.Open(_folder.At($"{labeled}"), recipe, resume: false, TrainingRanks.Alone);

        VideoFrozenRun.Train(recipe, 1, branch, clips, run, new RunContext("", false, Silent.Progress), TestContext.Current.CancellationToken);

        JsonElement last = JsonDocument.Parse(File.ReadLines(_folder.At($"{labeled}/metrics.jsonl")).Last()).RootElement;
        Assert.True(last.GetProperty("dev_ccc_valence").GetDouble() > 0.6, $"{last}");
        Assert.Equal(labeled, last.TryGetProperty("dev_accuracy", out _));

        VideoFeatureClip Valued(VideoFeatureClip clip, int i) => clip with
        {
            Label = labeled ? clip.Label : WeightedCrossEntropy.Unlabeled,
            Dimensions = [i % 3 == 2 ? float.NaN : (2 * clip.Label) + 1],
        };
    }

    private double[] Losses(string name, TrainingRanks ranks)
    {
        TorchRuntime.ManualSeed(1);
        using VideoBranch branch = VideoFrozenRun.NewBranch(s_recipe, _clips);
        VideoFrozenRun.Train(
            s_recipe, 1, branch, _clips, RunFolder.Open(_folder.At(name), s_recipe, resume: false, ranks), new RunContext("", false, Silent.Progress) { Ranks = ranks },
            TestContext.Current.CancellationToken);
        return
        [
            .. File.ReadLines(_folder.At($"{name}/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
                .SelectMany(line => new[] { line.GetProperty("train_loss").GetDouble(), line.GetProperty("dev_loss").GetDouble() }),
        ];
    }

    // Frames and words tell the label, beside noise; some clips have no words, and in each a frame is missing.
    private static VideoFeatureClip[] Clips(int count, int seed)
    {
        Random random = new(seed);
        MetadataTracker tracker = new(MetadataVocabulary.Empty);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                int label = i % Emotions.Count;
                return new VideoFeatureClip(
                    Rows(3, label) with { Present = [1, 0, 1] }, i % 3 == 0 ? null : Rows(1 + (i % 4), label), tracker.Next(null, 1_000), label);
            }),
        ];

        StoredFeature Rows(int rows, int label) => new()
        {
            Values =
            [
                .. Enumerable.Range(0, rows * Width).Select(place => (place % Width == label ? 2f : 0) + (0.2f * random.NextSingle())),
            ],
            Shape = [rows, Width],
        };
    }
}
