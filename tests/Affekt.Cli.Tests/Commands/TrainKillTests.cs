using System.Diagnostics;
using System.Globalization;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Commands;

/// <summary>
/// A training process that is killed without warning, or whose disk fills up, again and again, and goes on each time. AFFEKT_KILLS
/// and AFFEKT_DISKS say how often: few times in the gate, more when somebody wants to know.
/// </summary>
public sealed class TrainKillTests : IDisposable
{
    private const int KillsInTheGate = 3;
    private const int LongEnoughToBeAsked = 40;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_training_that_is_killed_at_random_moments_ends_with_the_bytes_of_an_undisturbed_one()
    {
        string recipe = TrainingFiles.Write(_folder);
        long started = Stopwatch.GetTimestamp();
        Assert.Equal(0, (await TrainAsync(recipe, "whole", resume: false, killAfter: null)).ExitCode);
        TimeSpan whole = Stopwatch.GetElapsedTime(started);
        int kills = int.Parse(Environment.GetEnvironmentVariable("AFFEKT_KILLS") ?? $"{KillsInTheGate}", CultureInfo.InvariantCulture);
        Random random = new(kills);

        for (int run = 0, killed = 0; killed < kills; run++)
        {
            string name = $"run-{run}";
            bool resume = false, finished = false;
            while (!finished)
            {
                TimeSpan? after = killed < kills ? whole * random.NextDouble() : null;
                CliOutcome outcome = await TrainAsync(recipe, name, resume, after);
                finished = outcome.ExitCode == 0;
                Assert.True(finished || after is not null, outcome.Errors);
                killed += finished ? 0 : 1;
                resume = true;
            }

            AssertSameFiles(name);
        }
    }

    [Fact]
    public async Task A_training_whose_disk_fills_up_says_so_and_goes_on_when_there_is_room()
    {
        string recipe = TrainingFiles.Write(_folder);
        Assert.Equal(0, (await TrainAsync(recipe, "whole", resume: false, killAfter: null)).ExitCode);
        long whole = SmallDisk.Bytes(_folder.At("whole"));
        Random random = new(SmallDisk.Count);
        int full = 0;
        for (int i = 0; i < SmallDisk.Count; i++)
        {
            using SmallDisk disk = new(_folder.At($"disk-{i}"), (long)(whole * (0.05 + random.NextDouble())));
            string run = Path.Combine($"disk-{i}", "run");
            CliOutcome outcome = await TrainAsync(recipe, run, resume: false, killAfter: null);
            if (outcome.ExitCode != 0)
            {
                full++;
                Assert.Equal(1, outcome.ExitCode);
                Assert.Contains("disk", outcome.Errors);
                disk.Grow();
                CliOutcome resumed = await TrainAsync(recipe, run, resume: true, killAfter: null);
                Assert.True(resumed.ExitCode == 0, resumed.Errors);
            }

            AssertSameFiles(run);
        }

        Assert.NotEqual(0, full);
    }

    // To end the process while a thread is within libtorch would be a crash (139).
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_training_that_is_asked_to_end_stops_by_itself_and_goes_on_from_its_last_epoch(int epochs)
    {
        string recipe = TrainingFiles.Write(_folder), metrics = Path.Combine(_folder, "asked", "metrics.jsonl");
        Assert.Equal(0, (await TrainAsync(recipe, "whole", resume: false, null, LongEnoughToBeAsked)).ExitCode);

        CliOutcome asked = await TrainAsync(
            recipe, "asked", resume: false,
            child => Moment.ComesAsync(
                () => child.HasExited || (File.Exists(metrics) && File.ReadLines(metrics).Count() >= epochs),
                () =>
                {
                    using Process kill = Process.Start("kill", ["-TERM", child.Id.ToString(CultureInfo.InvariantCulture)]);
                    kill.WaitForExit();
                }),
            LongEnoughToBeAsked);
        CliOutcome resumed = await TrainAsync(recipe, "asked", resume: true, null, LongEnoughToBeAsked);

        Assert.Equal((ExitCode.Interrupted, 0), (asked.ExitCode, resumed.ExitCode));
        AssertSameFiles("asked");
    }

    private Task<CliOutcome> TrainAsync(string recipe, string run, bool resume, TimeSpan? killAfter) => TrainAsync(
        recipe, run, resume,
        killAfter is not { } delay ? null : async child =>
        {
            await Task.Delay(delay, TestContext.Current.CancellationToken);
            child.Kill(entireProcessTree: true);
        },
        epochs: 8);

    private Task<CliOutcome> TrainAsync(string recipe, string run, bool resume, Func<Process, Task>? meanwhile, int epochs) => CliRun.ChildAsync(
        [],
        meanwhile,
        [
            "train", recipe, "--set", $"stages=[{{\"name\":\"only\",\"corpora\":[\"meld\"],\"epochs\":{epochs}}}]", "--threads", "1", "--out",
            _folder.At(run), .. resume ? ["--resume"] : (string[])[],
        ]);

    private void AssertSameFiles(string run)
    {
        string[] files = Files("whole");
        Assert.Equal(files, Files(run));
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(Path.Combine(_folder, "whole", file)), File.ReadAllBytes(Path.Combine(_folder, run, file))));
    }

    // TensorBoard's points carry the time that they were written at.
    private string[] Files(string run)
    {
        string folder = _folder.At(run);
        return
        [
            .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
                .Where(file => !file.Contains("tfevents")).Order(StringComparer.Ordinal),
        ];
    }
}
