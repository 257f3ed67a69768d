using System.Net.WebSockets;
using Affekt.AspNetCore;
using Affekt.AspNetCore.Live;
using Affekt.Models.Packages;
using Affekt.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(Affekt.Tests.LiveServerEnd))]

namespace Affekt.Tests;

/// <summary>A server on a free port of this machine, with the tiny test bundle and the published speech parts.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    private static readonly Lazy<Task<LiveServer>> _shared = new(() => StartAsync());

    private readonly WebApplication _server;

    private LiveServer(WebApplication server, TestMedia media) => (_server, Media) = (server, media);

    public TestMedia Media { get; }

    public LiveSessions Sessions => _server.Services.GetRequiredService<LiveSessions>();

    public string Url => _server.Urls.First();

    private Uri Address => new($"{Url.Replace("http:", "ws:", StringComparison.Ordinal)}/v1/live");

    /// <summary>One with the defaults, which all tests share: to open its models takes seconds.</summary>
    public static Task<LiveServer> SharedAsync() => _shared.Value;

    /// <summary>Starts one; the test is skipped where published weights are unavailable.</summary>
    public static async Task<LiveServer> StartAsync(
        LiveLimits? limits = null, int sessions = 8, IReadOnlyList<string>? keys = null, string? bundle = null)
    {
        try
        {
            await new PackageCache(PackageCacheOptions.FromEnvironment()).EnsureAsync(
                WeightPackages.Silero, null, TestContext.Current.CancellationToken);
        }
        catch (WeightsException e)
        {
            Assert.Skip($"needs published weights: {e.Message}");
        }

        TestMedia media = new();
        WebApplication server = ServerHost.Build(new ServerOptions
        {
            Urls = ["http://127.0.0.1:0"],
            BundleFolder = bundle ?? media.Bundle(),
            DataFolder = media.At("data"),
            SandboxProgram = ServerFolders.Sandbox(),
            ApiKeys = keys ?? [],
            Limits = new ServerLimits { Live = limits ?? new LiveLimits(), MaxLiveSessions = sessions },
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        await server.Services.GetRequiredService<ModelHost>().WhenReady.WaitAsync(TestContext.Current.CancellationToken);
        return new LiveServer(server, media);
    }

    /// <summary>Opens a WebSocket.</summary>
    public async Task<LiveClient> ConnectAsync(Action<ClientWebSocketOptions>? configure = null)
    {
        ClientWebSocket socket = new();
        configure?.Invoke(socket.Options);
        await socket.ConnectAsync(Address, TestContext.Current.CancellationToken);
        return new LiveClient(socket);
    }

    /// <summary>Opens a WebSocket, says hello and reads the welcome.</summary>
    public async Task<LiveClient> GreetAsync(string hello = """{"type":"hello","version":1,"audio":true,"video":true}""")
    {
        LiveClient client = await ConnectAsync();
        await client.SayAsync(hello);
        client.Welcome = await client.ReadAsync("welcome");
        return client;
    }

    /// <summary>Ends the one that tests share, where there is one.</summary>
    public static async ValueTask EndSharedAsync()
    {
        if (_shared is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await _shared.Value).DisposeAsync();
    }

    public Task StopAsync() => _server.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Media.Dispose();
    }
}

/// <summary>Ends the server that tests share.</summary>
public sealed class LiveServerEnd : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => LiveServer.EndSharedAsync();
}
