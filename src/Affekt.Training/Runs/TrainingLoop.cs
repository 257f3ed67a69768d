using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training;

/// <summary>How a loop trains: what every task has in common.</summary>
internal sealed record LoopOptions
{
    /// <summary>The stage's name, in state.json, metrics.jsonl and TensorBoard.</summary>
    public required string Stage { get; init; }

    /// <summary>What progress lines call it; the stage's name where null.</summary>
    public string? Name { get; init; }

    /// <summary>The stage's place in the run, from 0.</summary>
    public int StageIndex { get; init; }

    /// <summary>The seed of the run's random numbers.</summary>
    public required int Seed { get; init; }

    /// <summary>The steps of each epoch, in order.</summary>
    public required IReadOnlyList<int> Steps { get; init; }

    /// <summary>The share of all steps over which the learning rate rises linearly; a cosine takes it down after that.</summary>
    public required double Warmup { get; init; }

    /// <summary>Gradients are scaled down to this joint length; null leaves them.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>The stage ends once its score has not risen for so many epochs; null never ends it.</summary>
    public int? Patience { get; init; }

    /// <summary>What a recipe for a network says.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="batch">Examples in a step.</param>
    /// <param name="examples">Examples in an epoch.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="name">What progress lines call it.</param>
    public static LoopOptions Of(NetworkRecipe recipe, int batch, int examples, int seed, string name) => new()
    {
        Stage = "train",
        Name = name,
        Seed = seed,
        Steps = Same(StepsFor(examples, batch), recipe.Epochs),
        Warmup = recipe.Warmup,
        ClipNorm = recipe.ClipNorm,
        Patience = recipe.Patience,
    };

    /// <summary>As many steps in each of a number of epochs.</summary>
    public static IReadOnlyList<int> Same(int steps, int epochs) => [.. Enumerable.Repeat(steps, epochs)];

    /// <summary>The steps in which all examples are seen once.</summary>
    public static int StepsFor(int examples, int batch) => (examples + batch - 1) / batch;
}

/// <summary>What a step says of its batch.</summary>
/// <param name="Loss">The loss of this process's share of the batch.</param>
/// <param name="Items">Utterances, texts or clips of the whole batch.</param>
internal readonly record struct BatchLoss(double Loss, int Items);

/// <summary>What is said of an epoch when it has ended.</summary>
/// <param name="Value">The score that chooses the best epoch; greater is better.</param>
/// <param name="Metrics">Numbers for metrics.jsonl, by name.</param>
/// <param name="Text">The same for a person, in a few words.</param>
/// <param name="Chooses">Whether the best epoch is what the run is about; otherwise the last one is.</param>
internal sealed record EpochScore(double Value, IReadOnlyDictionary<string, double> Metrics, string Text, bool Chooses = true)
{
    /// <summary>The score of a metric that a recipe names.</summary>
    /// <param name="metric">One of <see cref="DevMetric.Names"/>.</param>
    /// <param name="metrics">From <see cref="DevAnswers.ToMetrics"/>.</param>
    public static EpochScore By(string metric, IReadOnlyDictionary<string, double> metrics)
    {
        double value = DevMetric.Score(metric, metrics);
        return new EpochScore(value, metrics, FormattableString.Invariant($"dev {metric} {Math.Abs(value):F4}"));
    }
}

/// <summary>What is trained: its batches, its loss, its scores.</summary>
/// <typeparam name="TBatch">What a step sees.</typeparam>
internal interface ITrainingTask<TBatch>
{
    /// <summary>Moves what is trained.</summary>
    AdamW Optimizer { get; }

    /// <summary>All that a checkpoint holds, by name.</summary>
    IEnumerable<(string Name, Tensor Tensor)> Weights { get; }

    /// <summary>Sets networks to training (dropout, batch statistics) or to scoring.</summary>
    void Train(bool training);

    /// <summary>The batches of an epoch, the same in all processes.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="random">The epoch's random numbers.</param>
    /// <param name="cancellation">Ends the reading of examples.</param>
    IEnumerable<TBatch> Batches(int epoch, Random random, CancellationToken cancellation);

