using System.Diagnostics;
using Affekt.Server.Hosting;
using Affekt.Server.Problems;

namespace Affekt.Server.Recognitions;

/// <summary>
/// The places for recognitions: so many at work, so many waiting, and nobody else. A place is taken by an upload that is there: one
/// that trickles in keeps nobody out. Some are kept for clients who have none, and whose turn it is goes by who has the fewest at
/// work, so that no client shuts the server to the others.
/// </summary>
internal sealed class Admission(ServerLimits limits)
{
    // How much the last work counts in the estimate of the next.
    private const double Newest = 0.2;

    private readonly Lock _counting = new();
    private readonly Dictionary<string, Share> _clients = [];
    private readonly LinkedList<Waiter> _waiting = [];
    private int _taken;
    private int _working;
    private long _begun;
    private double _usualSeconds = 2;

    /// <summary>How many places are taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>How many places were ever taken.</summary>
    public long Begun => Volatile.Read(ref _begun);

    /// <summary>Tells a client whom no place would be given that it need not send its upload.</summary>
    /// <exception cref="ProblemException">There is no place.</exception>
    public void RequireRoom(string client)
    {
        lock (_counting)
            CheckRoom(client);
    }

    /// <summary>Takes a place.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public Place Enter(string client)
    {
        lock (_counting)
        {
            CheckRoom(client);
            return Take(client);
        }
    }

    /// <summary>Takes a place for work that was admitted by the server before this one, whether there is one or not.</summary>
    public Place Restore()
    {
        // Who sent it is not known any more; all of it together is one client.
        lock (_counting)
            return Take("restored");
    }

    private void CheckRoom(string client)
    {
        int places = limits.Workers + limits.MaxQueue;
        bool hasOne = _clients.ContainsKey(client);
        if (_taken < (hasOne ? places - limits.PlacesForOthers : places))
            return;
        double seconds = Math.Clamp(_usualSeconds * limits.MaxQueue / limits.Workers, 1, 120);
        string whose = hasOne && _taken < places ? "that one client may have" : "there are";
        throw new ProblemException(
            ProblemCode.QueueFull, $"Found all places taken that {whose}, expected a free one.", TimeSpan.FromSeconds(seconds));
    }

    private Place Take(string client)
    {
        _taken++;
        _begun++;
        if (!_clients.TryGetValue(client, out Share? share))
            _clients[client] = share = new Share();
        share.Taken++;
        return new Place(this, client, share);
    }

    private void Leave(string client, Share share)
    {
        lock (_counting)
        {
            _taken--;
            if (--share.Taken == 0)
                _clients.Remove(client);
        }
    }

    // Ends at once where there is a worker; else when one is free and nobody else is before.
    private Task TurnAsync(Share share, CancellationToken cancellation)
    {
        lock (_counting)
        {
            if (_working < limits.Workers)
            {
                _working++;
                share.Working++;
                return Task.CompletedTask;
            }

            Waiter waiter = new(share);
            LinkedListNode<Waiter> place = _waiting.AddLast(waiter);
            return WaitAsync(waiter, place, cancellation);
        }
    }

    private async Task WaitAsync(Waiter waiter, LinkedListNode<Waiter> place, CancellationToken cancellation)
    {
        try
        {
            await waiter.Turn.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            lock (_counting)
            {
                // Its turn came just now: the next has it.
                if (place.List is null)
                    PassOn(waiter.Share);
                else
                    _waiting.Remove(place);
            }

            throw;
        }
    }

    private void Done(Share share, double seconds)
    {
        lock (_counting)
        {
            _usualSeconds += Newest * (seconds - _usualSeconds);
            PassOn(share);
        }
    }

    private void PassOn(Share from)
    {
        from.Working--;
        _working--;
        if (_waiting.MinBy(waiter => waiter.Share.Working) is not { } next)
            return;
        _waiting.Remove(next);
        _working++;
        next.Share.Working++;
        next.Turn.SetResult();
    }

    /// <summary>What one client has of it all.</summary>
    internal sealed class Share
    {
        public int Taken { get; set; }

        public int Working { get; set; }
    }

    private sealed record Waiter(Share Share)
    {
        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A place, given up when it is disposed of.</summary>
    internal sealed class Place : IDisposable
    {
        private readonly Admission _admission;
        private readonly string _client;
        private readonly Share _share;
        private int _left;

        internal Place(Admission admission, string client, Share share) => (_admission, _client, _share) = (admission, client, share);

        /// <summary>Waits for its turn and works.</summary>
        public async Task<T> WorkAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
        {
            await _admission.TurnAsync(_share, cancellation);
            long began = Stopwatch.GetTimestamp();
            try
            {
                return await work();
            }
            finally
            {
                _admission.Done(_share, Stopwatch.GetElapsedTime(began).TotalSeconds);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                _admission.Leave(_client, _share);
        }
    }
}
