using System.Reflection;
using Affekt.AspNetCore.Security;

namespace Affekt.AspNetCore;

/// <summary>GET /v1/limits: what a client may ask for, before it asks.</summary>
internal static class LimitsEndpoint
{
    private static readonly string _version =
        typeof(LimitsEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void MapLimits(this IEndpointRouteBuilder endpoints) => endpoints
        .MapMethods("/v1/limits", [HttpMethods.Get, HttpMethods.Head], (ServerLimits limits, ApiKeys keys) => ServerJson.Answer(new LimitsAnswer(
            limits.MaxUploadBytes,
            (long)limits.MaxDuration.TotalMilliseconds,
            (long)limits.MaxSyncDuration.TotalMilliseconds,
            limits.MaxPixels,
            limits.MaxLiveSessions,
            limits.MaxQueue,
            (long)limits.Keep.TotalMilliseconds,
            _version,
            keys.AreRequired)))
        .WithTags("Server").WithSummary("What is allowed.").Produces<LimitsAnswer>().WithMetadata(new OpenToAll());
}

/// <summary>What is allowed.</summary>
/// <param name="MaxUploadBytes">The largest upload.</param>
/// <param name="MaxDurationMs">The longest recording.</param>
/// <param name="MaxSyncDurationMs">The longest recording that is answered at once.</param>
/// <param name="MaxPixels">The most pixels of one picture.</param>
/// <param name="MaxLiveSessions">How many live sessions there are at once.</param>
/// <param name="MaxQueue">How many recognitions wait.</param>
/// <param name="KeepMs">How long a job is kept.</param>
/// <param name="Version">The server's version.</param>
/// <param name="ApiKeyRequired">Whether a key is asked for.</param>
internal sealed record LimitsAnswer(
    long MaxUploadBytes, long MaxDurationMs, long MaxSyncDurationMs, long MaxPixels, int MaxLiveSessions, int MaxQueue, long KeepMs,
    string Version, bool ApiKeyRequired);
