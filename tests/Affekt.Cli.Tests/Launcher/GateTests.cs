using System.Text.RegularExpressions;
using static Affekt.Tests.Launcher.LauncherSandbox;

namespace Affekt.Tests.Launcher;

/// <summary>What <c>./affekt test</c> makes of what the test programs and the checks of style say.</summary>
public sealed partial class GateTests
{
    private const string Summary = "Test run summary: whatever";

    [Theory]
    [InlineData("succeeded: 5", "skipped: 2", 0, "5 passed, 0 failed, 2 skipped", 0)]
    [InlineData("succeeded: 5", "failed: 3", 2, "5 passed, 3 failed, 0 skipped", 1)]
    [InlineData("succeeded: 5", "failed: 0", 139, "5 passed, 1 failed, 0 skipped", 1)]
    [InlineData("skipped: 4", "total: 4", 8, "0 passed, 0 failed, 4 skipped", 0)]
    [InlineData("total: 0", "failed: 0", 8, "0 passed, 1 failed, 0 skipped", 1)]
    public async Task The_gate_sums_what_the_test_programs_report_and_counts_a_bad_end_as_a_failure(
        string first, string second, int code, string expected, int exitCode)
    {
        using LauncherSandbox sandbox = new();
        sandbox.TestProgramDoes($"echo; echo '{Summary}'; echo '  {first}'; echo '  {second}'; exit {code}");

        Outcome outcome = await sandbox.LaunchAsync("test");

        Assert.Equal((exitCode, expected + "\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task What_failed_is_named_again_at_the_end()
    {
        using LauncherSandbox sandbox = new();
        sandbox.TestProgramDoes($"echo 'failed A.first (3ms)'; echo '  why'; echo 'failed A.second(x: 1) (0ms)'; echo '{Summary}'; echo '  failed: 2'; exit 2");
        sandbox.Does("clang-format", "exit 1");

        Outcome outcome = await sandbox.LaunchAsync("test");

        Assert.EndsWith("affekt: failed:\n  check_native_style\n  A.first (3ms)\n    why\n  A.second(x: 1) (0ms)\n", outcome.Errors);
        Assert.Equal("0 passed, 3 failed, 0 skipped\n", outcome.Output);
    }

    [Fact]
    public async Task What_a_test_program_leaves_in_its_temporary_folder_is_a_failure_and_goes()
    {
        using LauncherSandbox sandbox = new();
        sandbox.TestProgramDoes($"touch \"$TMPDIR/affekt-left\"; echo \"in $TMPDIR;\"; echo '{Summary}'; echo '  succeeded: 5'");

        Outcome outcome = await sandbox.LaunchAsync("test");

        Assert.EndsWith("affekt: failed:\n  Some.Tests, which left in the temporary folder: affekt-left\n", outcome.Errors);
        Assert.Equal("5 passed, 1 failed, 0 skipped\n", outcome.Output);
        Assert.False(Directory.Exists(outcome.Errors.Split("in /")[1].Split(';')[0]));
    }

    [Fact]
    public async Task What_a_test_program_starts_can_be_interrupted()
    {
        Assert.SkipUnless(File.Exists("/proc/self/status"), "needs Linux's /proc");
        Assert.SkipUnless(IgnoredSignals().Match(File.ReadAllText("/proc/self/status")).Value == "0", "these tests cannot be interrupted themselves");
        using LauncherSandbox sandbox = new();
        sandbox.TestProgramDoes($"sed -n 's/^SigIgn.*/&;/p' /proc/self/status; echo '{Summary}'; echo '  succeeded: 5'");

        Outcome outcome = await sandbox.LaunchAsync("test");

        Assert.Equal("0", IgnoredSignals().Match(outcome.Errors).Value);
    }

    [Fact]
    public async Task The_twenty_slowest_tests_of_all_programs_are_listed()
    {
        using LauncherSandbox sandbox = new();
        string quick = string.Concat(Enumerable.Range(1, 19).Select(i => $"echo '  {i}ms A.quick{i}';"));
        sandbox.TestProgramDoes($"echo '{Summary}'; echo '  succeeded: 22'; echo 'Slowest tests:'; echo '  1m 02s 003ms A.long(x: 1)'; echo '  9s 087ms A.short'; {quick}");

        Outcome outcome = await sandbox.LaunchAsync("test");

        string[] listed = outcome.Errors.Split("affekt: the slowest tests:\n")[1].TrimEnd('\n').Split('\n');
        Assert.Equal(["  62003 ms  A.long(x: 1)", "  9087 ms  A.short", "  19 ms  A.quick19"], listed[..3]);
        Assert.Equal((20, "  2 ms  A.quick2"), (listed.Length, listed[^1]));
        Assert.Equal("22 passed, 0 failed, 0 skipped\n", outcome.Output);
    }

    [Fact]
    public async Task A_test_program_that_says_nothing_is_a_failure()
    {
        using LauncherSandbox sandbox = new();
        sandbox.TestProgramDoes("kill -SEGV $$");

        Outcome outcome = await sandbox.LaunchAsync("test");

        Assert.Equal((1, "0 passed, 1 failed, 0 skipped\n"), (outcome.ExitCode, outcome.Output));
    }

    [Theory]
    [InlineData("dotnet", "[ \"$1\" != build ] || exit 1", "0 passed, 1 failed, 0 skipped\n")]
    [InlineData("dotnet", "[ \"$1\" != --version ] || exit 1", "0 passed, 1 failed, 0 skipped\n")]
    [InlineData("clang-format", "exit 1", "5 passed, 1 failed, 0 skipped\n")]
    public async Task A_failed_step_of_the_gate_is_in_its_sum(string tool, string failure, string expected)
    {
        using LauncherSandbox sandbox = new();
        sandbox.TestProgramDoes($"echo '{Summary}'; echo '  succeeded: 5'");
        sandbox.Does(tool, failure);

        Outcome outcome = await sandbox.LaunchAsync("test");

        Assert.Equal((1, expected), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task A_filter_goes_to_the_test_programs_and_must_leave_a_test()
    {
        using LauncherSandbox sandbox = new();
        sandbox.TestProgramDoes("echo \"got $*\"; exit 8");

        Outcome outcome = await sandbox.LaunchAsync("test", "--filter-class", "Some Tests");

        Assert.Contains("--filter-class Some Tests", outcome.Errors);
        Assert.Equal((1, "0 passed, 1 failed, 0 skipped\n"), (outcome.ExitCode, outcome.Output));
    }

    // The last digit of the mask: hang-up, interrupt, quit.
    [GeneratedRegex(@"(?<=SigIgn:\s*[0-9a-f]{15})[0-9a-f]")]
    private static partial Regex IgnoredSignals();
}
