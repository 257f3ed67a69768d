using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;

namespace Affekt.AspNetCore.Live;

/// <summary>GET /v1/live: sound and pictures as they come.</summary>
internal static class LiveEndpoint
{
    /// <summary>Adds what live sessions need.</summary>
    public static void AddLive(this IServiceCollection services) => services
        .AddSingleton<LiveSessions>().AddSingleton<LiveConnections>();

    /// <summary>Maps the endpoint. It asks for a key in its own way: a page cannot send headers with a WebSocket.</summary>
    public static void MapLive(this IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/v1/live", ServeAsync)
        .WithTags("Live").WithSummary("Sound and pictures as they come, over a WebSocket; docs/api.md states the messages.")
        .WithMetadata(new OpenToAll());

    private static async Task ServeAsync(
        HttpContext context, ModelHost models, ClientRates rates, LiveSessions sessions, LiveConnections connections, ApiKeys keys,
        ServerLimits limits, IHostApplicationLifetime lifetime)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            throw new ProblemException(ProblemCode.BadRequest, "Found no WebSocket handshake, expected one: see docs/api.md.");
        models.RequireReady();
        rates.CountStart(context);
        string client = Client.Of(context);
        using ClientSlots.Slot place = connections.Enter(client);
        using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        using LiveConnection connection = new(socket, sessions, client, keys, ApiKeys.In(context.Request), limits.Live);
        await connection.RunAsync(lifetime.ApplicationStopping);
    }
}
