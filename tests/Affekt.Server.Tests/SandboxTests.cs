using Affekt.Media;
using Affekt.Server.Hosting;

namespace Affekt.Tests;

/// <summary>What decoders of uploads can do: decode the one file, and nothing else.</summary>
public sealed class SandboxTests : IDisposable
{
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
    [InlineData("ls /tmp", "Permission denied")]
    [InlineData("echo x > /tmp/affekt-sandbox-wrote", "Permission denied")]
    [InlineData("bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'", "Permission denied")]
    [InlineData("bash -c 'exec 3<>/dev/udp/127.0.0.1/1'", "Network is unreachable")]
    [InlineData("echo keys: $AFFEKT_API_KEYS$HOME.; exit 3", "keys: .")]
    [InlineData("kill -0 1", "")]
    public async Task A_decoder_that_was_taken_over_reaches_nothing(string script, string found)
    {
        MediaException error = await Assert.ThrowsAsync<MediaException>(() => Tools(script).ProbeAsync(TestServer.Sample, Token));

        Assert.Equal(MediaError.ToolFailed, error.Kind);
        Assert.Contains(found, error.Found);
        Assert.DoesNotContain("root:", error.Found);
        Assert.False(File.Exists("/tmp/affekt-sandbox-wrote"));
    }

    [Theory]
    [InlineData("while :; do :; done")]
    [InlineData("x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")]
    public async Task A_decoder_that_takes_too_much_is_ended(string script)
    {
        MediaException error = await Assert.ThrowsAsync<MediaException>(() => Tools(script).ProbeAsync(TestServer.Sample, Token));

        Assert.Equal(MediaError.ToolFailed, error.Kind);
    }

    public void Dispose() => _media.Dispose();

    private static ToolSandbox Sandbox() => new() { Program = ServerPlaces.Sandbox()! };

    private MediaTools Tools(string script)
    {
        string tool = _media.At("ffprobe");
        File.WriteAllText(tool, $"#!/bin/sh\n{{ {script}; }} >&2\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return MediaTools.Find(new MediaToolsOptions
        {
            FfprobePath = tool,
            Sandbox = Sandbox() with { MaximumMemory = 256 << 20, MaximumProcessorTime = TimeSpan.FromSeconds(1) },
        });
    }
}
