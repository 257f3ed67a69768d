using System.Diagnostics;
using System.Net;
using System.Text;

namespace Affekt.Tests;

/// <summary>affekt-server as a process.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, string url, string log)
    {
        (_process, Log) = (process, log);
        Client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>The published program where the gate names the folder of what it built, for that starts faster; else this build's.</summary>
    public static string Program { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("AFFEKT_BUILD") is { Length: > 0 } built ? Path.Combine(built, "server") : AppContext.BaseDirectory, "affekt-server");

    public HttpClient Client { get; }

    /// <summary>What it logged until it listened.</summary>
    public string Log { get; }

    /// <summary>Starts it on a free port.</summary>
    /// <param name="data">Its folder.</param>
    /// <param name="ready">Whether to wait for its models, or only until it listens.</param>
    /// <param name="native">AFFEKT_NATIVE; null for that of the tests.</param>
    /// <param name="arguments">What else it is told.</param>
    public static Task<ServerProcess> StartAsync(string data, bool ready = true, string? native = null, params string[] arguments) =>
        StartWithAsync(["--urls", "http://127.0.0.1:0", "--data", data, "--bundle", TestServer.Starter, .. arguments], ready, native);

    /// <summary>Starts it with these arguments and no others.</summary>
    /// <param name="arguments">All that it is told.</param>
    /// <param name="ready">Whether to wait for its models, or only until it listens.</param>
    /// <param name="native">AFFEKT_NATIVE; null for that of the tests.</param>
    public static async Task<ServerProcess> StartWithAsync(string[] arguments, bool ready = true, string? native = null)
    {
        ProcessStartInfo start = new(Program, arguments) { RedirectStandardOutput = true };
        if (native is not null)
            start.Environment["AFFEKT_NATIVE"] = native;
        Process process = Process.Start(start)!;
        StringBuilder log = new();
        string? line;
        while ((line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)) is not null)
        {
            log.AppendLine(line);
            if (line.Split("Listening at ") is [_, { } url])
            {
                // The rest is read away, lest the pipe fill up.
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                ServerProcess server = new(process, url.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal), log.ToString());
                while (ready && (await server.Client.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode != HttpStatusCode.OK)
                    await Task.Delay(50, TestContext.Current.CancellationToken);
                return server;
            }
        }

        throw new InvalidOperationException($"the server ended before it listened: {log}");
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
