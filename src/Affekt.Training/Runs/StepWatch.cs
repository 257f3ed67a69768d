using Affekt.Torch.Distributed;

namespace Affekt.Training;

/// <summary>
/// While a process computes a step, says in its place that it is still there, so that the others, which wait for it, do not take
/// it for gone. A step that is shorter than a beat costs nothing.
/// </summary>
internal sealed class StepWatch : IDisposable
{
    private readonly Lock _turn = new();
    private readonly TimeSpan _beat;
    private readonly Action _say;
    private readonly Timer _timer;
    private bool _watching;
    private ProcessGroupException? _lost;

    /// <param name="beat">How often it is said.</param>
    /// <param name="say">Says it, and returns once all have said something.</param>
    public StepWatch(TimeSpan beat, Action say)
    {
        _beat = beat;
        _say = say;
        _timer = new Timer(_ => Beat(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A step begins.</summary>
    public void Start()
    {
        lock (_turn)
            _watching = true;
        _timer.Change(_beat, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The step has ended: from here on the process speaks for itself.</summary>
    /// <exception cref="ProcessGroupException">Another process was gone meanwhile.</exception>
    public void Stop()
    {
        lock (_turn)
        {
            _watching = false;
            if (_lost is not null)
                throw new ProcessGroupException(_lost.Message, _lost, lost: _lost.Lost);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
            _watching = false;
        _timer.Dispose();
    }

    private void Beat()
    {
        lock (_turn)
        {
            if (!_watching)
                return;
            try
            {
                _say();
            }
            catch (ProcessGroupException e)
            {
                (_lost, _watching) = (e, false);
                return;
            }
            catch (ObjectDisposedException)
            {
                _watching = false;
                return;
            }
        }

        try
        {
            _timer.Change(_beat, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The last step has ended meanwhile.
        }
    }
}
