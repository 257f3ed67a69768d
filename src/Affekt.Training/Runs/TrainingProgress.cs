using System.Diagnostics;
using System.Globalization;

namespace Affekt.Training;

/// <summary>How far a run is, for a progress line.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs of the stage, at most.</param>
/// <param name="Step">Steps done in the epoch.</param>
/// <param name="Steps">Steps of the epoch.</param>
/// <param name="Loss">The running mean of the training loss; NaN where there is none.</param>
/// <param name="ItemsPerSecond">Utterances a second in this epoch; NaN where it is not measured.</param>
/// <param name="Metric">The dev metric with its name, at the end of the epoch; null before it.</param>
/// <param name="Remaining">What is left of the stage at this pace, should it not stop early; null where unknown.</param>
public sealed record TrainingProgress(
    string Stage, int Epoch, int Epochs, int Step, int Steps, double Loss, double ItemsPerSecond, string? Metric = null,
    TimeSpan? Remaining = null)
{
    /// <summary>Whether the epoch and its evaluation are done.</summary>
    public bool IsEndOfEpoch { get; init; }

    /// <summary>The epoch's score at its end, where greater is better; otherwise null.</summary>
    public double? Score { get; init; }

    /// <summary>One line for a person to read.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Stage} {Epoch}/{Epochs} step {Step}/{Steps}{(double.IsNaN(Loss) ? "" : $" loss {Loss:F4}")}{(double.IsNaN(ItemsPerSecond) ? "" : $" {ItemsPerSecond:F0}/s")}{(Metric is null ? "" : $" {Metric}")}{(Remaining is { } left ? $" ETA {(int)left.TotalHours}:{left:mm\\:ss}" : "")}");
}

/// <summary>The parts of a training step.</summary>
public enum TrainingPhase
{
    /// <summary>Examples become tensors.</summary>
    Input,

    /// <summary>From the input to the loss.</summary>
    Forward,

    /// <summary>From the loss to the gradients.</summary>
    Backward,

    /// <summary>From the gradients to new weights.</summary>
    Optimizer,
}

/// <summary>Counts an epoch's steps, loss and time.</summary>
/// <param name="stage">The stage or run, for the progress line.</param>
/// <param name="epoch">The epoch, from 1.</param>
/// <param name="epochs">Epochs of the stage, at most.</param>
/// <param name="steps">Steps of the epoch.</param>
public sealed class EpochMeter(string stage, int epoch, int epochs, int steps)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly TimeSpan[] _phases = new TimeSpan[Enum.GetValues<TrainingPhase>().Length];
    private long _lap = Stopwatch.GetTimestamp();
    private double _lossSum;
    private int _done;
    private long _items;

    /// <summary>Which step comes next, for messages.</summary>
    internal string NextStep => string.Create(CultureInfo.InvariantCulture, $"{stage}, epoch {epoch}, step {_done + 1} of {steps}");

    /// <summary>The mean loss of the steps so far.</summary>
    public double MeanLoss => _lossSum / _done;

    /// <summary>Books the time since the lap before on a phase.</summary>
    public void Lap(TrainingPhase phase)
    {
        long now = Stopwatch.GetTimestamp();
        _phases[(int)phase] += Stopwatch.GetElapsedTime(_lap, now);
        _lap = now;
    }

    /// <summary>The time that a phase took so far.</summary>
    public TimeSpan Time(TrainingPhase phase) => _phases[(int)phase];

    /// <summary>Counts a step.</summary>
    /// <param name="loss">Its loss.</param>
    /// <param name="items">Utterances, texts or clips that it saw.</param>
    public TrainingProgress Step(double loss, int items)
    {
        _lossSum += loss;
        _done++;
        _items += items;
        return Progress(null, false);
    }

    /// <summary>The epoch's end, with what the dev split said.</summary>
    public TrainingProgress End(string devMetric) => Progress(devMetric, true);

    private TrainingProgress Progress(string? shown, bool end)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_started);
        double stepsLeft = ((double)(epochs - epoch) * steps) + steps - _done;
        return new TrainingProgress(
            stage, epoch, epochs, _done, steps, MeanLoss, _items / elapsed.TotalSeconds, shown, _done == 0 ? null : elapsed * (stepsLeft / _done))
        {
            IsEndOfEpoch = end,
        };
    }
}
