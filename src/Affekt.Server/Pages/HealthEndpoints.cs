using Affekt.Server.Hosting;
using Affekt.Server.Problems;
using Affekt.Server.Security;

namespace Affekt.Server.Pages;

/// <summary>GET /healthz and /readyz, for whoever watches over the server.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => TypedResults.Ok(new Health("ok")))
            .WithTags("Server").WithSummary("Whether the server runs.").WithMetadata(new OpenToAll());
        endpoints.MapGet("/readyz", (ModelHost models) =>
            {
                models.RequireReady();
                return TypedResults.Ok(new Health("ready"));
            })
            .WithTags("Server").WithSummary("Whether the models are there.").WithMetadata(new OpenToAll())
            .Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.MediaType);
    }
}

/// <summary>How the server is.</summary>
/// <param name="Status">"ok" or "ready".</param>
internal sealed record Health(string Status);
