using System.Diagnostics;
using System.Globalization;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Recognition;
using Affekt.Tests.Runs;
using Affekt.Torch;
using Affekt.Training;
using Affekt.Training.Recipes;
using Affekt.Training.Video;

namespace Affekt.Tests.Video;

/// <summary>Training the video branch on synthetic clips (recipes/video/make-clips.sh), with a small trunk.</summary>
public sealed class VideoRunTests(SyntheticClips clips) : IClassFixture<SyntheticClips>
{
    private const string Plain = "\"changes\": {\"flip\": 0, \"crop\": 1, \"color\": 0, \"time\": 0}, \"dropout\": 0, \"block_dropout\": 0";

    [Fact]
    public async Task Clips_are_learned_and_recognition_reads_what_the_run_wrote()
    {
        // Sixteen take minutes: recipes/video/overfit.sh.
        string few = Path.Combine(clips.Folder, "few.jsonl");
        File.WriteAllLines(few, File.ReadLines(clips.Manifest).Take(2 * 4));
        string run = Train(
            "overfit", $"\"epochs\": 40, \"batch\": 4, \"learning_rate\": 4e-3, \"batch_statistics\": true, {Plain}", manifest: few);

        VideoFolder video = VideoFolder.Load(run);
        using IFrameEncoder encoder = BundleEncoders.OpenVideo(run, video.VideoEncoder, Path.Combine(run, video.VideoEncoder.Weights));
        Assert.Equal((VideoEncoderPart.Mc3, 32), (video.VideoEncoder.Kind, encoder.Frames.Side));
        using VideoBranch branch = new(video.Network);
        NetworkState.Load(branch, Path.Combine(run, video.Weights));
        MediaTools tools = MediaTools.Find();
        foreach (Utterance utterance in Manifest.Read(few).Utterances.Where(utterance => utterance.Split == Split.Dev))
        {
            MediaInfo media = await tools.ProbeAsync(utterance.Media!, TestContext.Current.CancellationToken);
            (VideoFrames frames, _) = await UtteranceFrames.ReadAsync(
                tools, media, TimeRange.FromMilliseconds(0, 1000), encoder.Frames, TestContext.Current.CancellationToken);
            Assert.Equal(utterance.Label, Answer(branch, encoder.Encode(frames), utterance));
        }
    }

    [Fact]
    public void Gradients_of_a_step_add_up_to_those_of_all_its_clips_at_once()
    {
        // Adam's first steps have the size of the rate whatever the gradient's, so what counts is where they go.
        string start = Train("start", $"\"epochs\": 1, \"batch\": 8, \"learning_rate\": 1e-30, \"weight_decay\": 0, {Plain}");
        string few = Train("few", $"\"epochs\": 1, \"batch\": 8, \"clips_at_once\": 3, {Plain}");
        string all = Train("all", $"\"epochs\": 1, \"batch\": 8, \"clips_at_once\": 8, {Plain}");
        foreach (string file in (string[])[VideoRun.TrunkFile, VideoRun.BranchFile])
        {
            using TensorScope scope = new();
            Tensor before = Weights(start, file), ofFew = Weights(few, file) - before, ofAll = Weights(all, file) - before;
            double cosine = (ofFew * ofAll).Sum().Item() / (ofFew.Norm().Item() * ofAll.Norm().Item());
            Assert.True(cosine > 0.999, $"{file}: {cosine}");
        }
    }

