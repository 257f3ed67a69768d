using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Affekt.Media;
using Affekt.Server.Hosting;

namespace Affekt.Tests;

/// <summary>What decoders of uploads can do: decode the one file, and nothing else.</summary>
public sealed class SandboxTests : IDisposable
{
    private const string Written = "/tmp/affekt-sandbox-wrote";

    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recording_is_the_same_inside()
    {
        MediaTools inside = MediaTools.Find(new MediaToolsOptions { Sandbox = Sandbox() });
        MediaTools outside = MediaTools.Find();

        (MediaInfo media, Sound sound) = await inside.ReadWholeSoundAsync(TestServer.Sample, Token);
        Frames frames = await inside.ReadFramesAsync(media, 4, cancellation: Token);

        Assert.Equal((await outside.ReadSoundAsync(media, null, Token)).Samples, sound.Samples);
        Assert.Equal((await outside.ReadFramesAsync(media, 4, cancellation: Token)).Rgb, frames.Rgb);
    }

    [Theory]
    [InlineData("cat /etc/passwd", "Permission denied")]
    [InlineData("cat /proc/1/environ", "Permission denied")]
    [InlineData("ls /tmp", "Permission denied")]
    [InlineData($"echo x > {Written}", "Permission denied")]
    [InlineData("bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'", "Permission denied")]
    [InlineData("bash -c 'exec 3<>/dev/udp/127.0.0.1/1'", "Network is unreachable")]
    [InlineData("echo keys: $AFFEKT_API_KEYS$HOME.; exit 3", "keys: .")]
    public async Task A_decoder_that_was_taken_over_reaches_nothing(string script, string found)
    {
        // Of a run before, where it was written.
        File.Delete(Written);

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => Tools(script).ProbeAsync(TestServer.Sample, Token));

        Assert.Equal(MediaError.ToolFailed, error.Kind);
        Assert.Contains(found, error.Found);
        Assert.DoesNotContain("root:", error.Found);
        Assert.False(File.Exists(Written));
    }

    [Theory]
    [InlineData("PF_UNIX")]
    [InlineData("16")] // netlink: the kernel's own
    [InlineData("40")] // vsock: a virtual machine's host
    public async Task A_decoder_that_was_taken_over_reaches_no_socket_of_another_program(string family)
    {
        // One with a path, as databases and container engines have them.
        string path = _media.At("socket");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => Tools(
            $"perl -MSocket -e 'socket(my $s, {family}, SOCK_STREAM, 0) or die \"no socket: $!\"; connect($s, sockaddr_un(\"{path}\")) and die \"it connects\"'")
            .ProbeAsync(TestServer.Sample, Token));

        Assert.Contains("no socket: Permission denied", error.Found);
    }

    [Fact]
    public async Task A_decoder_that_was_taken_over_ends_no_other_program_of_the_user()
    {
        using Process other = Process.Start("sleep", ["600"]);
        try
        {
            MediaException error = await Assert.ThrowsAsync<MediaException>(
                () => Tools($"kill -9 {other.Id} && echo ended it; exit 3").ProbeAsync(TestServer.Sample, Token));

            Assert.DoesNotContain("ended it", error.Found);
            Assert.Contains("not permitted", error.Found);
            Assert.False(other.WaitForExit(100));
        }
        finally
        {
            other.Kill();
        }
    }

    [Fact]
    public async Task The_server_starts_every_decoder_in_the_sandbox_with_its_limits_and_the_one_file()
    {
        // In the real one's place a script that notes how it was called, and goes on to the real one.
        string calls = _media.At("calls"), script = _media.At("sandbox");
        TestScript.Write(script, $"#!/bin/sh\necho \"$@\" >> {calls}\nexec {ServerFolders.Sandbox()} \"$@\"\n");
        string bundle = _media.Bundle(), film = _media.Silent();
        await using TestServer server = await TestServer.StartAsync(
            options => options with { SandboxProgram = script, BundleFolder = bundle, ReadSound = false });

        MultipartFormDataContent form = TestServer.Form(film);
        form.Add(new StringContent("so happy"), "text");
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(form)).Status);

        string media = Path.Combine(server.Folder, "data", "media");
        string[] decoders = [.. (await File.ReadAllLinesAsync(calls, Token)).Where(call => call != "--check")];
        Assert.NotEmpty(decoders);
        Assert.All(decoders, call => Assert.Matches($"^--memory {3L << 30} --cpu 600 --read {Regex.Escape(media)}/[0-9a-f]{{32}}/media -- /\\S*/ff(mpeg|probe) ", call));
    }

    [Theory]
    [InlineData("while :; do :; done")]
    [InlineData("x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")]
    public async Task A_decoder_that_takes_too_much_is_ended(string script)
    {
        MediaException error = await Assert.ThrowsAsync<MediaException>(() => Tools(script).ProbeAsync(TestServer.Sample, Token));

        // Not by the time that it may take, which is a minute and more.
        Assert.Equal(MediaError.ToolFailed, error.Kind);
    }

    [Theory]
    [InlineData("ulimit -v", "262144")]
    [InlineData("ulimit -t", "1")]
    [InlineData("ulimit -f", "0")]
    [InlineData("ulimit -c", "0")]
    [InlineData("ulimit -n", "64")]
    public async Task A_decoder_has_its_limits(string ask, string found)
    {
        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => Tools($"bash -c 'echo limit: $({ask}).'; exit 3").ProbeAsync(TestServer.Sample, Token));

        Assert.Contains($"limit: {found}.", error.Found);
    }

    public void Dispose() => _media.Dispose();

    private static ToolSandbox Sandbox() => new() { Program = ServerFolders.Sandbox()! };

    private MediaTools Tools(string script)
    {
        string tool = _media.At("ffprobe");
        TestScript.Write(tool, $"#!/bin/sh\n{{ {script}; }} >&2\n");
        return MediaTools.Find(new MediaToolsOptions
        {
            FfprobePath = tool,
            Sandbox = Sandbox() with { MaximumMemory = 256 << 20, MaximumProcessorTime = TimeSpan.FromSeconds(1) },
        });
    }
}
