using Affekt.AspNetCore;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;
using Affekt.Media;
using Affekt.Onnx.Sessions;
using Affekt.Server.Pages;
using Affekt.Server.Security;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Affekt.Server.Hosting;

/// <summary>Puts a server together. Nothing is read from files or variables: what it is to be stands in its options.</summary>
internal static class ServerHost
{
    /// <exception cref="ServerOptionsException">The options ask for something unsafe, or impossible.</exception>
    public static WebApplication Build(ServerOptions options)
    {
        Check(options);
        AddThreads(options.Limits);
        EngineOptions.Default = EngineOptions.Default with { Threads = options.Threads ?? 0 };
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "affekt-server" });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss'Z' ";
            console.UseUtcTimestamp = true;
        });

        // Requests' paths and addresses are not logged; a stop and a start are told by ourselves.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning);

        // Why a server does not start is told by who starts it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.WebHost.UseKestrelCore().UseUrls([.. options.Urls]).ConfigureKestrel(kestrel => Configure(kestrel, options));
        AddServices(builder.Services, options);
        builder.AddObservability();
        WebApplication server = builder.Build();
        Use(server, options);
        Map(server);
        return server;
    }

    private static void Check(ServerOptions options)
    {
        foreach (string url in options.Urls)
            ListenAddress.Check(url);
        if (options.SandboxProgram is null && !options.IsForThisMachine && !options.AllowWithoutSandbox)
        {
            throw new ServerOptionsException(
                "found no affekt-sandbox beside the program, which uploads of other machines are decoded in; ./affekt builds it where cmake, "
                + "make and g++ are installed; or go without it with --allow-without-sandbox");
        }

        if (options.RequireSandbox && options.SandboxProgram is null)
            throw new ServerOptionsException("--require-sandbox: found no affekt-sandbox, expected it beside the native part");
        if (!options.IsForThisMachine && options.ApiKeys.Count == 0 && !options.AllowWithoutKey)
        {
            string reached = options.IsLoopbackOnly ? "--proxy: found one" : $"--urls: found {string.Join(", ", options.Urls)}";
            throw new ServerOptionsException(
                $"{reached}, which other machines reach, and no key; name keys with --api-keys, or let everybody call with "
                + "--allow-without-key");
        }
    }

    // Models compute on the pool's threads, and the pool adds one in half a second: no request may wait for that.
    private static void AddThreads(ServerLimits limits)
    {
        const int Requests = 8;
        ThreadPool.GetMinThreads(out int threads, out int completions);
        ThreadPool.SetMinThreads(Math.Max(threads, limits.Workers + limits.MaxLiveSessions + Requests), completions);
    }

    private static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        ServerLimits limits = options.Limits;
        kestrel.AddServerHeader = false;

        // Those of one client are counted before, those of live sessions behind: each with an answer that says so.
        kestrel.Limits.MaxConcurrentConnections = 2 * limits.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(limits.MinUploadRate, TimeSpan.FromSeconds(10));
        ConnectionLimit connections = new(options);
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(connections.Around));
    }

    private static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(options);
        services.AddRoutingCore();
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. options.Origins]).AllowAnyMethod()
            .WithHeaders("Authorization", "X-Api-Key", "Content-Type", "Last-Event-ID").WithExposedHeaders("Location", "Retry-After")));
        services.ConfigureHttpJsonOptions(json => ServerJson.Configure(json.SerializerOptions));
        services.AddAffekt(affekt =>
        {
            affekt.Media = new MediaToolsOptions { Sandbox = Sandbox(options) };
            affekt.BundleFolder = options.BundleFolder;
            affekt.Precision = options.Precision;
            affekt.ReadSound = options.ReadSound;
            affekt.CutAtPauses = options.ReadSound;
            affekt.Transcribe = options.ReadSound;
        });
        services.AddAffektEndpoints(endpoints =>
        {
            endpoints.DataFolder = options.DataFolder;
            endpoints.ApiKeys = options.ApiKeys;
            endpoints.Origins = options.Origins;
            endpoints.Limits = options.Limits;
        });
        services.AddHostedService<SandboxReport>();
        services.AddSingleton<IdleMemory>();
        services.AddHostedService(provider => provider.GetRequiredService<IdleMemory>());
        services.AddDescription();
    }

    private static ToolSandbox? Sandbox(ServerOptions options) => options.SandboxProgram is null ? null : new ToolSandbox
    {
        Program = options.SandboxProgram,
        MaximumMemory = options.Limits.MaxDecoderBytes,
        MaximumProcessorTime = options.Limits.MaxDecoderTime,
        IsRequired = options.RequireSandbox,
    };

    private static void Use(WebApplication server, ServerOptions options)
    {
        if (options.Proxies.Count > 0)
            server.UseForwardedHeaders(Forwarded(options));
        server.UseMiddleware<SecurityHeaders>();
        server.UseMiddleware<ProblemWriter>();
        server.UseMiddleware<HostCheck>();
        server.UseMiddleware<OriginCheck>();

        // Ahead of all that may refuse a request: a page of an allowed origin shall be able to read why.
        if (options.Origins.Count > 0)
            server.UseCors();
        server.UseMiddleware<RequestCount>();
        server.UseRouting();
        server.UseMiddleware<ApiKeyCheck>();
        server.UseLiveSockets();
    }

    // Through as many named proxies as there are: the first address that is none of theirs is the client's.
    private static ForwardedHeadersOptions Forwarded(ServerOptions options)
    {
        ForwardedHeadersOptions forwarded = new()
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (System.Net.IPNetwork proxy in options.Proxies)
            forwarded.KnownIPNetworks.Add(proxy);
        return forwarded;
    }

    private static void Map(WebApplication server)
    {
        server.MapPages();
        server.MapDescription();
        server.MapObservability();
        server.MapHealth();
        server.MapUnguarded();
        server.Lifetime.ApplicationStarted.Register(() =>
        {
            string urls = string.Join(", ", server.Urls);
            ServerLog.Listening(server.Logger, urls);
        });
    }
}
