using System.Diagnostics;
using Affekt.Tests;

namespace Affekt.Cli.Tests.Launcher;

/// <summary>What deploy/slurm gives each process, with stand-ins for Slurm's programs and for affekt.</summary>
public sealed class SlurmScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SlurmScriptTests()
    {
        // Tasks one after the other; what starts with -- is for srun itself.
        Write("srun", """
            while [[ $1 == --* ]]; do shift; done
            for task in 0 1; do SLURM_PROCID=$task SLURM_LOCALID=$task SLURM_NTASKS=2 "$@" || exit; done
            """);
        Write("scontrol", "[[ \"$*\" == 'show hostnames n[07-08]' ]] && printf '%s\\n' n07 n08");
        Write("affekt", """
            printf '%s' "${RANK-}/${WORLD_SIZE-}/${LOCAL_RANK-} ${MASTER_ADDR-}:${MASTER_PORT-}"
            printf '|%s' "$@"
            echo
            exit "${EXIT:-0}"
            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_training_process_knows_its_rank_and_where_the_first_listens()
    {
        (int exitCode, string output) = await RunAsync(
            "train.sbatch", "SLURM_JOB_ID=123456 SLURM_CPUS_PER_TASK=3 SLURM_JOB_NODELIST=n[07-08]", "a.json", "o u t", "--set", "x=[1, 2]");

        Assert.Equal(0, exitCode);
        Assert.Equal(
            """
            0/2/0 n07:13456|train|a.json|--out|o u t|--resume|--threads|3|--set|x=[1, 2]
            1/2/1 n07:13456|train|a.json|--out|o u t|--resume|--threads|3|--set|x=[1, 2]

            """,
            output);
    }

    [Fact]
    public async Task A_training_that_fails_fails_the_job() =>
        Assert.Equal(7, (await RunAsync(
            "train.sbatch", "SLURM_JOB_ID=1 SLURM_CPUS_PER_TASK=1 SLURM_JOB_NODELIST=n[07-08] EXIT=7", "a.json", "out")).ExitCode);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    public async Task Each_part_of_an_array_prepares_its_share_and_counts_as_done_when_only_inputs_were_bad(int prepared, int expected)
    {
        (int exitCode, string output) = await RunAsync(
            "prepare.sbatch",
            $"SLURM_ARRAY_TASK_ID=6 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_COUNT=4 SLURM_CPUS_PER_TASK=2 EXIT={prepared}", "meld", "--root", "a b");

        Assert.Equal(expected, exitCode);
        Assert.Equal("// :|prepare|meld|--root|a b|--shard|2/4|--threads|2\n", output);
    }

    private void Write(string name, string body) => TestScript.Write(_folder.At(name), $"#!/usr/bin/env bash\n{body}\n");

    private async Task<(int ExitCode, string Output)> RunAsync(string script, string variables, params string[] arguments)
    {
        ProcessStartInfo start = new("bash", [TestPaths.InRepository($"deploy/slurm/{script}"), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["AFFEKT"] = _folder.At("affekt");
        foreach (string[] pair in variables.Split(' ').Select(text => text.Split('=', 2)))
            start.Environment[pair[0]] = pair[1];
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
