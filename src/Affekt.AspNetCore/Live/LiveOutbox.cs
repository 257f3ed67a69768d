using System.Text.Json;

namespace Affekt.AspNetCore.Live;

/// <summary>A numbered message as it goes out.</summary>
internal sealed record LiveReply(long Sequence, byte[] Json, bool IsUpdate);

/// <summary>
/// What a session has said, kept so that it can be said again after a break. Of updates only the newest are: each says all
/// that those before it said, and a client that reads slowly shall not read old ones. For use from any thread.
/// </summary>
internal sealed class LiveOutbox
{
    private const int MostUpdates = 8;
    private const int MostOthers = 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<LiveReply> _replies = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;
    private int _updates;
    private bool _closed;

    /// <summary>The number of the last message.</summary>
    public long Last
    {
        get
        {
            lock (_lock)
                return _sequence;
        }
    }

    /// <summary>Says something; the session is given its number.</summary>
    public void Say<T>(Func<long, T> reply)
    {
        lock (_lock)
        {
            if (_closed)
                return;
            T said = reply(++_sequence);
            bool isUpdate = said is LiveUpdateReply;
            _replies.AddLast(new LiveReply(_sequence, JsonSerializer.SerializeToUtf8Bytes(said, ServerJson.Options), isUpdate));
            _updates += isUpdate ? 1 : 0;
            if (_updates > MostUpdates)
                Forget(update: true);
            if (_replies.Count - _updates > MostOthers)
                Forget(update: false);
            Signal();
        }
    }

    /// <summary>There is nothing more to come.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Signal();
        }
    }

    /// <summary>The first message after a number, waited for; null where none will come.</summary>
    public async Task<LiveReply?> NextAsync(long after, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                LinkedListNode<LiveReply>? node = _replies.Last;
                while (node?.Previous is { } previous && previous.Value.Sequence > after)
                    node = previous;
                if (node?.Value is { } found && found.Sequence > after)
                    return found;
                if (_closed)
                    return null;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    private void Signal()
    {
        TaskCompletionSource changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private void Forget(bool update)
    {
        for (LinkedListNode<LiveReply>? node = _replies.First; node is not null; node = node.Next)
        {
            if (node.Value.IsUpdate != update)
                continue;
            _replies.Remove(node);
            _updates -= update ? 1 : 0;
            return;
        }
    }
}
