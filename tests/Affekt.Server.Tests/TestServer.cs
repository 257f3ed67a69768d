using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Affekt.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Affekt.Tests;

/// <summary>A real server on a loopback port of its own, with the committed bundle or one of random weights.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly TemporaryFolder _folder;

    private TestServer(WebApplication server, TemporaryFolder folder)
    {
        _server = server;
        _folder = folder;
        Client = NewClient();
    }

    public static string Starter { get; } = TestPaths.InRepository("bundles/starter");

    public static string Sample { get; } = TestPaths.InRepository("samples/sample.mp4");

    public string Folder => _folder.Path;

    public string Url => _server.Urls.Single();

    public HttpClient Client { get; }

    /// <summary>Options of a server that may be changed further.</summary>
    public static ServerOptions Options(string folder) => new()
    {
        Urls = ["http://127.0.0.1:0"],
        BundleFolder = Starter,
        DataFolder = Path.Combine(folder, "data"),
        SandboxProgram = ServerFolders.Sandbox(),
        Threads = 2,
    };

    public static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null, bool ready = true)
    {
        TemporaryFolder folder = new();
        ServerOptions options = Options(folder);
        WebApplication server = ServerHost.Build(change?.Invoke(options) ?? options);
        await server.StartAsync(TestContext.Current.CancellationToken);
        TestServer started = new(server, folder);
        if (ready)
            await started.UntilReadyAsync();
        return started;
    }

    public HttpClient NewClient() => new() { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromMinutes(3) };

    public async Task UntilReadyAsync()
    {
        while ((await Client.GetAsync("/readyz", Token)).StatusCode != HttpStatusCode.OK)
            await Task.Delay(50, Token);
    }

    public static MultipartFormDataContent Form(string file, string? options = null) => Form(File.ReadAllBytes(file), options, Path.GetFileName(file));

    public static MultipartFormDataContent Form(byte[] media, string? options = null, string name = "clip.mp4")
    {
        MultipartFormDataContent form = new() { { new ByteArrayContent(media), "media", name } };
        if (options is not null)
            form.Add(new StringContent(options), "options");
        return form;
    }

    public async Task<Answer> PostAsync(HttpContent form)
    {
        using HttpResponseMessage response = await Client.PostAsync("/v1/recognitions", form, Token);
        return await Answer.ReadAsync(response);
    }

    public async Task<Answer> GetAsync(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(path, Token);
        return await Answer.ReadAsync(response);
    }

    /// <summary>A job's answer once it is over.</summary>
    public async Task<JsonElement> UntilOverAsync(string id)
    {
        while (true)
        {
            JsonElement job = await Client.GetFromJsonAsync<JsonElement>($"/v1/recognitions/{id}", Token);
            if (job.GetProperty("state").GetString() is "done" or "failed")
                return job;
            await Task.Delay(50, Token);
        }
    }

    /// <summary>What is left of uploads; a request's media may go a moment after its answer came.</summary>
    public Task AssertNoMediaIsLeftAsync() =>
        Eventually.HoldsAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(Folder, "data", "media")).Any());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, string Type, string Text, HttpResponseMessage Response)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Code => Type == "application/problem+json" ? Json.GetProperty("code").GetString() : null;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) => new(
        response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "",
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
}
