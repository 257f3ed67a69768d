using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Expression;

/// <summary>
/// Trains the starter's video branch on still faces that are made to move. The features are computed once; the held-out
/// faces choose the epoch and fit the temperature. FER2013's validation folder is never read.
/// </summary>
internal static class VideoImagesRun
{
    /// <summary>The file in a run's folder with the branch's weights.</summary>
    public const string WeightsFile = "video.safetensors";

    /// <summary>The file with the branch's sizes and its temperature, as a bundle's config has them.</summary>
    public const string ConfigFile = "video.json";

    private const string Stage = "video";
    private const int Frames = FaceEncoder.FrameCount;

    /// <summary>Follows a recipe for each of its seeds.</summary>
    public static void Follow(VideoImagesRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        using ExpressionEncoder encoder = ExpressionEncoder.Load(recipe.Resolve(recipe.Expression), scales: recipe.Scales, shift: recipe.Shift);
        (Faces train, Faces heldOut) = Faces.Read(recipe.Resolve(recipe.Fer2013), recipe.HeldOut, context.Warn, cancellation);
        if (train.Count == 0 || heldOut.Count == 0)
        {
            throw new RecipeException(
                recipe.File, "held_out", $"{train.Count} faces to train on and {heldOut.Count} held out", "some of both");
        }

        train = train.First(Math.Min(recipe.Faces, train.Count));
        IReadOnlyDictionary<string, IReadOnlyList<float>>? votes =
            recipe.Targets.Ferplus is { } file ? FerPlusVotes.Read(recipe.Resolve(file)) : null;
        float[] targets = FaceTargets.Of(train, recipe.Targets, votes, encoder);
        VotedFaces voted = VotedFaces.Of(heldOut, votes);
        StillClips dev = StillClips.Still(heldOut, encoder);
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = context.OpenOwn(recipe, seed);
            if (run.State.IsFinished)
                continue;
            StillClips clips = StillClips.Moving(
                train, recipe.Pictures, encoder, recipe.Motion, new Random(seed), context.Progress, cancellation);
            Train(recipe, seed, clips, targets, dev, voted, run, context, cancellation);
            File.Copy(recipe.Resolve(recipe.Expression), run.File(ExpressionRun.WeightsFile), overwrite: true);
            run.Finish();
        }
    }

    private static void Train(
        VideoImagesRecipe recipe, int seed, StillClips clips, float[] targets, StillClips dev, VotedFaces voted, RunFolder run,
        RunContext context, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed(seed);
        VideoConfig config = new()
        {
            FrameWidth = ExpressionEncoder.Width,
            TokenWidth = 0,
            TextWidth = 0,
            MetadataSizes = [],
            MetadataEmbeddingWidth = 0,
            MetadataWidth = 0,
            ModelWidth = ExpressionEncoder.Width,
            Blocks = recipe.Blocks,
            Positions = recipe.Blocks > 0,
            Heads = recipe.Heads,
            FeedForwardWidth = recipe.FeedForwardWidth,
            HeadWidth = recipe.HeadWidth,
            Dropout = recipe.Dropout,
        };
        using VideoBranch branch = new(config);
        if (recipe.FromHead)
            BeginAsHead(branch, recipe.Resolve(recipe.Expression));
        if (recipe.Epochs > 0)
        {
            using Task task = new(recipe, branch, clips, targets, dev, voted);
            TrainingLoop.Run(
                new LoopOptions
                {
                    Stage = Stage,
                    Seed = seed,
                    Steps = LoopOptions.Same(LoopOptions.StepsFor(clips.Count, recipe.Batch), recipe.Epochs),
                    Warmup = recipe.Warmup,
                },
                task, run, context, cancellation);
            run.RestoreBest(branch.State());
        }

        branch.Train(false);
        NetworkState.Save(branch, run.File(WeightsFile), halfPrecision: true);
        NetworkState.Load(branch, run.File(WeightsFile));
        double[][] logits = Logits(branch, dev);
        double temperature = TemperatureScaling.Fit(logits, dev.Labels);
        run.Log("calibrated", recipe.Epochs, new Dictionary<string, double>
        {
            ["temperature"] = temperature,
            ["held_out_accuracy"] = Score(logits, dev.Labels).Accuracy,
        });
        double[] prior = Prior(Logits(branch, clips), temperature);
        run.WriteAtomically(ConfigFile, ReportJson.Write(
            new
            {
                video_encoder = new VideoEncoderPart
                {
                    Kind = VideoEncoderPart.Face,
                    Weights = ExpressionRun.WeightsFile,
                    Scales = recipe.Scales,
                    Shift = recipe.Shift,
                },
                network = config,
                temperature,
                prior,
            }));
    }

    // x = max(x, 0) - max(-x, 0): two hidden units carry each of the head's logits, and the others begin unread.
    private static void BeginAsHead(VideoBranch branch, string expression)
    {
        using ExpressionNetwork network = new();
        NetworkState.Load(network, expression);
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Dictionary<string, Tensor> to = branch.NamedParameters().ToDictionary(one => one.Name, one => one.Tensor);
        Dictionary<string, Tensor> from = network.NamedParameters().ToDictionary(one => one.Name, one => one.Tensor);
        const int Classes = Emotions.Count;
        int width = ExpressionNetwork.Width, hidden = branch.Config.HeadWidth;
        float[] head = from["head.weight"].ToArray<float>(), offsets = from["head.bias"].ToArray<float>();
        float[] weights = to["head.hidden.weight"].ToArray<float>(), biases = to["head.hidden.bias"].ToArray<float>();
        float[] outputs = new float[Classes * hidden];
        for (int i = 0; i < Classes; i++)
        {
            for (int feature = 0; feature < width; feature++)
            {
                weights[(i * width) + feature] = head[(i * width) + feature];
                weights[((Classes + i) * width) + feature] = -head[(i * width) + feature];
            }

            (biases[i], biases[Classes + i]) = (offsets[i], -offsets[i]);
            (outputs[(i * hidden) + i], outputs[(i * hidden) + Classes + i]) = (1, -1);
        }

        to["head.hidden.weight"].CopyFrom(Tensor.From<float>(weights, hidden, width));
        to["head.hidden.bias"].CopyFrom(Tensor.From<float>(biases, hidden));
        to["head.output.weight"].CopyFrom(Tensor.From<float>(outputs, Classes, hidden));
        to["head.output.bias"].CopyFrom(Tensor.Zeros(Classes));
    }

    private static VideoInput Input(Tensor frames, Tensor seen) => new(
        frames, seen, Tensor.Zeros(frames.Shape[0], 1, 1), Tensor.Zeros(frames.Shape[0], 1, 1),
        Tensor.Zeros(frames.Shape[0], 0).To(Dtype.Int64));

    // Frames go missing as faces do, for most of a clip or for little of it; one always stays.
    private static Tensor Seen(int clips, double dropout, Random random)
    {
        float[] seen = new float[clips * Frames];
        for (int clip = 0; clip < clips; clip++)
        {
            double share = random.NextDouble() * dropout;
            for (int frame = 0; frame < Frames; frame++)
                seen[(clip * Frames) + frame] = random.NextDouble() < share ? 0 : 1;
            seen[(clip * Frames) + random.Next(Frames)] = 1;
        }

        return Tensor.From<float>(seen, clips, Frames, 1);
    }

    private static double[][] Logits(VideoBranch branch, StillClips clips)
    {
        using GradMode noGrad = GradMode.NoGrad();
        List<double[]> logits = [];
        foreach (int[] batch in Enumerable.Range(0, clips.Count).Chunk(256))
        {
            using TensorScope scope = new();
            float[] values = branch.Forward(Input(clips.Batch(batch), Tensor.Full(1, batch.Length, Frames, 1))).ToArray<float>();
            logits.AddRange(values.Select(value => (double)value).Chunk(Emotions.Count));
        }

        return [.. logits];
    }

    // What the answers embody: their mean over the clips that were learned from.
    private static double[] Prior(double[][] logits, double temperature)
    {
        double[][] answers = [.. logits.Select(row => Softmax.Of(row, temperature))];
        double[] mean = [.. Enumerable.Range(0, Emotions.Count).Select(i => answers.Average(answer => answer[i]))];
        return [.. mean.Select(share => share / mean.Sum())];
    }

    private static int Largest(double[] row) => Array.IndexOf(row, row.Max());

    private static Scores Score(double[][] logits, IReadOnlyList<int> labels) => new ConfusionMatrix(
        logits.Select((row, i) => (labels[i], Largest(row)))).Score();

    private sealed class Task(
        VideoImagesRecipe recipe, VideoBranch branch, StillClips clips, float[] targets, StillClips dev, VotedFaces voted)
        : ITrainingTask<int[]>, IDisposable
    {
        public AdamW Optimizer { get; } = new(
        [
            new ParameterGroup([.. branch.NamedParameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
        ]);

        public IEnumerable<(string Name, Tensor Tensor)> Weights => branch.State();

        public void Train(bool training) => branch.Train(training);

        public IEnumerable<int[]> Batches(int epoch, Random random, CancellationToken cancellation)
        {
            int[] order = [.. Enumerable.Range(0, clips.Count)];
            random.Shuffle(order);
            return order.Chunk(recipe.Batch);
        }

        public BatchLoss Backward(int[] batch, Random random, EpochMeter meter)
        {
            Tensor answers = branch.Forward(Input(clips.Batch(batch), Seen(batch.Length, recipe.FrameDropout, random)));
            Tensor loss = answers.CrossEntropy(
                Tensor.From<float>(
                    [.. batch.SelectMany(clip => targets[(clip * Emotions.Count)..((clip + 1) * Emotions.Count)])],
                    batch.Length, Emotions.Count),
                null, recipe.LabelSmoothing);
            loss.Backward();
            return new BatchLoss(loss.Item(), batch.Length);
        }

        public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
        {
            double[][] logits = Logits(branch, dev);
            Scores scores = VideoImagesRun.Score(logits, dev.Labels);
            double agreement = voted.Agreement([.. logits.Select(Largest)]);
            return new EpochScore(
                scores.Accuracy,
                new Dictionary<string, double>
                {
                    ["train_loss"] = trainLoss,
                    ["held_out_accuracy"] = scores.Accuracy,
                    ["held_out_uar"] = scores.Uar,
                    ["held_out_votes"] = agreement,
                },
                FormattableString.Invariant($"held-out accuracy {scores.Accuracy:F4}, UAR {scores.Uar:F4}, votes {agreement:F4}"));
        }

        public void Dispose() => Optimizer.Dispose();
    }
}
