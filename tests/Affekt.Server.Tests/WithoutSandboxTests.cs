using System.Diagnostics;
using System.Net;
using Affekt.Server.Hosting;

namespace Affekt.Tests;

/// <summary>The program where affekt-sandbox was not built.</summary>
public sealed class WithoutSandboxTests : IDisposable
{
    private readonly TestMedia _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_other_machines_reach_it_it_does_not_start_and_says_what_to_do()
    {
        ProcessStartInfo start = new(
            ServerProcess.Program,
            ["--urls", "http://127.0.0.1:0", "--proxy", "127.0.0.1", "--allow-without-key", "--data", _folder.At("data"), "--bundle", TestServer.Starter])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["AFFEKT_NATIVE"] = NativeAlone();
        using Process server = Process.Start(start)!;

        string errors = await server.StandardError.ReadToEndAsync(Token);
        await server.WaitForExitAsync(Token);

        Assert.Equal(2, server.ExitCode);
        Assert.Contains("found no affekt-sandbox", errors);
        Assert.Contains("--allow-without-sandbox", errors);
    }

    [Fact]
    public async Task For_this_machine_alone_it_warns_and_answers()
    {
        using ServerProcess server = await ServerProcess.StartAsync(_folder.At("data"), native: NativeAlone());

        using HttpResponseMessage answer = await server.Client.PostAsync(
            "/v1/recognitions", TestServer.Form(TestServer.Sample, """{"transcribe":false}"""), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Decoders are not kept from anything: there is no affekt-sandbox", server.Log);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task One_that_keeps_decoders_from_too_little_is_refused_where_it_is_required()
    {
        string native = NativeAlone();
        TestScript.Write(Path.Combine(native, "affekt-sandbox"), "#!/bin/sh\necho 'other files: the kernel has no Landlock'\n");
        ProcessStartInfo start = new(
            ServerProcess.Program,
            ["--urls", "http://127.0.0.1:0", "--data", _folder.At("data"), "--bundle", TestServer.Starter, "--require-sandbox"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["AFFEKT_NATIVE"] = native },
        };
        using Process server = Process.Start(start)!;

        string errors = await server.StandardError.ReadToEndAsync(Token);
        await server.WaitForExitAsync(Token);

        Assert.Equal(2, server.ExitCode);
        Assert.Contains("--require-sandbox: found decoders that are not kept from other files: the kernel has no Landlock", errors);
    }

    public void Dispose() => _folder.Dispose();

    // The native part's folder without the sandbox in it.
    private string NativeAlone()
    {
        string folder = _folder.At("native");
        Directory.CreateDirectory(folder);
        string real = Path.GetDirectoryName(ServerFolders.Sandbox()!)!;
        foreach (string library in Directory.GetFiles(real, "*.so*"))
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(library)), library);
        return folder;
    }
}
