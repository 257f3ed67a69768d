namespace Affekt.Recognition;

/// <summary>
/// Lets one caller compute at a time, in the order of asking: who has a long work in parts lets those who came meanwhile go
/// between two of them, which a lock does not promise.
/// </summary>
internal sealed class ModelTurns
{
    private readonly object _gate = new();
    private long _last;
    private long _turn;

    /// <summary>Waits for a turn; it is over when the result is disposed of.</summary>
    public Turn Take()
    {
        lock (_gate)
        {
            long mine = _last++;
            while (mine != _turn)
                Monitor.Wait(_gate);
        }

        return new Turn(this);
    }

    private void End()
    {
        lock (_gate)
        {
            _turn++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>A turn that is taken.</summary>
    internal readonly ref struct Turn(ModelTurns turns)
    {
        public void Dispose() => turns.End();
    }
}
