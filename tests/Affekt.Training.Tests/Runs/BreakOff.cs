using Affekt.Training;

namespace Affekt.Tests.Runs;

/// <summary>Breaks a run off after so many reports.</summary>
internal sealed class BreakOff(int reports) : IProgress<TrainingProgress>, IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private int _left = reports;

    public CancellationToken Token => _source.Token;

    public void Report(TrainingProgress value)
    {
        if (--_left == 0)
            _source.Cancel();
    }

    public void Dispose() => _source.Dispose();
}
