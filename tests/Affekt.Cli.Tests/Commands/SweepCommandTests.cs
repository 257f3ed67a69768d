using System.Text.Json;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Commands;

/// <summary>affekt sweep on two small corpora.</summary>
public sealed class SweepCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Trials_train_in_folders_of_their_own_and_more_of_them_follow_later()
    {
        string recipe = TrainingFiles.Write(_folder), folder = _folder.At("sweep");
        string[] arguments = ["sweep", recipe, "--range", "learning_rate=1e-5..1e-2:log", "--range", "dropout=0|0.1", "--out", folder, "--threads", "1"];

        CliOutcome first = await CliRun.HereAsync([.. arguments, "--trials", "2"]);
        CliOutcome again = await CliRun.HereAsync([.. arguments, "--trials", "2"]);
        CliOutcome more = await CliRun.HereAsync([.. arguments, "--trials", "3", "--resume", "--format", "json"]);

        Assert.Equal((0, ExitCode.Unusable, 0), (first.ExitCode, again.ExitCode, more.ExitCode));
        Assert.Matches(@"(?m)^ *[12] +\d\.\d{4} +1 +done +learning_rate=\S+ +dropout=0(\.1)?", first.Output);
        Assert.Contains("never overwritten", again.Errors);
        JsonElement told = JsonDocument.Parse(more.Output).RootElement;
        Assert.Equal(3, told.GetProperty("trials").GetArrayLength());
        foreach (JsonElement trial in told.GetProperty("trials").EnumerateArray())
        {
            string file = Path.Combine(folder, $"trial-{trial.GetProperty("number")}", "recipe.json");
            double used = JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("learning_rate").GetDouble();
            Assert.Equal(trial.GetProperty("settings").GetProperty("learning_rate").GetString(), JsonSerializer.Serialize(used));
        }

        Assert.DoesNotContain("trial 1/3", more.Errors);
        Assert.Contains("trial 3/3 done", more.Errors);
    }

    [Fact]
    public async Task The_number_of_trials_need_not_be_told_and_a_short_name_is_understood()
    {
        CliOutcome outcome = await CliRun.HereAsync(
            "sweep", TrainingFiles.Write(_folder), "--range", "dropout=0..0.5", "--set", "lr=1e-3", "--out", _folder.At("sweep"));

        Assert.Equal(ExitCode.Unusable, outcome.ExitCode);
        Assert.DoesNotContain("--trials", outcome.Errors);
        Assert.Contains("a field \"lr\", which this task does not have, expected \"learning_rate\"", outcome.Errors);
    }
}
