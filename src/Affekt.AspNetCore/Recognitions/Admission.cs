using System.Diagnostics;
using Affekt.AspNetCore.Problems;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>
/// The places for recognitions: so many at work, so many waiting, and nobody else. A place is taken by an upload that is there: one
/// that trickles in keeps nobody out. Some are kept for clients who have none, and whose turn it is goes by who has the fewest at
/// work, so that no client shuts the server to the others. Long work of one client leaves a worker to others, and where long work has
/// every worker, one short work goes beside it: nobody waits hours for an answer that takes seconds.
/// </summary>
internal sealed class Admission(ServerLimits limits)
{
    // How much the last work counts in the estimate of the next.
    private const double Newest = 0.2;

    private readonly Lock _counting = new();
    private readonly Dictionary<string, ClientLoad> _clients = [];
    private readonly LinkedList<Turn> _waiting = [];
    private int _taken;
    private int _working;
    private int _long;
    private long _begun;
    private double _usualSeconds = 2;

    /// <summary>How many places are taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>How many places were ever taken.</summary>
    public long Begun => Volatile.Read(ref _begun);

    // Work on more than this is long.
    private TimeSpan Longest => limits.LongWork;

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
        if (!_clients.TryGetValue(client, out ClientLoad? load))
            _clients[client] = load = new ClientLoad();
        load.Taken++;
        return new Place(this, client, load);
    }

    private void Leave(string client, ClientLoad load)
    {
        lock (_counting)
        {
            _taken--;
            if (--load.Taken == 0)
                _clients.Remove(client);
        }
    }

    // Ends at once where there is a worker; else when one is free and nobody else is before.
    private Task BeginAsync(Turn turn, CancellationToken cancellation)
    {
        lock (_counting)
        {
            if (MayBegin(turn))
            {
                Begin(turn);
                return Task.CompletedTask;
            }

            return WaitAsync(turn, _waiting.AddLast(turn), cancellation);
        }
    }

    private async Task WaitAsync(Turn turn, LinkedListNode<Turn> place, CancellationToken cancellation)
    {
        try
        {
            await turn.Came.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            lock (_counting)
            {
                // Its turn came just now: the next has it.
                if (place.List is null)
                    End(turn);
                else
                    _waiting.Remove(place);
            }

            throw;
        }
    }

    private bool MayBegin(Turn turn) => turn.IsLong
        ? _working < limits.Workers && turn.Load.Long < Math.Max(1, limits.Workers - 1)
        : _working < limits.Workers || (_working == limits.Workers && _long == _working);

    private void Begin(Turn turn)
    {
        turn.HasBegun = true;
        _working++;
        turn.Load.Working++;
        if (turn.IsLong)
            CountLong(turn.Load, 1);
    }

    private void End(Turn turn)
    {
        _working--;
        turn.Load.Working--;
        if (turn.IsLong)
            CountLong(turn.Load, -1);
        CallNext();
    }

    private void CountLong(ClientLoad load, int change)
    {
        _long += change;
        load.Long += change;
    }

    // Who has the fewest at work is next; of those, who waits longest.
    private void CallNext()
    {
        while (_waiting.Where(MayBegin).MinBy(turn => turn.Load.Working) is { } next)
        {
            _waiting.Remove(next);
            Begin(next);
            next.Came.SetResult();
        }
    }

    private void Done(Turn turn, double seconds)
    {
        lock (_counting)
        {
            _usualSeconds += Newest * (seconds - _usualSeconds);
            End(turn);
        }
    }

    private void Lengthen(Turn turn)
    {
        lock (_counting)
        {
            if (turn.IsLong)
                return;
            turn.IsLong = true;
            CountLong(turn.Load, 1);
            CallNext();
        }
    }

    /// <summary>What one client has of it all.</summary>
    internal sealed class ClientLoad
    {
        public int Taken { get; set; }

        public int Working { get; set; }

        public int Long { get; set; }
    }

    private sealed class Turn(ClientLoad load)
    {
        public ClientLoad Load => load;

        public bool IsLong { get; set; }

        public bool HasBegun { get; set; }

        public TaskCompletionSource Came { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A place, given up when it is disposed of.</summary>
    internal sealed class Place : IDisposable
    {
        private readonly Admission _admission;
        private readonly string _client;
        private readonly ClientLoad _load;
        private Turn? _turn;
        private int _left;

        internal Place(Admission admission, string client, ClientLoad load) => (_admission, _client, _load) = (admission, client, load);

        /// <summary>Whether its turn has come.</summary>
        public bool IsAtWork => _turn?.HasBegun == true;

        /// <summary>Waits for its turn and works.</summary>
        /// <param name="duration">How much sound and picture there is to work on; null where that is not known, which counts as long.</param>
        /// <param name="work">The work.</param>
        /// <param name="cancellation">Ends the waiting.</param>
        public async Task<T> WorkAsync<T>(TimeSpan? duration, Func<Task<T>> work, CancellationToken cancellation)
        {
            Turn turn = _turn = new(_load) { IsLong = !(duration < _admission.Longest) };
            await _admission.BeginAsync(turn, cancellation);
            long began = Stopwatch.GetTimestamp();
            try
            {
                return await work();
            }
            finally
            {
                _admission.Done(turn, Stopwatch.GetElapsedTime(began).TotalSeconds);
            }
        }

        /// <summary>Tells how far the work has come: a recording may be longer than it says.</summary>
        public void Reached(TimeSpan done)
        {
            if (done >= _admission.Longest && _turn is { } turn)
                _admission.Lengthen(turn);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                _admission.Leave(_client, _load);
        }
    }
}
