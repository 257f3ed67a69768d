using System.Diagnostics;
using Affekt.Media.Prestart;
using Affekt.Tests;

namespace Affekt.Media.Tests;

/// <summary>Counts files and processes, so nothing else may come and go.</summary>
[CollectionDefinition(nameof(PrestartTests), DisableParallelization = true)]
[Collection(nameof(PrestartTests))]
public sealed class PrestartTests : IDisposable
{
    private static readonly TimeRange _stretch = TimeRange.FromMilliseconds(200, 1100);

    private readonly TempMedia _media = new();
    private readonly List<PrestartServer> _servers = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        _media.Dispose();
    }

    [Theory]
    [InlineData("clip.mp4")]
    [InlineData("clip.mkv")]
    [InlineData("sound.wav")]
    [InlineData("cut.mp4")]
    [InlineData("scratched.mkv")]
    [InlineData("text.mp4")]
    [InlineData("absent.mp4")]
    public async Task A_loaded_copy_gives_what_a_start_gives(string name)
    {
        string file = Make(name);
        VideoStream picture = new(0, "h264", 64, 48, 10, false, false, true);
        FrameGeometry small = FrameGeometry.Cover(64, 48, 32, 32);
        MediaTool probe = await LoadAsync("ffprobe"), decoder = await LoadAsync("ffmpeg");
        (MediaTool Loaded, MediaTool Plain, IEnumerable<string> Arguments)[] runs =
        [
            (probe, Plain("ffprobe"), ToolArguments.Probe(file)),
            (decoder, Plain("ffmpeg"), ToolArguments.PacketTimes(file, [0])),
            (decoder, Plain("ffmpeg"), ToolArguments.Sound(file, "a:0", _stretch)),
            (decoder, Plain("ffmpeg"), ToolArguments.Frames(file, picture, _stretch, 4, small)),
            (decoder, Plain("ffmpeg"), ToolArguments.Jpeg(file, picture, _stretch.Start, 32)),
        ];

        foreach ((MediaTool loaded, MediaTool plain, IEnumerable<string> arguments) in runs)
        {
            Outcome outcome = await RunAsync(loaded, arguments), expected = await RunAsync(plain, arguments);
            Assert.True(outcome.IsLoaded);
            Assert.False(expected.IsLoaded);
            Assert.Equal(expected.Bytes, outcome.Bytes);
            Assert.Equal(expected.ExitCode, outcome.ExitCode);
            Assert.Equal(expected.Errors, outcome.Errors);
        }
    }

    [Fact]
    public async Task A_reader_that_has_enough_ends_the_tool_as_it_would_end_a_start()
    {
        string[] flood = ["-v", "error", "-nostdin", "-f", "lavfi", "-i", "anullsrc", "-f", "f32le", "pipe:1"];
        byte[] some = new byte[100_000];

        ToolResult[] ends = new ToolResult[2];
        foreach ((int i, MediaTool tool) in new[] { await LoadAsync("ffmpeg"), Plain("ffmpeg") }.Index())
        {
            ends[i] = await ToolProcess.RunAsync(
                tool, "file", flood, TimeSpan.FromMinutes(1), async output => await output.ReadExactlyAsync(some, Token), Token);
        }

        Assert.Equal(ends[1].ExitCode, ends[0].ExitCode);
        Assert.Equal(ToolFailure.Summary(ends[1].Errors), ToolFailure.Summary(ends[0].Errors));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_is_cancelled_or_takes_too_long_is_gone(bool canceled)
    {
        MediaTool tool = await LoadAsync("ffmpeg");
        using CancellationTokenSource cancel = new();

        Task<ToolResult> run = ToolProcess.RunAsync(
            tool, "file", PrestartedOwner.Endless, TimeSpan.FromMilliseconds(canceled ? 60_000 : 500),
            output => output.CopyToAsync(Stream.Null), cancel.Token);
        if (canceled)
        {
            await Eventually.HoldsAsync(() => Children(_servers[0].ProcessId).Length == 1);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        }
        else
        {
            MediaException error = await Assert.ThrowsAsync<MediaException>(() => run);
            Assert.Equal(MediaError.TimedOut, error.Kind);
        }

        Assert.Empty(Children(_servers[0].ProcessId));
    }

    [Fact]
    public async Task Many_at_once_get_each_its_own()
    {
        string file = Make("sound.wav");
        MediaTools tools = await LoadToolsAsync();
        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);
        float[] whole = (await TempMedia.Tools.ReadSoundAsync(media, null, Token)).Samples;

        Sound[] sounds = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(
            () => tools.ReadSoundAsync(media, TimeRange.FromMilliseconds(i, i + 100), Token))));

        foreach ((int i, Sound sound) in sounds.Index())
            Assert.Equal(whole[(16 * i)..((16 * i) + 1600)], sound.Samples);
    }

    [Fact]
    public async Task One_whose_server_is_killed_fails_and_the_next_is_read()
    {
        string file = Make("sound.wav");
        MediaTool tool = await LoadAsync("ffmpeg");
        int server = _servers[0].ProcessId;
        using (ToolRun running = await ToolRun.StartAsync(tool, PrestartedOwner.Endless))
        {
            Assert.IsType<PrestartedRun>(running);
            using (Process process = Process.GetProcessById(server))
                process.Kill();
            await running.WaitForExitAsync(Token);
            Assert.Equal(137, running.ExitCode);
        }

        Outcome next = await RunAsync(tool, ToolArguments.Sound(file, "a:0", _stretch));
        Assert.False(next.IsLoaded);
        Assert.InRange(next.Bytes.Length, 16 * 900 * sizeof(float), 17 * 900 * sizeof(float));
        _servers.Add((await PrestartedTool.WaitAsync(tool))!);
        Assert.NotEqual(server, _servers[^1].ProcessId);
        Assert.True((await RunAsync(tool, ToolArguments.Sound(file, "a:0", _stretch))).IsLoaded);
    }

    [Fact]
    public async Task One_run_that_is_refused_ends_none_of_those_beside_it()
    {
        MediaTool tool = await LoadAsync("ffmpeg");
        using ToolRun beside = await ToolRun.StartAsync(tool, PrestartedOwner.Endless);
        Task end = beside.WaitForExitAsync(Token);

        // More than a server takes: it closes the connection, as it does where the system has no room for another process.
        ToolRun? refused = await _servers[0].TryRunAsync(["-version", new string('x', 1 << 21)]);
        ToolRun? refusedAgain = await PrestartedTool.TryStartAsync(tool, ["-version", new string('x', 1 << 21)]);
        Outcome next = await RunAsync(tool, ["-version"]);

        Assert.Null(refused);
        Assert.Null(refusedAgain);
        Assert.True(_servers[0].IsUsable);
        Assert.True(next.IsLoaded);
        Assert.False(end.IsCompleted);
        beside.Kill();
        await end;
    }

    [Fact]
    public async Task A_server_that_retires_waits_for_what_it_runs()
    {
        MediaTool tool = await LoadAsync("ffmpeg");
        int server = _servers[0].ProcessId;
        using ToolRun running = await ToolRun.StartAsync(tool, PrestartedOwner.Endless);

        _servers[0].Retire();
        Assert.True(IsAlive(server));
        running.Kill();
        await running.WaitForExitAsync(Token);

        await Eventually.HoldsAsync(() => !IsAlive(server));
    }

    [Fact]
    public async Task A_killed_owner_leaves_nothing()
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.Environment[PrestartedOwner.Variable] = Link("ffmpeg");
        using Process owner = Process.Start(start)!;
        int server = int.Parse((await owner.StandardOutput.ReadLineAsync(Token))!, null);
        string folder = (await owner.StandardOutput.ReadLineAsync(Token))!;
        int run = Assert.Single(Children(server));
        Assert.True(Directory.Exists(folder));

        owner.Kill();

        await Eventually.HoldsAsync(() => !IsAlive(server) && !IsAlive(run) && !Directory.Exists(folder));
    }

    [Fact]
    public async Task A_thousand_runs_leave_no_file_open_and_no_process()
    {
        MediaTool tool = await LoadAsync("ffmpeg");
        int server = _servers[0].ProcessId;
        int there = Files(server);
        for (int i = 0; i < 10; i++)
            await RunAsync(tool, ["-version"]);
        int here = Files(Environment.ProcessId);

        for (int i = 0; i < 1000; i++)
            Assert.Equal(0, (await RunAsync(tool, ["-version"])).ExitCode);

        Assert.Empty(Children(server));
        // A run's end is told before its connection is closed.
        await Eventually.HoldsAsync(() => Files(server) == there);
        Assert.InRange(Files(Environment.ProcessId), 0, here + 5);
    }

    [Fact]
    public async Task Scripts_programs_without_shared_libraries_and_sandboxes_are_left_to_start()
    {
        string library = NativePart.Find(PrestartServer.LibraryName)!;

        Assert.Null(await PrestartServer.StartAsync(Plain("ffmpeg").Path, library));
        Assert.Null(await PrestartServer.StartAsync("/sbin/ldconfig", library));
        Assert.Null(await PrestartServer.StartAsync(Link("ffmpeg"), _media.At("absent.so")));
        Assert.Null(await PrestartedTool.WaitAsync(new MediaTool(Link("ffprobe"), new ToolSandbox { Program = "affekt-sandbox" })));
    }

    [Fact]
    public async Task A_tool_that_is_used_again_and_again_gets_loaded()
    {
        MediaTool tool = new(Link("ffmpeg"), null);
        for (int i = 0; i < 2; i++)
            Assert.False((await RunAsync(tool, ["-version"])).IsLoaded);

        await RunAsync(tool, ["-version"]);
        _servers.Add((await PrestartedTool.WaitAsync(tool))!);

        Assert.True((await RunAsync(tool, ["-version"])).IsLoaded);
    }

    private async Task<MediaTool> LoadAsync(string name)
    {
        MediaTool tool = new(Link(name), null);
        PrestartServer? server = await PrestartedTool.WaitAsync(tool);
        Assert.NotNull(server);
        _servers.Add(server);
        return tool;
    }

    private async Task<MediaTools> LoadToolsAsync() => MediaTools.Find(new MediaToolsOptions { FfmpegPath = (await LoadAsync("ffmpeg")).Path });

    // A name of its own has a server of its own.
    private string Link(string name)
    {
        string link = _media.At(name);
        if (!File.Exists(link))
            File.CreateSymbolicLink(link, ToolFinder.Find(name, null));
        return link;
    }

    // A script is never loaded beforehand.
    private MediaTool Plain(string name)
    {
        string script = Path.Combine(Directory.CreateDirectory(_media.At("plain")).FullName, name);
        TestScript.Write(script, $"#!/bin/sh\nexec {name} \"$@\"\n");
        return new MediaTool(script, null);
    }

    private string Make(string name)
    {
        switch (name)
        {
            case "sound.wav":
                return _media.WriteWav(name, 16_000, 1, [.. Enumerable.Range(0, 24_000).Select(i => (short)(i * i))]);
            case "cut.mp4":
                return Cut(_media.MakeClip("whole.mp4", 2, "-c:a", "aac"), name, bytes => bytes[..(bytes.Length / 2)]);
            case "scratched.mkv":
                return Cut(_media.MakeClip("whole.mkv", 2, "-c:a", "aac"), name, bytes =>
                {
                    bytes.AsSpan(bytes.Length / 2, 2000).Fill(0x55);
                    return bytes;
                });
            case "text.mp4":
                File.WriteAllText(_media.At(name), "no media");
                return _media.At(name);
            case "absent.mp4":
                return _media.At(name);
            default:
                return _media.MakeClip(name, 2, "-c:a", "aac");
        }
    }

    private string Cut(string from, string name, Func<byte[], byte[]> change)
    {
        File.WriteAllBytes(_media.At(name), change(File.ReadAllBytes(from)));
        return _media.At(name);
    }

    private static async Task<Outcome> RunAsync(MediaTool tool, IEnumerable<string> arguments)
    {
        using ToolRun run = await ToolRun.StartAsync(tool, arguments);
        Task<string> errors = ToolProcess.ReadTailAsync(run.Errors);
        using MemoryStream output = new();
        await run.Output.CopyToAsync(output, Token);
        await run.WaitForExitAsync(Token);
        return new Outcome(output.ToArray(), run.ExitCode, ToolFailure.Summary(await errors), run is PrestartedRun);
    }

    private static int[] Children(int process) =>
        [.. File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    private static int Files(int process) => Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count();

    private static bool IsAlive(int process)
    {
        string status = $"/proc/{process}/status";
        return File.Exists(status) && !File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal);
    }

    private sealed record Outcome(byte[] Bytes, int ExitCode, string Errors, bool IsLoaded);
}
