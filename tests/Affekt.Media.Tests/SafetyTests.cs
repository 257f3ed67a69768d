using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Affekt.Tests;

namespace Affekt.Media.Tests;

public sealed class SafetyTests : IDisposable
{

    private readonly TempMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task A_playlist_opens_nothing_that_it_names()
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        string file = _media.At("list.m3u8");
        File.WriteAllLines(file,
        [
            "#EXTM3U", "#EXT-X-TARGETDURATION:5",
            "#EXTINF:5,", $"http://{server.LocalEndpoint}/a.ts", "#EXTINF:5,", "file:///etc/passwd", "#EXT-X-ENDLIST",
        ]);

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => TempMedia.Tools.ProbeAsync(file, Token));

        Assert.Equal(MediaError.NotMedia, error.Kind);
        Assert.Contains("hls", error.Found);
        Assert.False(server.Pending());
    }

    [Theory]
    [InlineData("list.mp4", "ffconcat version 1.0\nfile sound.wav\n", "concat")]
    [InlineData("list.mpd", "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
        + "profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" type=\"static\"><Period/></MPD>", "dash")]
    [InlineData("list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", "sdp")]
    public async Task Files_that_name_other_sources_are_refused(string name, string content, string format)
    {
        _media.WriteWav("sound.wav", 16_000, 1, new short[1600]);
        File.WriteAllText(_media.At(name), content);

        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => TempMedia.Tools.ProbeAsync(_media.At(name), Token));

        Assert.Equal(MediaError.NotMedia, error.Kind);
        Assert.Contains(format, error.Found);
    }

    [Fact]
    public async Task An_address_is_the_name_of_a_file_that_is_not_there()
    {
        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => TempMedia.Tools.ProbeAsync("http://127.0.0.1/clip.mp4", Token));

        Assert.Equal(MediaError.NotFound, error.Kind);
    }

    [Fact]
    public async Task A_named_pipe_is_not_waited_for()
    {
        string pipe = _media.At("pipe.wav");
        using Process make = Process.Start("mkfifo", [pipe]);
        await make.WaitForExitAsync(Token);

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => TempMedia.Tools.ProbeAsync(pipe, Token));

        Assert.Equal(MediaError.Empty, error.Kind);
    }

    [Fact]
    public async Task A_tool_that_takes_too_long_is_ended_with_its_children()
    {
        string file = _media.WriteWav("sound.wav", 16_000, 1, new short[1600]);
        MediaTools tools = ToolsWithProbe("sleep 300 & echo $! > child; wait", TimeSpan.FromSeconds(3));

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => tools.ProbeAsync(file, Token));

        Assert.Equal(MediaError.TimedOut, error.Kind);
        AssertChildIsGone();
    }

    [Theory]
    [InlineData("sleep 300")]
    [InlineData("(sleep 30 &); sleep 300")]
    public async Task A_decoder_that_gives_nothing_is_waited_for_only_so_long_whatever_the_file_may_last(string script)
    {
        // The second leaves somebody behind who holds the pipe, as a program does that a stalled disk keeps from ending.
        string file = _media.WriteWav("sound.wav", 16_000, 1, new short[1600]);
        string tool = _media.At("ffmpeg");
        TestScript.Write(tool, $"#!/bin/sh\n{script}\n");
        MediaTools tools = MediaTools.Find(new MediaToolsOptions { FfmpegPath = tool, Timeout = TimeSpan.FromSeconds(2) });

        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => tools.ReadWholeSoundAsync(file, Token).WaitAsync(TimeSpan.FromSeconds(25), Token));

        Assert.Equal(MediaError.TimedOut, error.Kind);
    }

    [Fact]
    public async Task Cancelling_ends_the_tool_with_its_children()
    {
        string file = _media.WriteWav("sound.wav", 16_000, 1, new short[1600]);
        MediaTools tools = ToolsWithProbe("sleep 300 & echo $! > child.new; mv child.new child; wait", TimeSpan.FromMinutes(1));
        using CancellationTokenSource cancel = new();

        Task<MediaInfo> probe = tools.ProbeAsync(file, cancel.Token);
        await Eventually.HoldsAsync(() => File.Exists(_media.At("child")));
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        AssertChildIsGone();
    }

    [Theory]
    [InlineData("head -c 3000000 /dev/zero >&2; echo last words >&2; exit 3", "last words")]
    [InlineData("cat /dev/zero", "ended with code")]
    [InlineData("echo '{}'", "key")]
    public async Task A_tool_that_floods_or_answers_nonsense_is_a_typed_error(string script, string found)
    {
        string file = _media.WriteWav("sound.wav", 16_000, 1, new short[1600]);
        MediaTools tools = ToolsWithProbe(script, TimeSpan.FromMinutes(1));

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => tools.ProbeAsync(file, Token));

        Assert.Equal(MediaError.ToolFailed, error.Kind);
        Assert.Contains(found, error.Found);
        Assert.InRange(error.Message.Length, 1, 6000);
    }

    [Fact]
    public void A_missing_tool_says_how_to_install_it()
    {
        MediaToolsOptions options = new() { FfprobePath = _media.At("ffprobe") };

        MediaException error = Assert.Throws<MediaException>(() => MediaTools.Find(options));

        Assert.Equal(MediaError.ToolMissing, error.Kind);
        Assert.Contains("apt-get install ffmpeg", error.Message);
    }

    [Fact]
    public async Task A_tool_that_does_not_start_is_missing()
    {
        string file = _media.WriteWav("sound.wav", 16_000, 1, new short[1600]);
        string tool = _media.At("ffprobe");
        TestScript.Write(tool, "#!/absent/interpreter\n");
        MediaTools tools = MediaTools.Find(new MediaToolsOptions { FfprobePath = tool });

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => tools.ProbeAsync(file, Token));

        Assert.Equal(MediaError.ToolMissing, error.Kind);
    }

    private MediaTools ToolsWithProbe(string script, TimeSpan timeout)
    {
        string tool = _media.At("ffprobe");
        TestScript.Write(tool, $"#!/bin/sh\ncd '{_media.Folder}'\n{script}\n");
        return MediaTools.Find(new MediaToolsOptions { FfprobePath = tool, Timeout = timeout });
    }

    private void AssertChildIsGone()
    {
        string status = $"/proc/{File.ReadAllText(_media.At("child")).Trim()}/status";

        // A killed process that nobody waited for yet still has an entry, as a zombie.
        Assert.True(!File.Exists(status) || File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal));
    }
}
