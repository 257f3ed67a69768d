using System.Collections.Concurrent;

namespace Affekt.Recognition;

/// <summary>
/// Computes for all callers of a recognizer, in the order of asking, on one thread: native libraries keep threads and memory for
/// every thread that computes, and callers' own threads may have other things to do.
/// </summary>
internal sealed class WorkThread(string name) : IDisposable
{
    private readonly BlockingCollection<Action> _works = [];
    private readonly Lock _starting = new();
    private Thread? _thread;
    private bool _isDisposed;

    /// <summary>Does it some time later.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancellation">It is wanted no more: not begun where it has not, and for the work to look at.</param>
    /// <exception cref="ObjectDisposedException">The thread's owner was disposed of.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(Recognizer));
            if (_thread is null)
            {
                _thread = new Thread(Work) { IsBackground = true, Name = name };
                _thread.Start();
            }

            _works.Add(Run, CancellationToken.None);
        }

        return done.Task;

        void Run()
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                done.SetResult(work());
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
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
        lock (_starting)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _works.CompleteAdding();
        }

        _thread?.Join();
        _works.Dispose();
    }

    private void Work()
    {
        foreach (Action work in _works.GetConsumingEnumerable())
            work();
    }
}
