using System.Collections.Concurrent;

namespace Affekt.Recognition;

/// <summary>
/// Does what its callers do not wait for, in the order of asking, on one thread for all of them: libtorch keeps memory for
/// every thread that computes.
/// </summary>
internal sealed class WorkThread(string name) : IDisposable
{
    private readonly BlockingCollection<Action> _works = [];
    private readonly Lock _starting = new();
    private Thread? _thread;

    /// <summary>Does it some time later.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancellation">It is wanted no more: not begun where it has not, and for the work to look at.</param>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_starting)
        {
            if (_thread is null)
            {
                _thread = new Thread(Work) { IsBackground = true, Name = name };
                _thread.Start();
            }
        }

        _works.Add(Run, CancellationToken.None);
        return done.Task;

        void Run()
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                done.SetResult(work());
            }
            catch (OperationCanceledException)
            {
                done.SetCanceled(cancellation);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _works.CompleteAdding();
        _thread?.Join();
        _works.Dispose();
    }

    private void Work()
    {
        foreach (Action work in _works.GetConsumingEnumerable())
            work();
    }
}
