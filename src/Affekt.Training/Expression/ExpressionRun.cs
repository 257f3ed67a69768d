using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Expression;

/// <summary>
/// Trains the expression network on FER2013's train folder. Nothing is chosen by a score: the last epoch's averaged weights
/// are the result, and the held-out faces only show how it goes. FER2013's validation folder is never read.
/// </summary>
internal static class ExpressionRun
{
    /// <summary>The file in a run's folder with the averaged weights of the last epoch.</summary>
    public const string WeightsFile = "expression.safetensors";

    private const string Stage = "expression";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <exception cref="RecipeException">There are fewer faces than a batch has, or none is held out.</exception>
    public static void Follow(ExpressionRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        (Faces train, Faces heldOut) = Faces.Read(recipe.Resolve(recipe.Fer2013), recipe.HeldOut, context.Warn, cancellation);
        if (recipe.Batch > train.Count || heldOut.Count == 0)
        {
            throw new RecipeException(
                recipe.File, heldOut.Count == 0 ? "held_out" : "batch",
                $"batch {recipe.Batch} and held_out {recipe.HeldOut:0.####} for {train.Count + heldOut.Count} faces, which leaves {train.Count} to train on and {heldOut.Count} held out",
                $"a face held out at least, and a batch of at most those to train on");
        }

        (float[] targets, VotedFaces voted) = ReadTargets(recipe, train, heldOut);
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = context.OpenOwn(recipe, seed);
            if (!run.State.IsFinished)
                Train(recipe, seed, train, targets, heldOut, voted, run, context, cancellation);
        }
    }

    private static void Train(
        ExpressionRecipe recipe, int seed, Faces train, float[] targets, Faces heldOut, VotedFaces voted, RunFolder run,
        RunContext context, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed(seed);
        using Task task = new(recipe, train, targets, heldOut, voted, run);
        TrainingLoop.Run(
            new LoopOptions
            {
                Stage = Stage,
                Name = run.Name,
                Seed = seed,
                Steps = LoopOptions.Same(train.Count / recipe.Batch, task.Epochs),
                Warmup = recipe.Warmup,
            },
            task, run, context, cancellation);
        run.Finish();
    }

    // Early on the mean would remember the weights before training for too long: it starts short (as Tarvainen and
    // Valpola, 2017, ramp theirs up).
    private static void MoveAverage(ExpressionNetwork averaged, ExpressionNetwork network, double average, long steps)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        double share = 1 - Math.Min(average, (1.0 + steps) / (10.0 + steps));
        foreach (((string name, Tensor mean), (_, Tensor now)) in averaged.State().Zip(network.State()))
        {
            if (mean.Dtype == Dtype.Float32)
                Operator.Get("aten::lerp_.Scalar").CallForEffect(mean, now, share);
            else
                mean.CopyFrom(now);
        }
    }

    private static (float[] Targets, VotedFaces HeldOut) ReadTargets(ExpressionRecipe recipe, Faces train, Faces heldOut)
    {
        IReadOnlyDictionary<string, IReadOnlyList<float>>? votes =
            recipe.Targets.Ferplus is { } file ? FerPlusVotes.Read(recipe.Resolve(file)) : null;
        using ExpressionEncoder? teacher =
            recipe.Targets.Teacher > 0 ? ExpressionEncoder.Load(recipe.Resolve(recipe.Start!)) : null;
        return (FaceTargets.Of(train, recipe.Targets, votes, teacher), VotedFaces.Of(heldOut, votes));
    }

    private static int[] Answers(ExpressionNetwork network, Faces faces, int size)
    {
        using GradMode inference = GradMode.Inference();
        List<int> all = [];
        foreach (int[] batch in Enumerable.Range(0, faces.Count).Chunk(256))
        {
            using TensorScope scope = new();
            float[] pixels = new float[batch.Length * size * size];
            for (int i = 0; i < batch.Length; i++)
                FaceMotion.None.Apply(faces.Face(batch[i]), Faces.Side, pixels.AsSpan(i * size * size, size * size), size);
            long[] answers = network.Logits(network.Features(Tensor.From<float>(pixels, batch.Length, 1, size, size)))
                .ArgMax(1).ToArray<long>();
            all.AddRange(answers.Select(answer => (int)answer));
        }

        return [.. all];
    }

    private sealed class Task : ITrainingTask<ReadOnlyMemory<int>>, IDisposable
    {
        private readonly ExpressionRecipe _recipe;
        private readonly Faces _train, _heldOut;
        private readonly VotedFaces _voted;
        private readonly RunFolder _run;
        private readonly ExpressionCopies _copies;
        private readonly ExpressionNetwork _averaged = new();

        // The pictures' side in each epoch.
        private readonly int[] _sizes;
        private int _size;

        public Task(ExpressionRecipe recipe, Faces train, float[] targets, Faces heldOut, VotedFaces voted, RunFolder run)
        {
            (_recipe, _train, _heldOut, _voted, _run) = (recipe, train, heldOut, voted, run);
            _sizes = [.. recipe.Stages.SelectMany(stage => Enumerable.Repeat(stage.Size, stage.Epochs))];
            _copies = new ExpressionCopies(recipe, targets);
            _averaged.LoadState(_copies.Network.State().ToDictionary(entry => entry.Name, entry => entry.Tensor), run.Name);
            AdamWOptions decay = new() { WeightDecay = recipe.WeightDecay };
            Optimizer = new AdamW([new ParameterGroup([.. _copies.Network.NamedParameters()], recipe.LearningRate, decay)]);
            Weights = [.. _copies.Network.State(), .. _averaged.State().Select(entry => ($"average.{entry.Name}", entry.Tensor))];
        }

        public int Epochs => _sizes.Length;

        public AdamW Optimizer { get; }

        public IEnumerable<(string Name, Tensor Tensor)> Weights { get; }

        // The copies are always in training: what is scored is the average.
        public void Train(bool training)
        {
        }

        public IEnumerable<ReadOnlyMemory<int>> Batches(int epoch, Random random, CancellationToken cancellation)
        {
            _size = _sizes[epoch - 1];
            _copies.CopyWeights();
            int[] order = [.. Enumerable.Range(0, _train.Count)];
            random.Shuffle(order);
            return Enumerable.Range(0, _train.Count / _recipe.Batch)
                .Select(step => (ReadOnlyMemory<int>)order.AsMemory(step * _recipe.Batch, _recipe.Batch));
        }

        public BatchLoss Backward(ReadOnlyMemory<int> batch, Random random, EpochMeter meter) =>
            new(_copies.Accumulate(_train, batch, _size, random), batch.Length);

        public void AfterStep()
        {
            _copies.CopyWeights();
            MoveAverage(_averaged, _copies.Network, _recipe.Average, Optimizer.Steps);
        }

        public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
        {
            int[] answers = Answers(_averaged, _heldOut, _size);
            Scores scores = new ConfusionMatrix(answers.Select((answer, i) => (_heldOut.Labels[i], answer))).Score();
            double agreement = _voted.Agreement(answers);
            NetworkState.Save(_averaged, _run.File(WeightsFile), halfPrecision: true);
            return new EpochScore(
                scores.Accuracy,
                new Dictionary<string, double>
                {
                    ["size"] = _size,
                    ["train_loss"] = trainLoss,
                    ["held_out_accuracy"] = scores.Accuracy,
                    ["held_out_uar"] = scores.Uar,
                    ["held_out_votes"] = agreement,
                },
                FormattableString.Invariant($"held-out accuracy {scores.Accuracy:F4}, UAR {scores.Uar:F4}, votes {agreement:F4}"),
                Chooses: false);
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            _averaged.Dispose();
            _copies.Dispose();
        }
    }
}
