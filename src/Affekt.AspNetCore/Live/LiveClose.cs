using System.Net.WebSockets;
using Affekt.AspNetCore.Problems;

namespace Affekt.AspNetCore.Live;

/// <summary>Why a connection ends, as docs/api.md numbers it.</summary>
internal static class LiveClose
{
    public const WebSocketCloseStatus Done = WebSocketCloseStatus.NormalClosure;
    public const WebSocketCloseStatus Stopping = WebSocketCloseStatus.EndpointUnavailable;
    public const WebSocketCloseStatus WrongKind = WebSocketCloseStatus.InvalidMessageType;
    public const WebSocketCloseStatus NotAllowed = WebSocketCloseStatus.PolicyViolation;
    public const WebSocketCloseStatus TooLarge = WebSocketCloseStatus.MessageTooBig;
    public const WebSocketCloseStatus Failed = WebSocketCloseStatus.InternalServerError;
    public const WebSocketCloseStatus TooMany = (WebSocketCloseStatus)1013;
    public const WebSocketCloseStatus Malformed = (WebSocketCloseStatus)4400;
    public const WebSocketCloseStatus NoSession = (WebSocketCloseStatus)4404;
    public const WebSocketCloseStatus NoHello = (WebSocketCloseStatus)4408;
    public const WebSocketCloseStatus TakenOver = (WebSocketCloseStatus)4409;
    public const WebSocketCloseStatus Idle = (WebSocketCloseStatus)4410;
}

/// <summary>A connection has to end, as the problem says.</summary>
internal sealed class LiveException(WebSocketCloseStatus close, Problem problem) : Exception(problem.Detail)
{
    public LiveException(WebSocketCloseStatus close, ProblemCode code, string detail)
        : this(close, Problem.Of(code, detail))
    {
    }

    public WebSocketCloseStatus Close { get; } = close;

    public Problem Problem { get; } = problem;

    /// <summary>A message that is not what docs/api.md says.</summary>
    public static LiveException Malformed(string detail) => new(LiveClose.Malformed, ProblemCode.BadMessage, detail);
}
