using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Affekt.Tests;

/// <summary>The program itself, ended by kill -9 amid its work.</summary>
public sealed class KillTests : IDisposable
{
    private readonly TestMedia _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_kill_amid_jobs_each_is_finished_by_the_next_server_and_no_media_is_left()
    {
        List<string> ids = [];
        using (ServerProcess first = await ServerProcess.StartAsync(_folder.At("data")))
        {
            for (int i = 0; i < 6; i++)
            {
                using HttpResponseMessage response = await first.Client.PostAsync(
                    "/v1/recognitions", TestServer.Form(TestServer.Sample, """{"mode":"job"}"""), Token);
                Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
                ids.Add((await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!);
            }

            while (await StateAsync(first, ids[0]) is "queued")
                await Task.Delay(10, Token);
            first.Kill();
        }

        Assert.NotEmpty(Directory.EnumerateFileSystemEntries(_folder.At("data/media")));
        using ServerProcess second = await ServerProcess.StartAsync(_folder.At("data"));
        foreach (string id in ids)
        {
            while (await StateAsync(second, id) is "queued" or "running")
                await Task.Delay(50, Token);
            Assert.Equal("done", await StateAsync(second, id));
        }

        for (int tries = 0; tries < 100 && Directory.EnumerateFileSystemEntries(_folder.At("data/media")).Any(); tries++)
            await Task.Delay(25, Token);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.At("data/media")));
        Assert.Equal(0, await second.StopAsync());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string?> StateAsync(ServerProcess server, string id) =>
        (await server.Client.GetFromJsonAsync<JsonElement>($"/v1/recognitions/{id}", Token)).GetProperty("state").GetString();
}

/// <summary>affekt-server as a process.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, string url)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Client { get; }

    public static async Task<ServerProcess> StartAsync(string data)
    {
        ProcessStartInfo start = new(
            Path.Combine(AppContext.BaseDirectory, "affekt-server"), ["--urls", "http://127.0.0.1:0", "--data", data, "--bundle", TestServer.Starter])
        {
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)) is not null)
        {
            if (line.Split("Listening at ") is [_, { } url])
            {
                // The rest is read away, lest the pipe fill up.
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                ServerProcess server = new(process, url);
                while ((await server.Client.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode != HttpStatusCode.OK)
                    await Task.Delay(100, TestContext.Current.CancellationToken);
                return server;
            }
        }

        throw new InvalidOperationException("the server ended before it listened");
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to stop, as a terminal or a service manager does.</summary>
    public async Task<int> StopAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        Client.Dispose();
        _process.Dispose();
    }
}
