using Affekt.AspNetCore;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;

namespace Affekt.Server.Pages;

/// <summary>GET /healthz and /readyz, for monitoring.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        endpoints.MapMethods("/healthz", methods, () => ServerJson.Answer(new Health("ok")))
            .WithTags("Server").WithSummary("Whether the server runs.").Produces<Health>().WithMetadata(new OpenToAll());
        endpoints.MapMethods("/readyz", methods, (ModelHost models) =>
            {
                models.RequireReady();
                return ServerJson.Answer(new Health("ready"));
            })
            .WithTags("Server").WithSummary("Whether the models are there.").Produces<Health>().WithMetadata(new OpenToAll())
            .Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.MediaType);
    }
}

/// <summary>How the server is.</summary>
/// <param name="Status">"ok" or "ready".</param>
internal sealed record Health(string Status);
