using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>
/// Trains the video branch on features that were computed before: frozen encoders see each clip once. The epoch that the dev split
/// likes best stays, and dev fits its temperature.
/// </summary>
internal static class VideoFrozenRun
{
    private const string EncoderFile = "expression.safetensors";
    private const string TrunkFile = "trunk.safetensors";
    private const string VitFolder = "video-encoder";

    // Clips that are scored together.
    private const int ScoredTogether = 64;

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <exception cref="RecipeException">The corpus has no labeled clips to train on, or to choose by.</exception>
    public static void Follow(VideoFrozenRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        VideoFeatureClips clips = context.Ranks.FirstThenOthers(token => VideoFeatureClips.Read(recipe, context.Progress, token), cancellation);
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = context.OpenOwn(recipe, seed);
            if (run.State.IsFinished)
                continue;
            TorchRuntime.ManualSeed(seed);
            using VideoBranch branch = NewBranch(recipe, clips);
            Train(recipe, seed, branch, clips, run, context, cancellation);
            run.RunOnFirst(
                _ =>
                {
                    run.RestoreBest(branch.State());
                    Write(recipe, run, branch, clips, context.Ranks);
                    run.Finish();
                },
                cancellation);
        }
    }

    /// <summary>Trains one seed from where its folder stands; the branch then has the weights of the last epoch.</summary>
    internal static void Train(
        VideoFrozenRecipe recipe, int seed, VideoBranch branch, VideoFeatureClips clips, RunFolder run, RunContext context,
        CancellationToken cancellation)
    {
        branch.To(context.Ranks.Device);
        using Task task = new(recipe, branch, clips, context.Ranks);
        TrainingLoop.Run(
            LoopOptions.Of(recipe, recipe.Batch, clips.Train.Count, seed, run.Name), task, run, context, cancellation);
    }

    /// <summary>A branch of the recipe's sizes with random weights.</summary>
    internal static VideoBranch NewBranch(VideoFrozenRecipe recipe, VideoFeatureClips clips)
    {
        VideoBranch branch = new(new VideoConfig
        {
            FrameWidth = clips.FrameWidth,
            TokenWidth = clips.TokenWidth,
            MetadataSizes = clips.Vocabulary.Sizes,
            ModelWidth = recipe.ModelWidth,
            Blocks = recipe.Blocks,
            Heads = recipe.Heads,
            FeedForwardWidth = recipe.FeedForwardWidth,
            HeadWidth = recipe.HeadWidth,
            Outputs = recipe.LabelSet.Count + recipe.Dimensions.Count,
            Dropout = recipe.Dropout,
            BlockDropout = recipe.BlockDropout,
        });
        if (clips.Train.All(clip => clip.Label == WeightedCrossEntropy.Unlabeled))
            DimensionTask.Mute(branch, recipe.LabelSet.Count);
        return branch;
    }

    // What is said of dev's labels, and of each clip's dimensions beside their values.
    private static (DevAnswers Answers, IReadOnlyList<(float[] Values, float[] Said)> Estimates) Evaluate(
        VideoFrozenRecipe recipe, VideoBranch branch, VideoFeatureClips clips, TrainingRanks ranks)
    {
        using GradMode noGrad = GradMode.NoGrad();
        branch.Train(false);
        DevAnswers answers = new();
        List<(float[], float[])> estimates = [];
        int labels = recipe.LabelSet.Count;
        foreach (VideoFeatureClip[] some in clips.Dev.Chunk(ScoredTogether))
        {
            using TensorScope scope = new();
            Tensor outputs = branch.Forward(clips.Batch(some).To(ranks.Device));
            answers.Add(outputs.Narrow(1, 0, labels), some.Select(clip => clip.Label));
            estimates.AddRange(some.Zip(outputs.ToArray<float>().Chunk(branch.Config.Outputs), (clip, said) => (clip.Dimensions, said[labels..])));
        }

        return (answers, estimates);
    }

    // The encoder goes along: what the task "fusion" makes of the run is whole.
    private static void Write(VideoFrozenRecipe recipe, RunFolder run, VideoBranch branch, VideoFeatureClips clips, TrainingRanks ranks)
    {
        string source = clips.VideoEncoder;
        string name = recipe.VideoEncoder.Kind switch
        {
            VideoEncoderPart.Face => EncoderFile,
            VideoEncoderPart.Vit => VitFolder,
            _ => Path.ChangeExtension(TrunkFile, Path.GetExtension(source)),
        };
        foreach (string file in BundleEncoders.VideoFiles("", recipe.VideoEncoder with { Weights = source }))
            FileCopy.Whole(file, run.File(file == source ? name : Path.Combine(name, Path.GetRelativePath(source, file))));

        VideoFolder written = new()
        {
            VideoEncoder = recipe.VideoEncoder with { Weights = name, Trained = recipe.VideoEncoder is { Trained: true, Kind: not VideoEncoderPart.Vit } },
            Network = branch.Config,
            Labels = recipe.LabelSet.IsEmotions ? null : recipe.LabelSet.Names,
            Dimensions = recipe.Dimensions.Count > 0 ? Dimensions(recipe, clips, ranks).Parts : null,
            Temperature = Evaluate(recipe, branch, clips, ranks).Answers.Temperature(),
            Speakers = clips.Vocabulary.Speakers,
            TextEncoder = clips.TextIdentity,
        };
        NetworkState.Save(branch, run.File(written.Weights));
        run.WriteAtomically(VideoFolder.FileName, written.ToJson());
    }

    private static DimensionTask Dimensions(VideoFrozenRecipe recipe, VideoFeatureClips clips, TrainingRanks ranks) =>
        new(recipe, clips.Train.Select(clip => clip.Dimensions), ranks.Count);

    private sealed class Task(VideoFrozenRecipe recipe, VideoBranch branch, VideoFeatureClips clips, TrainingRanks ranks)
        : ITrainingTask<VideoFeatureClip[]>, IDisposable
    {
        private readonly WeightedCrossEntropy _crossEntropy = new(
            ClassWeights.Of(clips.Train.Where(clip => clip.Label >= 0).Select(clip => (int)clip.Label), recipe.ClassWeightExponent, recipe.LabelSet.Count), recipe.LabelSmoothing, ranks.Device);

        private readonly DimensionTask _dimensions = Dimensions(recipe, clips, ranks);

        public AdamW Optimizer { get; } = new(
        [
            new ParameterGroup([.. branch.NamedParameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
        ]);

        public IEnumerable<(string Name, Tensor Tensor)> Weights => branch.State();

        public void Train(bool training) => branch.Train(training);

        public IEnumerable<VideoFeatureClip[]> Batches(int epoch, Random random, CancellationToken cancellation)
        {
            VideoFeatureClip[] order = [.. clips.Train];
            random.Shuffle(order);
            return order.Chunk(recipe.Batch);
        }

        public BatchLoss Backward(VideoFeatureClip[] batch, Random random, EpochMeter meter)
        {
            VideoFeatureClip[] share = ranks.Shard(VideoFeatureClips.Withhold(batch, recipe, random));
            if (share.Length == 0)
                return new BatchLoss(0, batch.Length);
            long[] labels = [.. share.Select(clip => clip.Label)];
            Tensor? part = _dimensions.JointLoss(
                _crossEntropy, branch.Forward(clips.Batch(share).To(ranks.Device)), Tensor.From<long>(labels, labels.Length),
                _crossEntropy.Weight(labels) / _crossEntropy.Weight(batch.Select(clip => clip.Label)), [.. share.Select(clip => clip.Dimensions)],
                _dimensions.Known(batch.Select(clip => clip.Dimensions)));
            part?.Backward();
            return new BatchLoss(part?.Item() ?? 0, batch.Length);
        }

        public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
        {
            (DevAnswers answers, IReadOnlyList<(float[] Values, float[] Said)> estimates) = Evaluate(recipe, branch, clips, ranks);
            Dictionary<string, double> metrics = answers.ToMetrics(trainLoss);
            _dimensions.AddTo(metrics, estimates);
            return EpochScore.By(recipe.Metric, metrics);
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            _crossEntropy.Dispose();
        }
    }
}
