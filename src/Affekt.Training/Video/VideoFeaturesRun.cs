using Affekt.Corpora;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Weights;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>
/// Trains the video branch on features that were computed before: frozen encoders see each clip once. The epoch that the dev split
/// likes best stays, and dev fits its temperature.
/// </summary>
public static class VideoFeaturesRun
{
    private const string Stage = "train";
    private const string EncoderFile = "expression.safetensors";
    private const string TrunkFile = "trunk.safetensors";

    // Clips that are scored together.
    private const int ScoredTogether = 64;

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to write; with several seeds each gets a folder in it.</param>
    /// <param name="resume">Whether to go on with the run that the folder holds.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    /// <exception cref="RecipeException">The corpus has no labelled clips to train on, or to choose by.</exception>
    public static void Follow(
        VideoFeaturesRecipe recipe, string folder, bool resume, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        VideoFeatureClips clips = VideoFeatureClips.Read(recipe, progress, cancellation);
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = RunFolder.Open(
                recipe.Seeds.Count == 1 ? folder : Path.Combine(folder, $"seed-{seed}"), recipe, resume);
            if (run.State.IsFinished)
                continue;
            TorchRuntime.ManualSeed(seed);
            using VideoBranch branch = new(new VideoConfig
            {
                FrameWidth = clips.FrameWidth,
                TokenWidth = clips.TokenWidth,
                MetadataSizes = clips.Vocabulary.Sizes,
                ModelWidth = recipe.ModelWidth,
                Blocks = recipe.Blocks,
                Heads = recipe.Heads,
                FeedForwardWidth = recipe.FeedForwardWidth,
                HeadWidth = recipe.HeadWidth,
                Dropout = recipe.Dropout,
                BlockDropout = recipe.BlockDropout,
            });
            Train(recipe, seed, branch, clips, run, progress, cancellation);
            Write(recipe, run, branch, clips);
            run.Finish();
        }
    }

    private static void Train(
        VideoFeaturesRecipe recipe, int seed, VideoBranch branch, VideoFeatureClips clips, RunFolder run,
        IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        int steps = (clips.Train.Count + recipe.Batch - 1) / recipe.Batch;
        WarmupCosine schedule = new((long)steps * recipe.Epochs, recipe.Warmup);
        using AdamW optimizer = new(
        [
            new ParameterGroup([.. branch.NamedParameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
        ]);
        using Tensor weights = Tensor.From<float>(
            ClassWeights.Of(clips.Train.Select(clip => (int)clip.Label), recipe.ClassWeightExponent), Emotions.Count);

        run.RestoreLast(branch.State(), optimizer);
        for (int epoch = run.State.Epoch + 1; epoch <= recipe.Epochs && !run.State.HasStalled(Stage, recipe.Patience); epoch++)
        {
            Random random = RunSeeds.StartEpoch(seed, 0, epoch);
            VideoFeatureClip[] order = [.. clips.Train];
            random.Shuffle(order);
            branch.Train();
            EpochMeter meter = new(run.Name, epoch, recipe.Epochs, steps);
            foreach (VideoFeatureClip[] batch in order.Chunk(recipe.Batch))
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope scope = new();
                Tensor labels = Tensor.From<long>([.. batch.Select(clip => clip.Label)], batch.Length);
                Tensor loss = branch.Forward(clips.Batch(batch, recipe, random)).CrossEntropy(labels, weights, recipe.LabelSmoothing);
                loss.Backward();
                optimizer.ClipGradients(recipe.ClipNorm);
                optimizer.Step(schedule.Factor(optimizer.Steps));
                optimizer.ClearGradients();
                progress.Report(meter.Step(loss.Item(), batch.Length));
            }

            DevAnswers answers = Evaluate(recipe, branch, clips);
            IReadOnlyDictionary<string, double> metrics = DevMetric.All(meter.MeanLoss, answers.Score(), answers.Loss());
            double score = DevMetric.Score(recipe.Metric, metrics);
            run.Log(Stage, epoch, metrics);
            bool better = run.EndEpoch(Stage, epoch, score, branch.State(), optimizer);
            progress.Report(meter.End(FormattableString.Invariant($"dev {recipe.Metric} {Math.Abs(score):F4}{(better ? " *" : "")}")));
        }

        run.RestoreBest(branch.State());
    }

    private static DevAnswers Evaluate(VideoFeaturesRecipe recipe, VideoBranch branch, VideoFeatureClips clips)
    {
        using GradMode noGrad = GradMode.NoGrad();
        branch.Train(false);
        DevAnswers answers = new();
        foreach (VideoFeatureClip[] some in clips.Dev.Chunk(ScoredTogether))
        {
            using TensorScope scope = new();
            answers.Add(branch.Forward(clips.Batch(some, recipe, null)), some.Select(clip => clip.Label));
        }

        return answers;
    }

    // The encoder goes along: what the task "fusion" makes of the run is whole.
    private static void Write(VideoFeaturesRecipe recipe, RunFolder run, VideoBranch branch, VideoFeatureClips clips)
    {
        string source = recipe.Resolve(recipe.VideoEncoder.Weights);
        string name = recipe.VideoEncoder.Kind == VideoEncoderPart.Face ? EncoderFile : Path.ChangeExtension(TrunkFile, Path.GetExtension(source));
        File.Copy(source, run.File(name), overwrite: true);
        VideoFolder written = new()
        {
            VideoEncoder = recipe.VideoEncoder with { Weights = name },
            Network = branch.Config,
            Temperature = Evaluate(recipe, branch, clips).Temperature(),
            Speakers = clips.Vocabulary.Speakers,
        };
        NetworkState.Save(branch, run.File(written.Weights));
        run.WriteWhole(VideoFolder.FileName, written.ToJson());
    }
}
