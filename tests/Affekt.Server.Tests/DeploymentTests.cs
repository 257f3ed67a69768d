using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Affekt.Tests;

/// <summary>What deploy/ tells the server, with its folders and ports in a test's place.</summary>
public sealed partial class DeploymentTests : IDisposable
{
    private readonly TestMedia _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_server_starts_as_the_container_and_its_compose_file_start_it()
    {
        string[] entry = Words(EntryPoint().Match(Read("Dockerfile")).Groups[1].Value);

        await AnswersAsync([.. entry[1..], .. Words(Command().Match(Read("compose.yaml")).Groups[1].Value)], "http://0.0.0.0:5280", "/data");
    }

    [Fact]
    public async Task The_server_starts_as_the_service_starts_it()
    {
        string[] command = Start().Match(Read("affekt.service")).Groups[1].Value.Split(' ');

        await AnswersAsync(command[1..], "http://127.0.0.1:5280", "/var/lib/affekt");
    }

    [Fact]
    public void The_image_is_built_from_folders_that_are_there()
    {
        string[] copied = [.. Copied().Matches(Read("Dockerfile")).Select(match => match.Groups[1].Value)];

        Assert.Equal(["build/server", "bundles/starter"], copied);
        Assert.True(Directory.Exists(TestPaths.InRepository("bundles/starter")));
        Assert.Contains("server=$build/server/affekt-server", File.ReadAllText(TestPaths.InRepository("affekt")));
    }

    private async Task AnswersAsync(string[] arguments, string url, string data)
    {
        Assert.Contains(url, arguments);
        Assert.Contains(data, arguments);
        string[] here = [.. arguments.Select(argument => argument == url ? url.Replace("5280", "0", StringComparison.Ordinal) : argument == data ? _folder.At("data") : argument)];

        using ServerProcess server = await ServerProcess.StartWithAsync([.. here, "--bundle", TestServer.Starter]);

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(0, await server.StopAsync());
    }

    private static string Read(string file) => File.ReadAllText(TestPaths.InRepository($"deploy/{file}"));

    private static string[] Words(string json) => JsonSerializer.Deserialize<string[]>(json)!;

    [GeneratedRegex(@"^ENTRYPOINT (\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"^ +command: (\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"^ExecStart=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Start();

    [GeneratedRegex(@"^COPY --from=build /affekt/(\S+) ", RegexOptions.Multiline)]
    private static partial Regex Copied();
}
