using Affekt.Cli.Commands;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>Where affekt train writes, and what it leaves alone.</summary>
public sealed class TrainFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_is_trained_once_gone_on_with_or_given_up_but_never_overwritten()
    {
        string recipe = TrainingFiles.Write(_folder), run = _folder.At("run");
        string[] command = ["train", recipe, "--out", run, "--threads", "1"];
        Assert.Equal(0, (await CliRun.HereAsync(command)).ExitCode);
        string mine = Path.Combine(run, "notes.tmp"), weights = Path.Combine(run, "only/model.safetensors");
        File.WriteAllText(mine, "mine");
        byte[] before = File.ReadAllBytes(Path.Combine(run, "state.json"));

        CliOutcome again = await CliRun.HereAsync(command);
        CliOutcome both = await CliRun.HereAsync([.. command, "--resume", "--overwrite"]);

        Assert.Equal((2, 2), (again.ExitCode, both.ExitCode));
        Assert.Contains($"error: {run}: found a training run, which is never overwritten", again.Errors);
        Assert.Contains("--resume", again.Errors);
        Assert.Contains("--overwrite", again.Errors);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(run, "state.json")));
        CliOutcome resumed = await CliRun.HereAsync([.. command, "--resume"]);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("finished before, so nothing was trained", resumed.Errors);
        Assert.Equal(2, (await CliRun.HereAsync([.. command, "--resume", "--set", "learning_rate=1e-3"])).ExitCode);
        Assert.Equal(0, (await CliRun.HereAsync([.. command, "--overwrite", "--set", "learning_rate=1e-3"])).ExitCode);
        Assert.Equal("mine", File.ReadAllText(mine));
        Assert.True(File.Exists(weights));
    }

    [Fact]
    public async Task A_folder_with_files_of_somebody_else_is_left_as_it_is()
    {
        string recipe = TrainingFiles.Write(_folder);
        string[] before = [.. Directory.GetFileSystemEntries(_folder).Order()];

        // The recipe's own name is one of those that a run writes.
        CliOutcome outcome = await CliRun.HereAsync("train", recipe, "--out", _folder, "--threads", "1");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("recipe.json that no training run wrote", outcome.Errors);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder).Order());
    }

    [Fact]
    public void Recipes_have_default_folders_of_their_own()
    {
        Assert.Equal(Path.Combine("runs", "starter", "text"), TrainCommand.DefaultFolder("recipes/starter/text.json"));
        string one = TrainCommand.DefaultFolder(_folder.At("a/x/r.json")), other = TrainCommand.DefaultFolder(_folder.At("b/x/r.json"));
        Assert.StartsWith(Path.Combine("runs", "x", "r-"), one);
        Assert.NotEqual(one, other);
    }
}
