using System.Collections.Concurrent;
using Affekt.Models.Speech;

namespace Affekt.Recognition;

/// <summary>
/// Finds words for any number of callers, one at a time. It has its own lock, so that the other models answer meanwhile, and
/// a thread for words that are not waited for: libtorch keeps memory for every thread that computes.
/// </summary>
/// <param name="transcriber">Finds them; it stays open as long as this is used.</param>
internal sealed class WordFinder(Transcriber transcriber) : IDisposable
{
    private readonly Lock _transcriber = new();
    private readonly BlockingCollection<Action> _later = [];
    private Thread? _thread;

    /// <summary>The words of a whole utterance; null where there are none.</summary>
    /// <param name="sound">Mono, 16 kHz.</param>
    public string? Find(ReadOnlyMemory<float> sound)
    {
        lock (_transcriber)
            return transcriber.Transcribe(sound.Span);
    }

    /// <summary>The words as far as they are spoken, some time later.</summary>
    /// <param name="sound">Mono, 16 kHz.</param>
    /// <param name="cancellation">Ends it soon: they are wanted no more.</param>
    public Task<string?> FindLaterAsync(float[] sound, CancellationToken cancellation)
    {
        TaskCompletionSource<string?> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_later)
        {
            if (_thread is null)
            {
                _thread = new Thread(Work) { IsBackground = true, Name = "affekt words" };
                _thread.Start();
            }
        }

        _later.Add(Run, CancellationToken.None);
        return found.Task;

        void Run()
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                lock (_transcriber)
                    found.SetResult(transcriber.Transcribe(sound, cancellation));
            }
            catch (OperationCanceledException)
            {
                found.SetCanceled(cancellation);
            }
            catch (Exception e)
            {
                found.SetException(e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _later.CompleteAdding();
        _thread?.Join();
        _later.Dispose();
    }

    private void Work()
    {
        foreach (Action job in _later.GetConsumingEnumerable())
            job();
    }
}
