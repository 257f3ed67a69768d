using System.Text.Json;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

public sealed class RecognizeCommandTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task One_input_as_json_is_one_object()
    {
        CliOutcome outcome = await RunAsync(_media.Silent(), "--text", "@i am so happy", "--speaker", "Ann", "--format", "json");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        Assert.Equal("affekt.recognition/2", document.RootElement.GetProperty("schema").GetString());
        Assert.Equal("test", document.RootElement.GetProperty("bundle").GetProperty("name").GetString());
        JsonElement utterance = document.RootElement.GetProperty("utterances")[0];
        Assert.Equal("@i am so happy", utterance.GetProperty("text").GetString());
        Assert.Equal("Ann", utterance.GetProperty("speaker").GetString());
        Assert.Equal(
            1, utterance.GetProperty("probabilities").EnumerateObject().Sum(field => field.Value.GetDouble()), 1e-6);
    }

    [Fact]
    public async Task The_same_clip_gives_the_same_bytes_but_for_the_times()
    {
        string[] arguments = [_media.Silent(), "--text", "not sad", "--format", "json"];

        CliOutcome first = await RunAsync(arguments);
        CliOutcome second = await RunAsync(arguments);

        Assert.Contains("\"timing_ms\"", first.Output);
        Assert.Equal(WithoutTimes(first.Output), WithoutTimes(second.Output));
    }

    [Fact]
    public async Task Several_inputs_as_json_are_an_array_and_a_bad_one_is_told_while_the_others_go_on()
    {
        string good = _media.Silent("a.mp4"), alsoGood = _media.Silent("b.mp4"), bad = _media.Words();

        CliOutcome outcome = await RunAsync(good, bad, alsoGood, "--format", "json");

        Assert.Equal(3, outcome.ExitCode);
        Assert.StartsWith($"error: {bad}: found", outcome.Errors);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        Assert.Equal(
            [good, alsoGood],
            document.RootElement.EnumerateArray().Select(one => one.GetProperty("input").GetProperty("file").GetString()).Order());
    }

    [Fact]
    public async Task Jsonl_is_one_line_for_each_input()
    {
        CliOutcome outcome = await RunAsync(_media.Silent("a.mp4"), _media.Silent("b.mp4"), "--format", "jsonl");

        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((0, 2), (outcome.ExitCode, lines.Length));
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task Csv_quotes_what_needs_it()
    {
        CliOutcome outcome = await RunAsync(_media.Silent(), "--text", "so \"sad\", so happy", "--format", "csv");

        string[] lines = outcome.Output.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            "file,start_ms,end_ms,speaker,text,emotion,confidence,abstained,neutral,joy,sadness,anger,fear,disgust,surprise,face,face_status,overlap",
            lines[0]);
        Assert.Contains(",0,1000,,\"so \"\"sad\"\", so happy\",", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public async Task The_table_fits_80_columns_without_color_codes_and_says_what_was_missing()
    {
        CliOutcome outcome = await RunAsync(_media.Silent(), "--text", "i am [red]sad[/] " + new string('x', 200));

        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain('\u001b', outcome.Output);
        Assert.All(outcome.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("surprise", outcome.Output);
        Assert.Contains("audio missing: ", outcome.Output);
    }

    [Fact]
    public async Task Words_are_recognized_without_a_recording_each_line_after_those_before_it()
    {
        string timed = _media.At("talk.srt"), untimed = _media.At("chat.txt");
        File.WriteAllText(timed, "1\n00:00:01,000 --> 00:00:02,000\nI am so sad\n\n2\n00:01:00,000 --> 00:01:01,500\nso sad\n");
        File.WriteAllText(untimed, "Ann: I am so sad\nBob: so am I\n");

        using JsonDocument subtitles = JsonDocument.Parse((await RunAsync("--transcript", timed, "--format", "json")).Output);
        using JsonDocument chat = JsonDocument.Parse((await RunAsync("--transcript", untimed, "--format", "json")).Output);
        using JsonDocument words = JsonDocument.Parse((await RunAsync("--text", "I am so sad", "--format", "json")).Output);
        CliOutcome none = await RunAsync("--format", "json"), blank = await RunAsync("--text", " ");

        Assert.Equal([(1000, 2000), (60_000, 61_500)], Times(subtitles));
        Assert.Equal(["Ann", "Bob"], chat.RootElement.GetProperty("utterances").EnumerateArray().Select(one => one.GetProperty("speaker").GetString()));
        Assert.Equal([(0, 1000)], Times(words));
        Assert.Equal("missing", words.RootElement.GetProperty("utterances")[0].GetProperty("modalities").GetProperty("video").GetProperty("status").GetString());
        Assert.All([none, blank], outcome =>
            Assert.Equal((2, true), (outcome.ExitCode, outcome.Errors.Contains("expected INPUT, --text or --transcript", StringComparison.Ordinal))));

        static IEnumerable<(int Start, int End)> Times(JsonDocument result) => result.RootElement.GetProperty("utterances").EnumerateArray()
            .Select(one => (one.GetProperty("start_ms").GetInt32(), one.GetProperty("end_ms").GetInt32()));
    }

    [Fact]
    public async Task Nothing_to_go_by_is_an_answer_with_a_warning()
    {
        CliOutcome outcome = await RunAsync(_media.Silent());

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("not sure (neutral at 14", outcome.Output.ReplaceLineEndings(" "));
        Assert.Contains("neither usable sound nor text", outcome.Errors.ReplaceLineEndings(" "));
    }

    [Fact]
    public async Task A_single_unreadable_input_ends_with_2_and_one_line()
    {
        string[] inputs = [_media.Words(), _media.Empty(), _media.At("absent.mp4")];
        foreach (string input in inputs)
        {
            CliOutcome outcome = await RunAsync(input);

            Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
            Assert.StartsWith($"error: {input}: found ", outcome.Errors);
            Assert.Single(outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public async Task A_folder_that_is_no_bundle_ends_with_2()
    {
        CliOutcome outcome = await CliRun.HereAsync("recognize", _media.Silent(), "--bundle", _media.Folder);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("config.json", outcome.Errors);
    }

    [Theory]
    [InlineData("recognize")]
    [InlineData("recognize", "a.mp4", "--format", "xml")]
    [InlineData("recognize", "a.mp4", "--threads", "0")]
    [InlineData("recognize", "a.mp4", "b.mp4", "--text", "words")]
    [InlineData("recognise", "a.mp4")]
    [InlineData]
    public async Task Wrong_usage_ends_with_2_and_points_to_the_help(params string[] arguments)
    {
        CliOutcome outcome = await CliRun.HereAsync(arguments);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("error: ", outcome.Errors);
        Assert.Contains("--help", outcome.Errors);
    }

    [Theory]
    [InlineData("gpu", 2, "--device: found \"gpu\", expected cpu, cuda or cuda:n")]
    [InlineData("cuda:99", 1, "--device: found cuda:99, expected cpu")]
    public async Task A_device_that_is_not_there_is_told_before_anything_is_read(string device, int exitCode, string message)
    {
        foreach (string[] command in (string[][])
            [
                ["recognize", "a.mp4"],
                ["features", "a.wav", "--encoder", "none", "--out", "none"],
                ["prepare", "meld", "--root", "none", "--features", "none"],
            ])
        {
            CliOutcome outcome = await CliRun.HereAsync([.. command, "--device", device]);

            Assert.Equal((exitCode, ""), (outcome.ExitCode, outcome.Output));
            Assert.StartsWith($"error: {message}", outcome.Errors);
        }
    }

    [Fact]
    public async Task Without_the_audio_weights_text_goes_on_alone_and_sound_alone_fails_with_what_to_do()
    {
        string clip = TestPaths.InRepository("samples/sample.mp4"), bundle = _media.Bundle();
        Dictionary<string, string> offline = Offline();

        CliOutcome withText = await CliRun.ChildAsync(
            offline, null, "recognize", clip, "--text", "so happy", "--bundle", bundle, "--format", "json");
        CliOutcome without = await CliRun.ChildAsync(offline, null, "recognize", clip, "--bundle", bundle, "--format", "json");

        Assert.Equal(0, withText.ExitCode);
        using JsonDocument document = JsonDocument.Parse(withText.Output);
        JsonElement modalities = document.RootElement.GetProperty("utterances")[0].GetProperty("modalities");
        Assert.Equal("missing", modalities.GetProperty("audio").GetProperty("status").GetString());
        Assert.Equal("used", modalities.GetProperty("text").GetProperty("status").GetString());
        Assert.Equal("no_audio_encoder", document.RootElement.GetProperty("warnings")[0].GetProperty("code").GetString());
        Assert.StartsWith("warning: going on without sound: @usefulsensors/moonshine-js", withText.Errors[withText.Errors.IndexOf("warning", StringComparison.Ordinal)..]);
        Assert.Equal((1, ""), (without.ExitCode, without.Output));
        Assert.Contains("npm pack", without.Errors);
    }

    private Task<CliOutcome> RunAsync(params string[] arguments) =>
        CliRun.HereAsync(["recognize", .. arguments, "--bundle", _media.Bundle()]);

    private static string WithoutTimes(string json) => json[..json.IndexOf("\"timing_ms\"", StringComparison.Ordinal)];

    // Only ffmpeg is on the PATH, no registry answers, and nothing is cached.
    private Dictionary<string, string> Offline()
    {
        string tools = Directory.CreateDirectory(_media.At("tools")).FullName;
        foreach (string tool in new[] { "ffmpeg", "ffprobe" })
            File.CreateSymbolicLink(Path.Combine(tools, tool), CliRun.OnPath(tool));
        return new Dictionary<string, string>
        {
            ["PATH"] = tools,
            ["npm_config_registry"] = "http://127.0.0.1:1/",
            ["npm_config_fetch_retries"] = "0",
            ["AFFEKT_CACHE"] = _media.At("cache"),
            ["AFFEKT_PACKAGES"] = _media.At("packages"),
        };
    }
}
