using System.Diagnostics;
using System.Text.Json;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Meld;

/// <summary>recipes/own/run.sh from a manifest to a report, on published encoders of random weights; one epoch of each stage.</summary>
public sealed class OwnRunTests : IDisposable
{
    private static readonly string[] s_emotions = ["joy", "sadness", "anger", "fear"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("affekt-own-");

    public void Dispose() => _folder.Delete(true);

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/own/audio-text.json")]
    [Trait(SmallRun.Recipe, "recipes/own/video.json")]
    [Trait(SmallRun.Recipe, "recipes/own/fusion.json")]
    public async Task The_script_goes_from_a_manifest_to_a_report_with_roberta_and_hubert()
    {
        string text = $$"""{"folder":"{{Zoo("roberta")}}","max_tokens":64,"pooling":"cls"}""";
        string log = await RunAsync(new()
        {
            ["ROOT"] = Manifest(),
            ["OUT"] = At("runs"),
            ["FEATURES"] = At("features"),
            ["AUDIO_TEXT"] = $$"""--set text_encoder={{text}} --set audio_encoder={"kind":"hubert","folder":"{{Zoo("hubert")}}"} """
                + "--set seeds=[1] --set epochs=1 --set lstm_width=16 --set head_width=16 --set metadata_width=8",
            ["VIDEO"] = $"--set text_encoder={text} --set epochs=1 --set model_width=16 --set blocks=1 --set heads=2 --set feed_forward_width=32 --set head_width=16",
            ["FUSION"] = "--set steps=20",
        });

        Assert.Contains("deep fusion", log);
        Assert.Contains("<th scope=\"row\">late fusion</th>", File.ReadAllText(At("runs/report.html")));
        CliOutcome shown = await CliRun.HereAsync("bundle", "show", At("runs/fusion"));
        Assert.Contains("hubert", shown.Output);
    }

    private string Manifest()
    {
        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");
        File.WriteAllLines(At("own.jsonl"), ((string[])["train", "dev", "test"]).SelectMany(split => s_emotions.Select((emotion, i) => JsonSerializer.Serialize(new
        {
            id = $"{split}-{i}",
            dialogue = $"{split}-{i % 2}",
            index = i / 2,
            speaker = "Ann",
            text = $"This is {emotion}.",
            emotion,
            split,
            media = clip,
        }))));
        return At("own.jsonl");
    }

    private static string Zoo(string name) => TestPaths.Shared($"data/fixtures/zoo/{name}");

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private async Task<string> RunAsync(Dictionary<string, string> settings)
    {
        // The program of this build, under a name that the script can call.
        TestScript.Write(At("affekt"), $"#!/bin/sh\nexec '{CliRun.OnPath("dotnet")}' '{Path.Combine(AppContext.BaseDirectory, "affekt.dll")}' \"$@\"\n");
        ProcessStartInfo start = new("bash", ["-c", "exec \"$0\" 2>&1", TestPaths.InRepository("recipes/own/run.sh")]) { RedirectStandardOutput = true };
        start.Environment["AFFEKT"] = At("affekt");
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        using Process script = Process.Start(start)!;
        string log = await script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(script.ExitCode == 0, log);
        return log;
    }
}
