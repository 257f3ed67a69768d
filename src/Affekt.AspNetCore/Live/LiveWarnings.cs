using System.Diagnostics;

namespace Affekt.AspNetCore.Live;

/// <summary>Tells warnings, each kind no more often than a client can read.</summary>
internal sealed class LiveWarnings(LiveOutbox outbox)
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _told = [];

    public void Say(string code, string message)
    {
        lock (_lock)
        {
            if (_told.TryGetValue(code, out long last) && Stopwatch.GetElapsedTime(last) < _again)
                return;
            _told[code] = Stopwatch.GetTimestamp();
        }

        outbox.Say(seq => new LiveWarningReply(seq, code, message));
    }
}
