using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Affekt.Cli.Tests.Meld;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Commands;

/// <summary>Processes that train one model together, as torchrun starts them.</summary>
public sealed class TrainTogetherTests(SmallMeld meld) : IClassFixture<SmallMeld>
{
    private const int LongEnoughToBeKilled = 40;

    [Theory]
    [InlineData("audio-text.json", 2)]
    [InlineData("audio-text.json", 3)]
    [InlineData("video.json", 2)]
    [InlineData("video-base.json", 2)]
    public async Task Several_processes_have_the_losses_of_one(string recipe, int processes)
    {
        string alone = $"alone-{processes}-{recipe}", together = $"together-{processes}-{recipe}";

        Assert.All(await TrainAsync(1, recipe, alone, epochs: 4), outcome => Assert.True(outcome.ExitCode == 0, outcome.Errors));
        CliOutcome[] outcomes = await TrainAsync(processes, recipe, together, epochs: 4);

        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0, outcome.Errors));
        Assert.All(outcomes.Skip(1), other => Assert.Equal("", other.Output + other.Errors));
        (double[] one, double[] several) = (Losses(alone), Losses(together));
        Assert.Equal(4, one.Length);
        Assert.True(one[0] > one[3], $"learns nothing: {string.Join(' ', one)}");
        Assert.All(one.Zip(several), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public async Task A_process_that_is_killed_ends_the_other_with_its_name_and_both_go_on_to_the_same_bytes()
    {
        Assert.All(await TrainAsync(2, "audio-text.json", "whole", LongEnoughToBeKilled), outcome => Assert.Equal(0, outcome.ExitCode));

        foreach (int victim in (int[])[1, 0])
        {
            CliOutcome survivor = await KillAsync(victim, atEpoch: victim == 1 ? 3 : 9);
            Assert.Equal(ExitCode.Failed, survivor.ExitCode);
            Assert.Contains($"process {victim} of 2 is gone", survivor.Errors);
        }

        CliOutcome[] resumed = await TrainAsync(2, "audio-text.json", "broken", LongEnoughToBeKilled, more: "--resume");
        Assert.All(resumed, outcome => Assert.True(outcome.ExitCode == 0, outcome.Errors));
        foreach (string file in (string[])["metrics.jsonl", "state.json", "config.json", "audio-text.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(Seed("whole"), file)), File.ReadAllBytes(Path.Combine(Seed("broken"), file)));
    }

    // What the other of two says, when one is killed after so many epochs.
    private async Task<CliOutcome> KillAsync(int victim, int atEpoch)
    {
        string metrics = Path.Combine(Seed("broken"), "metrics.jsonl");
        TimeSpan survived = default;
        CliOutcome[] outcomes = await TrainAsync(
            2, "audio-text.json", "broken", LongEnoughToBeKilled,
            async children =>
            {
                await Moment.ComesAsync(() => File.Exists(metrics) && File.ReadLines(metrics).Count() >= atEpoch, children[victim].Kill);
                long killed = Stopwatch.GetTimestamp();
                await children[1 - victim].WaitForExitAsync(TestContext.Current.CancellationToken);
                survived = Stopwatch.GetElapsedTime(killed);
            },
            "--resume");
        Assert.InRange(survived, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        return outcomes[1 - victim];
    }

    private string Seed(string run) => Path.Combine(meld.At(run), "seed-1");

    private double[] Losses(string run)
    {
        string folder = Directory.Exists(Seed(run)) ? Seed(run) : meld.At(run);
        return [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("train_loss").GetDouble())];
    }

    // Without dropout, since each process draws its own. What is withheld is drawn for whole batches and stays in.
    private async Task<CliOutcome[]> TrainAsync(
        int processes, string recipe, string run, int epochs, Func<Process[], Task>? meanwhile = null, params string[] more)
    {
        string[] arguments =
        [
            "train", TestPaths.InRepository($"recipes/meld/{recipe}"), "--threads", "1", "--out", meld.At(run), .. more,
            .. Set(
                "root=" + meld.Root, $"epochs={epochs}", "learning_rate=0.01", "dropout=0",
                "class_weight_exponent=0.5",
                $$"""text_encoder={"folder":"{{meld.At("bert")}}","max_tokens":32,"pooling":"cls"}"""),
            .. recipe switch
            {
                "audio-text.json" => Set(
                    "features=" + meld.At("features"),
                    $$"""audio_encoder={"kind":"wav2vec2","folder":"{{meld.At("wav2vec2")}}"}""", "lstm_width=16", "head_width=16",
                    "metadata_width=8", "input_dropout=0", "seeds=[1]", "dialogues=2", "modality_dropout=0.3", "patience=null"),
                "video.json" => Set(
                    "features=" + meld.At("features"),
                    $$"""video_encoder={"kind":"mc3-18","weights":"{{meld.At("mc3.safetensors")}}","side":32}""", "head_width=16",
                    "model_width=16", "blocks=1", "heads=2", "feed_forward_width=32", "block_dropout=0", "batch=3"),
                _ => Set(
                    "trunk=" + meld.At("mc3.safetensors"), "side=32", "clips_at_once=2", "model_width=16", "blocks=1", "heads=2",
                    "feed_forward_width=32", "block_dropout=0", "batch=3"),
            },
        ];
        string port = TestPorts.Free().ToString(CultureInfo.InvariantCulture);
        Process[] children = new Process[processes];
        TaskCompletionSource all = new();
        Task<CliOutcome>[] outcomes =
        [
            .. Enumerable.Range(0, processes).Select(rank => CliRun.ChildAsync(
                processes == 1
                    ? []
                    : new()
                    {
                        ["RANK"] = $"{rank}", ["WORLD_SIZE"] = $"{processes}", ["LOCAL_RANK"] = $"{rank}",
                        ["MASTER_ADDR"] = "127.0.0.1", ["MASTER_PORT"] = port,
                    },
                child =>
                {
                    children[rank] = child;
                    if (children.All(started => started is not null))
                        all.TrySetResult();
                    return Task.CompletedTask;
                },
                arguments)),
        ];
        if (meanwhile is not null)
        {
            await all.Task;
            await meanwhile(children);
        }

        return await Task.WhenAll(outcomes);
    }

    private static string[] Set(params string[] settings) => [.. settings.SelectMany(setting => (string[])["--set", setting])];
}
