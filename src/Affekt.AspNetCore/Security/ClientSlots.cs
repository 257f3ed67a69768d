namespace Affekt.AspNetCore.Security;

/// <summary>Slots of one kind: so many for all clients together, and so many for each.</summary>
/// <param name="most">How many there are.</param>
/// <param name="mostForOne">How many of them one client may have.</param>
internal sealed class ClientSlots(int most, int mostForOne)
{
    private readonly Lock _counting = new();
    private readonly Dictionary<string, int> _taken = [];
    private int _all;

    /// <summary>Takes a slot; null where there is none, or none for this client.</summary>
    public Slot? TryEnter(string client)
    {
        lock (_counting)
        {
            int own = _taken.GetValueOrDefault(client);
            if (_all >= most || own >= mostForOne)
                return null;
            _all++;
            _taken[client] = own + 1;
            return new Slot(this, client);
        }
    }

    private void Leave(string client)
    {
        lock (_counting)
        {
            _all--;
            if (--_taken[client] == 0)
                _taken.Remove(client);
        }
    }

    /// <summary>A slot, given up when it is disposed of.</summary>
    internal sealed class Slot(ClientSlots slots, string client) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                slots.Leave(client);
        }
    }
}
