namespace Affekt.Server.Live;

/// <summary>GET /v1/live: sound and pictures as they come.</summary>
internal static class LiveEndpoint
{
    /// <summary>Adds what live sessions need.</summary>
    public static void AddLive(this IServiceCollection services)
    {
    }

    /// <summary>Maps the endpoint.</summary>
    public static void MapLive(this IEndpointRouteBuilder endpoints)
    {
    }
}