    /// <summary>Computes a batch's loss and adds its gradients to the parameters.</summary>
    /// <param name="batch">The batch, of which each process takes its share.</param>
    /// <param name="random">The epoch's random numbers.</param>
    /// <param name="meter">May be told of the step's phases.</param>
    BatchLoss Backward(TBatch batch, Random random, EpochMeter meter);

    /// <summary>Follows a step: averages and copies of the weights.</summary>
    void AfterStep()
    {
    }

    /// <summary>Scores the epoch's weights; called in the first process alone.</summary>
    /// <param name="epoch">The epoch that ended, from 1.</param>
    /// <param name="trainLoss">The mean loss of its steps.</param>
    /// <param name="cancellation">Ends the scoring.</param>
    EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation);
}

/// <summary>
/// Trains one stage of a run, from where its folder stands: epochs of steps, each step a batch's gradients, clipped, and one move of
/// the weights along the schedule; after each epoch a score and a checkpoint. The same loop for every task.
/// </summary>
internal static class TrainingLoop
{
    /// <summary>The field of metrics.jsonl with the score that chooses the best epoch; greater is better.</summary>
    public const string ScoreField = "score";

    /// <summary>Trains until all epochs are done, or the score has not risen for too long.</summary>
    /// <param name="options">How.</param>
    /// <param name="task">What; has the weights of the last epoch afterwards.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="context">Where and how the recipe is followed.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    /// <exception cref="TrainingException">The loss, a gradient or a weight is no number any more.</exception>
    public static void Run<TBatch>(
        LoopOptions options, ITrainingTask<TBatch> task, RunFolder run, RunContext context, CancellationToken cancellation)
    {
        WarmupCosine schedule = new(options.Steps.Sum(steps => (long)steps), options.Warmup);
        int epochs = options.Steps.Count, done = run.State.EpochsOf(options.Stage);

        // A stage that begins takes the weights of the one before it, and an optimizer of its own.
        run.RestoreLast(task.Weights, done > 0 ? task.Optimizer : null);
        for (int epoch = done + 1; epoch <= epochs && !run.State.HasStalled(options.Stage, options.Patience); epoch++)
        {
            Random random = RunSeeds.StartEpoch(options.Seed, options.StageIndex, epoch, context.Ranks.Rank);
            task.Train(true);
            EpochMeter meter = new(options.Name ?? options.Stage, epoch, epochs, options.Steps[epoch - 1]);
            StepLog steps = new(run, options.Stage, epoch, context.Ranks.IsFirst);
            foreach (TBatch batch in task.Batches(epoch, random, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                context.Progress.Report(Step(options, task, batch, random, schedule, context.Ranks, meter, steps));
            }

            task.Train(false);
            run.RunOnFirst(
                token =>
                {
                    steps.Flush();
                    EpochScore score = task.Score(epoch, meter.MeanLoss, token);
                    run.Log(options.Stage, epoch, steps.AddTo(score));
                    bool better = run.EndEpoch(options.Stage, epoch, score.Value, task.Weights, task.Optimizer) && score.Chooses;
                    context.Progress.Report(meter.End($"{score.Text}{(better ? " *" : "")}") with { Score = score.Value });
                },
                cancellation);
        }
    }

    /// <summary>One step: the batch's gradients over all processes, and one move of the weights.</summary>
    internal static TrainingProgress Step<TBatch>(
        LoopOptions options, ITrainingTask<TBatch> task, TBatch batch, Random random, WarmupCosine schedule, TrainingRanks ranks,
        EpochMeter meter, StepLog? steps)
    {
        using TensorScope scope = new();
        AdamW optimizer = task.Optimizer;
        BatchLoss share = task.Backward(batch, random, meter);
        double loss = ranks.AllReduce(share.Loss, optimizer.Parameters);
        meter.Lap(TrainingPhase.Backward);
        double factor = schedule.Factor(optimizer.Steps);
        double norm = options.ClipNorm is { } most ? optimizer.ClipGradients(most) : optimizer.GradientLength();
        TrainingException.ThrowUnlessFinite(meter, loss, norm, optimizer, factor);
        optimizer.Step(factor);
        optimizer.ClearGradients();
        task.AfterStep();
        steps?.Add(optimizer.Steps, loss, optimizer.Rate(factor), norm);
        TrainingProgress progress = meter.Step(loss, share.Items);
        meter.Lap(TrainingPhase.Optimizer);
        return progress;
    }
}
