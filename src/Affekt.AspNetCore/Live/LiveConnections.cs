using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;

namespace Affekt.AspNetCore.Live;

/// <summary>
/// The WebSockets of live sessions, those included that have not said hello. One client may have twice as many as it may have sessions:
/// a session that another connection goes on with has two for a moment.
/// </summary>
internal sealed class LiveConnections(ServerLimits limits)
{
    private const int ForEachSession = 2;
    private const int Clients = 8;

    private static readonly TimeSpan _again = TimeSpan.FromSeconds(5);

    private readonly ClientSlots _open = new(
        Clients * ForEachSession * limits.LiveSessionsPerClient, ForEachSession * limits.LiveSessionsPerClient);

    /// <summary>Counts a connection, until that is disposed of.</summary>
    /// <exception cref="ProblemException">There are too many.</exception>
    public ClientSlots.Slot Enter(string client) => _open.TryEnter(client) ?? throw new ProblemException(
        ProblemCode.TooManySessions,
        $"Found {ForEachSession * limits.LiveSessionsPerClient} live connections of this client, or {Clients} times that of all, expected fewer.",
        _again);
}
