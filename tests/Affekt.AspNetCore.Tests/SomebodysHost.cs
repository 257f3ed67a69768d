using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Affekt.Tests;

/// <summary>A web application of somebody else's, with an endpoint of its own, and Affekt's under a prefix.</summary>
public sealed class SomebodysHost : IAsyncLifetime
{
    public const string Key = "a key of sixteen characters";
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _app;

    public SomebodysHost()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAffekt(affekt => affekt.BundleFolder = TestPaths.InRepository("bundles/starter"));
        builder.Services.AddAffektEndpoints(endpoints =>
        {
            endpoints.DataFolder = _folder.At("data");
            endpoints.ApiKeys = [Key];
            endpoints.Origins = ["https://friend.example"];
        });
        _app = builder.Build();
        _app.MapGet("/own", () => new { OwnName = "as the host writes it" });
        _app.MapGet("/own/fault", IResult () => throw new InvalidOperationException("the host's own"));
        _app.MapAffekt("/affekt");
        if (AffektPage.IsBuilt)
            _app.MapAffektPage("/affekt");
    }

    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()), Timeout = TimeSpan.FromMinutes(3) };
        Client.DefaultRequestHeaders.Add("X-Api-Key", Key);
        while ((await Client.GetAsync("/affekt/v1/bundles", TestContext.Current.CancellationToken)).StatusCode == HttpStatusCode.ServiceUnavailable)
            await Task.Delay(100, TestContext.Current.CancellationToken);
    }

    internal async Task<LiveClient> ConnectAsync()
    {
        ClientWebSocket socket = new();
        await socket.ConnectAsync(
            new Uri($"{_app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal)}/affekt/v1/live"), TestContext.Current.CancellationToken);
        return new LiveClient(socket);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
