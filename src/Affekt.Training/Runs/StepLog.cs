using System.Diagnostics;

namespace Affekt.Training;

/// <summary>A step's numbers.</summary>
/// <param name="Step">Steps that the stage's optimizer has taken, from 1.</param>
/// <param name="Loss">The batch's loss.</param>
/// <param name="LearningRate">The first parameter group's.</param>
/// <param name="GradientNorm">The gradients' joint length before it was clipped.</param>
internal readonly record struct StepNumbers(long Step, double Loss, double LearningRate, double GradientNorm);

/// <summary>Keeps an epoch's steps, and writes them now and then, so that a run can be watched at little cost.</summary>
internal sealed class StepLog(RunFolder run, string stage, int epoch, bool writes)
{
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(2);

    private readonly List<StepNumbers> _steps = [];
    private long _written = Stopwatch.GetTimestamp();
    private double _normSum, _rate;
    private int _count;

    public void Add(long step, double loss, double rate, double norm)
    {
        (_count, _normSum, _rate) = (_count + 1, _normSum + norm, rate);
        _steps.Add(new StepNumbers(step, loss, rate, norm));
        if (Stopwatch.GetElapsedTime(_written) > _between)
            Flush();
    }

    /// <summary>Writes what was not written yet.</summary>
    public void Flush()
    {
        if (writes && _steps.Count > 0)
            run.Log(stage, epoch, _steps);
        _steps.Clear();
        _written = Stopwatch.GetTimestamp();
    }

    /// <summary>An epoch's metrics with its last learning rate, its mean gradient norm and its score.</summary>
    public IReadOnlyDictionary<string, double> AddTo(EpochScore score) => new Dictionary<string, double>(score.Metrics)
    {
        ["learning_rate"] = _rate,
        ["gradient_norm"] = _normSum / _count,
        [TrainingLoop.ScoreField] = score.Value,
    };
}
