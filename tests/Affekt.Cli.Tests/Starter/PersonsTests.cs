using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>Recordings of two people, made of real voices and faces, with the committed bundle.</summary>
public sealed class PersonsTests
{
    [Fact]
    public async Task Two_voices_in_turns_are_two_speakers_and_each_keeps_its_name()
    {
        using TemporaryFolder folder = new();
        string[] order = ["15", "16", "15", "15", "16", "16", "15", "16", "16", "15"];
        string[] clips = [.. order.Select((actor, i) => TestPaths.Shared($"data/ravdess/03-01-0{(i % 5) + 1}-01-0{(i % 2) + 1}-01-{actor}.flac"))];
        string joined = string.Concat(Enumerable.Range(0, clips.Length).Select(i => $"[{i}:a]"));
        Ffmpeg([.. clips.SelectMany(clip => new[] { "-i", clip }), "-filter_complex", $"{joined}concat=n={clips.Length}:v=0:a=1", "-ar", "16000", Path.Combine(folder, "talk.wav")]);

        CliOutcome outcome = await CliRun.HereAsync("recognize", Path.Combine(folder, "talk.wav"), "--transcribe", "off", "--format", "json", "--summary", Path.Combine(folder, "summary.csv"));

        JsonElement result = Result(outcome);
        Assert.Equal(order.Select(actor => actor == "15" ? "speaker 1" : "speaker 2"), result.GetProperty("utterances").EnumerateArray().Select(one => one.GetProperty("speaker").GetString()));
        Assert.Equal(["speaker 1", "speaker 2"], result.GetProperty("persons").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.Contains(",p2,speaker 2,", await File.ReadAllTextAsync(Path.Combine(folder, "summary.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_voices_at_once_are_told_in_csv_and_report()
    {
        using TemporaryFolder folder = new();
        string Clip(string actor) => TestPaths.Shared($"data/ravdess/03-01-01-01-01-01-{actor}.flac");
        string both = Path.Combine(folder, "both.wav"), report = Path.Combine(folder, "both.html");
        Ffmpeg(["-i", Clip("15"), "-i", Clip("16"), "-filter_complex", "[0:a]loudnorm[a];[1:a]loudnorm[b];[a][b]amix", "-ar", "16000", both]);

        CliOutcome outcome = await CliRun.HereAsync("recognize", both, "--transcribe", "off", "--format", "csv", "--report", report);

        string[] rows = outcome.Output.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith(",overlap", rows[0], StringComparison.Ordinal);
        Assert.InRange(double.Parse(rows[1].Split(',')[^1], CultureInfo.InvariantCulture), 0.2, 1);
        Assert.Contains("two voices at once", await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_utterance_of_a_recording_has_no_speaker_but_the_one_that_is_given()
    {
        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");

        JsonElement result = Result(await CliRun.HereAsync("recognize", clip, "--transcribe", "off", "--format", "json"));

        Assert.Equal(JsonValueKind.Null, result.GetProperty("utterances")[0].GetProperty("speaker").ValueKind);
        Assert.All(result.GetProperty("persons").EnumerateArray(), person => Assert.Equal(JsonValueKind.Null, person.GetProperty("voice").ValueKind));
    }

    [Theory]
    [InlineData("left")]
    [InlineData("right")]
    public async Task Of_two_faces_the_one_whose_mouth_moves_is_read_and_the_other_is_told_by_itself(string side)
    {
        using TemporaryFolder folder = new();
        string speaking = TestPaths.Shared("data/clips/talking/01-01-03-01-01-02-05.mp4"), still = TestPaths.Shared("data/clips/talking/01-01-07-02-02-01-01.mp4");

        // The other's first half second, to and fro: nobody speaks in it.
        string square = "crop=ih:ih,scale=320:320,format=yuv420p", sides = side == "left" ? "[s][q]" : "[q][s]";
        Ffmpeg(
        [
            "-i", speaking, "-i", still, "-filter_complex",
            $"[0:v]fps=25,{square}[s];[1:v]fps=25,trim=0:0.48,setpts=PTS-STARTPTS,{square},split[a][b];[b]reverse[r];[a][r]concat=n=2:v=1,loop=20:24,setpts=N/25/TB[q];{sides}hstack=shortest=1[v]",
            "-map", "[v]", "-map", "0:a", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", Path.Combine(folder, "two.mp4"),
        ]);

        JsonElement utterance = Result(await CliRun.HereAsync("recognize", Path.Combine(folder, "two.mp4"), "--transcribe", "off", "--format", "json")).GetProperty("utterances")[0];

        Assert.Equal("speaking", utterance.GetProperty("face").GetProperty("status").GetString());
        Assert.Equal(1, utterance.GetProperty("listeners").GetArrayLength());
        Assert.NotEqual(utterance.GetProperty("face").GetProperty("person").GetString(), utterance.GetProperty("listeners")[0].GetProperty("person").GetString());

        // The face that is read comes first.
        double[] lefts = [.. utterance.GetProperty("faces").EnumerateArray().Select(picture => picture.GetProperty("boxes")).Where(boxes => boxes.GetArrayLength() > 1).Select(boxes => boxes[0].GetProperty("left").GetDouble())];
        Assert.NotEmpty(lefts);
        Assert.All(lefts, left => Assert.Equal(side == "left", left < 0.5));
    }

    private static JsonElement Result(CliOutcome outcome)
    {
        Assert.Equal(0, outcome.ExitCode);
        return JsonDocument.Parse(outcome.Output).RootElement;
    }

    private static void Ffmpeg(string[] arguments)
    {
        using Process process = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
