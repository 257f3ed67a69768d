using System.Diagnostics;

namespace Affekt.AspNetCore.Live;

/// <summary>Something to do for a session, in the order in which it came.</summary>
/// <param name="Message">Sound or a picture; null for a request.</param>
/// <param name="Request">What the client asked for; null for sound or a picture.</param>
/// <param name="Arrived">When it came, as <see cref="Stopwatch.GetTimestamp"/> tells.</param>
internal sealed record LiveWork(LiveMessage? Message, LiveRequest? Request, long Arrived);

/// <summary>
/// What waits for a session. Sound and requests keep their order and are never dropped: where too much waits, the reader waits
/// too, and with it the client. Of pictures the oldest is dropped. For one reader of the socket and one worker.
/// </summary>
internal sealed class LiveInbox(LiveLimits limits) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<LiveWork> _ordered = [];
    private readonly Queue<LiveWork> _pictures = [];
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _bytes;
    private int _dropped;

    /// <summary>Puts something in; waits where too much sound waits already.</summary>
    public async Task AddAsync(LiveWork work, CancellationToken cancellation)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                int bytes = Bytes(work);
                if (bytes == 0 || _bytes + bytes <= limits.MaxSoundBytes)
                {
                    Add(work, bytes);
                    break;
                }

                room = _room.Task;
            }

            await room.WaitAsync(cancellation);
        }

        Wake();
    }

    /// <summary>The next sound or request; null where none waits.</summary>
    public LiveWork? Next()
    {
        lock (_lock)
        {
            if (!_ordered.TryDequeue(out LiveWork? work))
                return null;
            _bytes -= Bytes(work);
            TaskCompletionSource room = _room;
            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room.SetResult();
            return work;
        }
    }

    /// <summary>The oldest picture that waits; null where none does.</summary>
    public LiveWork? NextPicture()
    {
        lock (_lock)
            return _pictures.TryDequeue(out LiveWork? work) ? work : null;
    }

    /// <summary>Whether a picture waits.</summary>
    public bool HasPicture
    {
        get
        {
            lock (_lock)
                return _pictures.Count > 0;
        }
    }

    /// <summary>How many pictures were dropped since the last call of this.</summary>
    public int TakeDropped() => Interlocked.Exchange(ref _dropped, 0);

    /// <summary>Waits until something comes, for so long.</summary>
    public void Wait(TimeSpan time) => _arrived.Wait(time);

    /// <summary>Ends a wait.</summary>
    public void Wake()
    {
        lock (_arrived)
        {
            if (_arrived.CurrentCount == 0)
                _arrived.Release();
        }
    }

    public void Dispose() => _arrived.Dispose();

    // Requests take little, but there may be many of them.
    private static int Bytes(LiveWork work) => work.Message switch
    {
        null => 1024,
        { Kind: LiveKind.Sound } sound => sound.Body.Length,
        _ => 0,
    };

    private void Add(LiveWork work, int bytes)
    {
        if (work.Message is { Kind: LiveKind.Picture })
        {
            _pictures.Enqueue(work);
            if (_pictures.Count <= limits.MaxPictures)
                return;
            _pictures.Dequeue();
            Interlocked.Increment(ref _dropped);
            return;
        }

        _bytes += bytes;
        _ordered.Enqueue(work);
    }
}
