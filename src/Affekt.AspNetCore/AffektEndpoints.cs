using Affekt.AspNetCore;
using Affekt.AspNetCore.Live;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Recognitions;
using Affekt.AspNetCore.Security;
using Affekt.Media;
using Affekt.Recognition.Library;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Affekt's endpoints, as docs/api.md states them, in any host of ASP.NET Core.</summary>
public static class AffektEndpoints
{
    private static readonly WebSocketOptions _sockets = new() { KeepAliveInterval = TimeSpan.FromSeconds(15) };

    /// <summary>
    /// Adds what the endpoints need, the recognizer included: it opens its models when the host starts.
    /// <see cref="AffektServices.AddAffekt(IServiceCollection, Action{AffektOptions})"/>, before or after it, says which.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Names at least <see cref="AffektEndpointOptions.DataFolder"/>.</param>
    public static IServiceCollection AddAffektEndpoints(this IServiceCollection services, Action<AffektEndpointOptions> configure)
    {
        services.AddOptions<AffektEndpointOptions>().Configure(configure)
            .Validate(options => !string.IsNullOrWhiteSpace(options.DataFolder), "Affekt: DataFolder is empty, expected a folder for jobs and uploads")
            .ValidateOnStart();
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<AffektEndpointOptions>>().Value.Limits);
        services.TryAddSingleton(provider => new DataFolder(provider.GetRequiredService<IOptions<AffektEndpointOptions>>().Value.DataFolder));
        services.TryAddSingleton(provider => new ApiKeys(provider.GetRequiredService<IOptions<AffektEndpointOptions>>().Value.ApiKeys));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClientRates>();

        // Faces are shown while somebody is live; and of an upload no more is decoded than it may be long, whatever it says of itself.
        services.Configure<AffektOptions>(affekt => affekt.ShowFaces = true);
        services.AddAffekt();
        services.AddOptions<AffektOptions>().PostConfigure<ServerLimits>((affekt, limits) =>
            affekt.Media = (affekt.Media ?? new MediaToolsOptions()) with { MaximumStream = limits.MaxDuration + TimeSpan.FromSeconds(1) });
        services.TryAddSingleton(provider => MediaTools.Find(provider.GetRequiredService<IOptions<AffektOptions>>().Value.Media!));
        services.TryAddSingleton<ModelHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelHost>());
        services.AddRecognitions();
        services.AddLive();
        return services;
    }

    /// <summary>
    /// Maps the endpoints under /v1: recognitions, baselines, live sessions, limits and bundles. They answer errors with problems of RFC 9457,
    /// refuse pages of other origins than <see cref="AffektEndpointOptions.Origins"/>, and write JSON in their own way, whatever the host
    /// does otherwise.
    /// </summary>
    /// <param name="endpoints">The host, or a group of its endpoints.</param>
    /// <param name="prefix">What comes before /v1, such as "/affekt"; nothing by default.</param>
    /// <returns>The group, for the host's own conventions, as RequireAuthorization.</returns>
    public static RouteGroupBuilder MapAffekt(this IEndpointRouteBuilder endpoints, string prefix = "")
    {
        RouteGroupBuilder group = endpoints.MapGroup(prefix);
        group.MapUnguarded();
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            RequestDelegate work = endpoint.RequestDelegate!;
            IApplicationBuilder around = endpoints.CreateApplicationBuilder();
            around.UseMiddleware<ProblemWriter>();
            around.UseMiddleware<OriginCheck>();
            around.UseMiddleware<RequestCount>();
            around.UseMiddleware<ApiKeyCheck>();
            around.UseLiveSockets();
            around.Run(work);
            endpoint.RequestDelegate = around.Build();
        });
        return group;
    }

    /// <summary>Maps the endpoints alone, for a host that puts around all of its own what <see cref="MapAffekt"/> puts around these.</summary>
    internal static void MapUnguarded(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapLimits();
        endpoints.MapBundles();
        endpoints.MapRecognitions();
        endpoints.MapBaselines();
        endpoints.MapLive();
    }

    /// <summary>WebSockets that notice when a client is gone.</summary>
    internal static void UseLiveSockets(this IApplicationBuilder app) => app.UseWebSockets(_sockets);
}