    [Fact]
    public void A_run_that_was_interrupted_goes_on_to_the_weights_of_an_undisturbed_one()
    {
        const string Settings = "\"epochs\": 3, \"batch\": 8, \"learning_rate\": 1e-3";
        string undisturbed = Train("undisturbed", Settings);
        using CancellationTokenSource source = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Train("interrupted", Settings, progress: new Stop(source)));
        string resumed = Train("interrupted", Settings, resume: true);
        foreach (string file in (string[])[VideoRun.TrunkFile, VideoRun.BranchFile, "metrics.jsonl"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(undisturbed, file)), File.ReadAllBytes(Path.Combine(resumed, file)));
    }

    // On a device that is none: what lies elsewhere would be refused.
    [Theory]
    [InlineData("")]
    [InlineData(", \"train_trunk\": false")]
    public void A_run_on_a_device_has_the_weights_of_one_on_the_processor(string settings)
    {
        string some = $"{Plain}, \"epochs\": 2, \"batch\": 8, \"clips_at_once\": 3, \"learning_rate\": 0.002{settings}";
        string name = $"processor{settings.Length}", other = $"device{settings.Length}";
        using TensorScope scope = new();

        Tensor expected = Weights(Train(name, some), VideoRun.BranchFile);
        Tensor actual = Weights(Train(other, some, ranks: TrainingRanks.On(FakeDevice.Device)), VideoRun.BranchFile);

        Assert.All(expected.ToArray<float>().Zip(actual.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void A_frozen_trunk_stays_what_it_was()
    {
        string trunk = Path.Combine(clips.Folder, "frozen.safetensors");
        using (Mc3Trunk network = new(stemWidth: 2))
            NetworkState.Save(network, trunk);
        string run = Train("frozen", $"\"epochs\": 1, \"train_trunk\": false, \"trunk\": \"{trunk}\"");
        Assert.Equal(File.ReadAllBytes(trunk), File.ReadAllBytes(Path.Combine(run, VideoRun.TrunkFile)));
    }

    [Fact]
    public void A_clip_that_cannot_be_read_is_told_of_and_the_others_train()
    {
        string folder = Directory.CreateDirectory(Path.Combine(clips.Folder, "broken")).FullName;
        File.Copy(Path.Combine(clips.Folder, "clip-00.mp4"), Path.Combine(folder, "good.mp4"));
        File.WriteAllText(Path.Combine(folder, "bad.mp4"), "no film");
        File.WriteAllLines(Path.Combine(folder, "manifest.jsonl"), ((string[])["good", "bad"]).SelectMany(name => ((string[])["train", "dev"]).Select(
            split => $$"""{"id":"{{name}}-{{split}}","dialogue":"{{name}}-{{split}}","index":0,"emotion":"joy","split":"{{split}}","media":"{{name}}.mp4"}""")));
        List<string> told = [];

        string run = Train("with-broken", "\"epochs\": 2", manifest: Path.Combine(folder, "manifest.jsonl"), tell: told.Add);

        Assert.Equal(["bad-dev", "bad-train"], told.Select(message => message.Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(run, VideoFolder.FileName)));
    }

    [Fact]
    public void A_manifest_without_labeled_clips_is_an_error_that_says_so()
    {
        string manifest = Path.Combine(clips.Folder, "empty.jsonl");
        File.WriteAllText(manifest, """{"id":"a","dialogue":"a","index":0,"split":"train","emotion":"joy","text":"no media"}""" + "\n");
        RecipeException error = Assert.Throws<RecipeException>(() => Train("none", "\"epochs\": 1", manifest: manifest));
        Assert.Contains("split train: found no utterance, expected some with emotion and media", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/video/overfit.json")]
    public void The_recipe_of_the_whole_network_keeps_the_published_sizes_and_trains_a_small_one()
    {
        string file = TestPaths.InRepository("recipes/video/overfit.json"), few = Path.Combine(clips.Folder, "two.jsonl");
        var recipe = (VideoRecipe)Recipe.Load(file);
        Assert.Equal(
            (64, 512, 4, 8, 2048, true),
            (recipe.TrunkWidth, recipe.ModelWidth, recipe.Blocks, recipe.Heads, recipe.FeedForwardWidth, recipe.TrainTrunk));
        File.WriteAllLines(few, File.ReadLines(clips.Manifest).Take(2 * 2));
        var small = (VideoRecipe)Recipe.Load(file,
        [
            $"root={few}", $"text_encoder={{\"folder\":\"{clips.TextEncoder}\",\"max_tokens\":16}}", "epochs=1", "side=16", "trunk_width=1",
            "model_width=8", "blocks=1", "heads=2", "feed_forward_width=8",
        ]);

        string run = Path.Combine(clips.Folder, "runs", "recipe");
        VideoRun.Follow(small, new RunContext(run, false, new Stop(null)) { Warn = message => Assert.Fail(message) }, TestContext.Current.CancellationToken);

        Assert.True(File.Exists(Path.Combine(run, VideoFolder.FileName)));
    }

    private string Train(
        string name, string settings, bool resume = false, string? manifest = null, Action<string>? tell = null,
        Stop? progress = null, TrainingRanks? ranks = null)
    {
        string file = Path.Combine(clips.Folder, $"{name}.json");
        string trunk = settings.Contains("\"trunk\"", StringComparison.Ordinal) ? "" : "\"trunk_width\": 4, ";
        File.WriteAllText(file, $$"""
            {"task": "video", "root": "{{manifest ?? clips.Manifest}}", "text_encoder": {"folder": "{{clips.TextEncoder}}", "max_tokens": 16},
             "side": 32, "model_width": 32, "blocks": 1, "heads": 2, "feed_forward_width": 64, "metric": "accuracy", "patience": null,
             "class_weight_exponent": 0, {{trunk}}{{settings}}}
            """);
        string run = Path.Combine(clips.Folder, "runs", name);
        var recipe = (VideoRecipe)Recipe.Load(file);
        VideoRun.Follow(
            recipe, new RunContext(run, resume, progress ?? new Stop(null)) { Ranks = ranks ?? TrainingRanks.Alone, Warn = tell ?? (message => Assert.Fail(message)) },
            progress?.Source?.Token ?? TestContext.Current.CancellationToken);
        return run;
    }

    private static int Answer(VideoBranch branch, FrameFeatures features, Utterance utterance)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        int frames = features.Present.Count, width = branch.Config.TokenWidth;
        long[] metadata = new long[MetadataFeatures.Names.Count];
        new MetadataTracker(MetadataVocabulary.Empty).Next(utterance.Speaker, utterance.DurationMs).CopyTo(metadata);
        Tensor logits = branch.Forward(new VideoInput(
            Tensor.From<float>(features.Values, 1, frames, branch.Config.FrameWidth), Tensor.Full(1, 1, frames, 1),
            Tensor.Zeros(1, 1, width), Tensor.Zeros(1, 1, 1), Tensor.From<long>(metadata, 1, metadata.Length)));
        return (int)logits.ArgMax(1).ToArray<long>()[0];
    }

    // All parameters and running statistics in a row.
    private static Tensor Weights(string run, string file)
    {
        using StateFile state = StateFile.Open(Path.Combine(run, file));
        return Tensor.Concat(
            [
                .. state.Tensors.Values.Where(stored => stored.Type == ElementType.Float32)
                    .Select(stored => stored.ToTorch().Reshape(-1)),
            ],
            0);
    }

    // Cancels, where asked to, in the second epoch.
    private sealed class Stop(CancellationTokenSource? source) : IProgress<TrainingProgress>
    {
        public CancellationTokenSource? Source => source;

        public void Report(TrainingProgress value)
        {
            if (value is { Epoch: 2, Step: 1 })
                source?.Cancel();
        }
    }
}

/// <summary>The clips of the recipe's own script, and a tiny text encoder.</summary>
public sealed class SyntheticClips : IDisposable
{
    private const int Count = 16;

    private readonly SmallCorpora _corpora = new();

    public SyntheticClips()
    {
        using Process process = Process.Start(new ProcessStartInfo(
            TestPaths.InRepository("recipes/video/make-clips.sh"), [Folder, Count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
        })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    public string Folder => _corpora.Folder;

    public string Manifest => _corpora.Path("manifest.jsonl");

    public string TextEncoder => _corpora.Path("encoder");

    public void Dispose() => _corpora.Dispose();
}
