using static Affekt.Tests.Launcher.LauncherSandbox;

namespace Affekt.Tests.Launcher;

/// <summary>What the launcher installs and builds before it runs the program.</summary>
public sealed class LauncherTests
{
    [Fact]
    public async Task The_first_training_builds_all_parts_and_runs_the_program()
    {
        using LauncherSandbox sandbox = new();
        sandbox.ProgramDoes("echo result");

        Outcome outcome = await sandbox.LaunchAsync("train", "recipe.json");

        Assert.Equal((0, "result\n"), (outcome.ExitCode, outcome.Output));
        Assert.Contains(sandbox.Calls, call => call.Contains("AFFEKT_TORCH=ON", StringComparison.Ordinal));
        Assert.Contains(sandbox.Calls, CallOf("dotnet publish src/Affekt.Cli"));
        Assert.Contains(sandbox.Calls, CallOf("dotnet publish src/Affekt.Server"));
        Assert.DoesNotContain(sandbox.Calls, CallOf("apt-get"));
    }

    [Theory]
    [InlineData("recognize clip.mp4", "ffmpeg")]
    [InlineData("evaluate bundle --precision auto", "ffmpeg")]
    [InlineData("doctor", null)]
    [InlineData("train --help", null)]
    public async Task Recognition_installs_ffmpeg_alone_and_looking_nothing(string arguments, string? installed)
    {
        using LauncherSandbox sandbox = new();
        sandbox.Does("dpkg-query", "exit 1");
        sandbox.Lacks("g++", "cmake", "make", "ffmpeg", "npm");
        sandbox.ProgramDoes("echo registry $AFFEKT_NPM_REGISTRY");

        // What Debian's package of npm says npm's own registry is.
        sandbox.Does("apt-get", "[ \"$2\" != download ] || touch npm_1_all.deb");
        sandbox.Does("dpkg-deb", "cd \"$here\" && mkdir -p p/config && echo \"  default: 'https://npm.example/',\" >p/config/definitions.js && tar -cf - p");

        Outcome outcome = await sandbox.LaunchAsync(arguments.Split(' '));

        Assert.Equal((0, "registry https://npm.example/\n"), (outcome.ExitCode, outcome.Output));
        Assert.Equal(
            installed is null ? [] : [$"apt-get install -y --no-install-recommends {installed}"],
            sandbox.Calls.Where(call => call.StartsWith("apt-get install", StringComparison.Ordinal)));
        Assert.DoesNotContain(sandbox.Calls, CallOf("dotnet publish src/Affekt.Server"));
    }

    [Fact]
    public async Task Where_nothing_tells_npms_registry_npm_is_installed()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Lacks("npm");

        await sandbox.LaunchAsync("recognize", "clip.mp4");

        Assert.Contains("apt-get install -y --no-install-recommends npm", sandbox.Calls);
    }

    [Fact]
    public async Task Where_a_compiler_is_recognition_has_the_decoders_sandbox_and_does_without_it_where_that_fails()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Does("cmake", "exit 1");

        Outcome outcome = await sandbox.LaunchAsync("recognize", "clip.mp4");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("going on without it", outcome.Errors);
        Assert.Contains(sandbox.Calls, call => call.Contains("AFFEKT_TORCH=OFF", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_compiler_that_is_installed_later_gives_the_server_its_sandbox()
    {
        using LauncherSandbox sandbox = new();
        string compiler = sandbox.InRepository("bin/g++");
        File.Move(compiler, sandbox.InRepository("g++"));
        await sandbox.LaunchAsync("serve");
        bool before = File.Exists(sandbox.InRepository("build/server/affekt-sandbox"));
        File.Move(sandbox.InRepository("g++"), compiler);

        await sandbox.LaunchAsync("serve");

        Assert.Equal((false, true), (before, File.Exists(sandbox.InRepository("build/server/affekt-sandbox"))));
    }

    [Theory]
    [InlineData("prepare", "meld")]
    [InlineData("recognize", "clip.mp4", "--precision", "int8")]
    [InlineData("recognize", "clip.mp4", "--device=cuda:1")]
    public async Task What_trains_or_accelerates_after_a_recognition_has_the_native_part_built_and_the_program_with_it(params string[] arguments)
    {
        using LauncherSandbox sandbox = new();
        await sandbox.LaunchAsync("recognize", "clip.mp4");
        sandbox.ForgetCalls();

        await sandbox.LaunchAsync(arguments);
        string[] first = sandbox.Calls;
        sandbox.ForgetCalls();
        await sandbox.LaunchAsync(arguments);
        await sandbox.LaunchAsync("recognize", "clip.mp4");

        Assert.Contains(first, call => call.Contains("AFFEKT_TORCH=ON", StringComparison.Ordinal));
        Assert.Contains(first, CallOf("dotnet publish src/Affekt.Cli"));
        Assert.Empty(sandbox.Calls);
    }

    [Fact]
    public async Task Serving_installs_npm_too_which_builds_the_page()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Lacks("ffmpeg", "npm");

        await sandbox.LaunchAsync("serve");

        Assert.Contains("apt-get install -y --no-install-recommends npm ffmpeg", sandbox.Calls);
    }

    [Fact]
    public async Task Serving_after_a_recognition_builds_the_server_alone()
    {
        using LauncherSandbox sandbox = new();
        await sandbox.LaunchAsync("recognize", "clip.mp4");
        sandbox.ForgetCalls();

        await sandbox.LaunchAsync("serve");
        string[] first = sandbox.Calls;
        sandbox.ForgetCalls();
        await sandbox.LaunchAsync("serve");

        Assert.Contains(first, CallOf("dotnet publish src/Affekt.Server"));
        Assert.DoesNotContain(first, CallOf("dotnet publish src/Affekt.Cli"));
        Assert.Empty(sandbox.Calls);
    }

    [Fact]
    public async Task A_launch_that_is_up_to_date_calls_no_tool()
    {
        using LauncherSandbox sandbox = await BuiltAsync();

        Outcome outcome = await sandbox.LaunchAsync();

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        Assert.Empty(sandbox.Calls);
    }

    [Theory]
    [InlineData("src/Affekt.Cli/Program.cs")]
    [InlineData("src/Affekt.Cli/New.cs")]
    [InlineData("native/part.cpp")]
    [InlineData("Directory.Build.props")]
    [InlineData("global.json")]
    public async Task A_changed_or_new_file_is_built(string path)
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        File.WriteAllText(sandbox.InRepository(path), "");
        File.SetLastWriteTimeUtc(sandbox.InRepository(path), DateTime.UtcNow.AddMinutes(1));

        await sandbox.LaunchAsync();

        Assert.Contains(sandbox.Calls, CallOf("dotnet publish"));
    }

    [Fact]
    public async Task A_deleted_file_is_noticed()
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        File.Delete(sandbox.InRepository("src/Affekt.Cli/Program.cs"));
        Directory.SetLastWriteTimeUtc(sandbox.InRepository("src/Affekt.Cli"), DateTime.UtcNow.AddMinutes(1));

        await sandbox.LaunchAsync();

        Assert.Contains(sandbox.Calls, CallOf("dotnet publish"));
    }

    [Fact]
    public async Task Another_version_of_libtorch_has_the_native_part_built_from_nothing()
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        File.WriteAllText(sandbox.InRepository("build/native/old.o"), "");
        File.WriteAllText(sandbox.InRepository("libtorch/TorchConfigVersion.cmake"), "2.13.0");

        await sandbox.LaunchAsync("train");

        Assert.Contains(sandbox.Calls, CallOf("cmake --build"));
        Assert.False(File.Exists(sandbox.InRepository("build/native/old.o")));
    }

    [Fact]
    public async Task A_libtorch_that_the_user_names_is_handed_to_cmake_and_debians_is_not_asked_for()
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        sandbox.Does("dpkg-query", "exit 1");
        string folder = sandbox.InRepository("libtorch");

        Outcome outcome = await sandbox.LaunchFromAsync(
            sandbox.InRepository("affekt"), folder, new() { ["LIBTORCH"] = "." }, "train");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(sandbox.Calls, call => call.Contains($"PREFIX_PATH={folder}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_root_missing_packages_end_the_launch_with_the_exact_command()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Does("id", "echo 1000");
        sandbox.Does("dpkg-query", "case \"$*\" in *libdnnl-dev) exit 1;; esac; printf installed");
        sandbox.Lacks("ffmpeg");

        Outcome outcome = await sandbox.LaunchAsync("train");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends ffmpeg libdnnl-dev\n",
            outcome.Errors);
        Assert.DoesNotContain(sandbox.Calls, CallOf("apt-get"));
    }

    [Fact]
    public async Task With_root_exactly_the_missing_packages_are_installed()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Does("apt-get", "echo Reading package lists...");
        sandbox.Lacks("cmake", "ffmpeg");

        Outcome outcome = await sandbox.LaunchAsync("train");

        Assert.Equal(
            ["apt-get update", "apt-get install -y --no-install-recommends ffmpeg cmake"],
            sandbox.Calls.Where(call => call.StartsWith("apt-get", StringComparison.Ordinal)));
        Assert.Contains("installing ffmpeg cmake", outcome.Errors);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public async Task Where_there_is_no_apt_the_needs_are_named()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Lacks("apt-get", "dpkg-query", "g++");

        Outcome outcome = await sandbox.LaunchAsync("bench");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("not found: g++", outcome.Errors);
        Assert.Contains("LIBTORCH", outcome.Errors);
    }

    [Fact]
    public async Task Without_the_sdk_the_message_says_which_one_to_install()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Lacks("dotnet");

        Outcome outcome = await sandbox.LaunchAsync();

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(".NET 10 SDK is missing", outcome.Errors);
    }

    [Theory]
    [InlineData("cmake", "exit 1")]
    [InlineData("dotnet", "[ \"$1\" != publish ] || exit 1")]
    public async Task After_a_failed_build_the_old_program_is_not_run_and_the_next_launch_builds_again(
        string tool, string failure)
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        sandbox.ProgramDoes("echo old");
        File.SetLastWriteTimeUtc(sandbox.InRepository("native/part.cpp"), DateTime.UtcNow.AddMinutes(1));
        sandbox.Does(tool, failure);

        Outcome first = await sandbox.LaunchAsync("train");
        File.SetLastWriteTimeUtc(sandbox.InRepository("native/part.cpp"), DateTime.UtcNow.AddHours(-1));
        sandbox.ForgetCalls();
        Outcome second = await sandbox.LaunchAsync("train");

        Assert.Equal((1, ""), (first.ExitCode, first.Output));
        Assert.Equal((1, ""), (second.ExitCode, second.Output));
        Assert.Contains(sandbox.Calls, CallOf(tool));
    }

    [Fact]
    public async Task A_feed_without_the_ahead_of_time_compiler_still_gives_a_program()
    {
        using LauncherSandbox sandbox = new();
        sandbox.Does("dotnet", """
            [ "$1" != restore ] || exit 1
            [ "$1" = publish ] || exit 0
            mkdir -p "$here/../build/cli"
            ln -sf "$(readlink -f "$0")" "$here/../build/cli/affekt"
            """);

        Outcome outcome = await sandbox.LaunchAsync();

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(sandbox.Calls, call => call.Contains("CompileAhead=false", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Launches_at_the_same_time_build_once()
    {
        using LauncherSandbox sandbox = new();

        Outcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => sandbox.LaunchAsync()));

        Assert.All(outcomes, outcome => Assert.Equal(0, outcome.ExitCode));
        Assert.Single(sandbox.Calls, CallOf("dotnet publish src/Affekt.Cli"));
    }

    [Fact]
    public async Task Arguments_arrive_unchanged_in_the_callers_folder_through_a_link()
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        sandbox.ProgramDoes("pwd; printf '<%s>\\n' \"$@\"");
        string elsewhere = Directory.CreateDirectory(sandbox.InRepository("some where")).FullName;
        string link = Path.Combine(elsewhere, "link");
        File.CreateSymbolicLink(link, "../affekt");

        Outcome outcome = await sandbox.LaunchFromAsync(
            link, elsewhere, [], "recognize", "a b.mp4", "", "*", "--text=it's");

        Assert.Equal($"{elsewhere}\n<recognize>\n<a b.mp4>\n<>\n<*>\n<--text=it's>\n", outcome.Output);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(130)]
    public async Task The_programs_exit_code_is_the_launchers(int code)
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        sandbox.ProgramDoes($"exit {code}");

        Assert.Equal(code, (await sandbox.LaunchAsync()).ExitCode);
    }

    [Fact]
    public async Task What_the_caller_has_closed_is_no_file_of_the_programs()
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        sandbox.ProgramDoes("readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 | cat >\"$here/seen\"; echo lost || exit 7");
        await File.WriteAllTextAsync(sandbox.InRepository("closed"), "exec bash \"${0%/*}/affekt\" <&- >&- 2>&-", TestContext.Current.CancellationToken);

        Outcome outcome = await sandbox.LaunchFromAsync(sandbox.InRepository("closed"), sandbox.InRepository(""), []);

        Assert.Equal(7, outcome.ExitCode);
        Assert.Equal(Enumerable.Repeat("/dev/null", 3), await File.ReadAllLinesAsync(sandbox.InRepository("build/cli/seen"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Where_too_few_files_may_be_open_the_limit_is_named()
    {
        using LauncherSandbox sandbox = await BuiltAsync();
        await File.WriteAllTextAsync(sandbox.InRepository("limited"), "ulimit -n 64; exec bash \"${0%/*}/affekt\"", TestContext.Current.CancellationToken);

        Outcome outcome = await sandbox.LaunchFromAsync(sandbox.InRepository("limited"), sandbox.InRepository(""), []);

        Assert.Equal(1, outcome.ExitCode);
        Assert.EndsWith("found a limit of 64 open files, expected 256 or more: ulimit -n\n", outcome.Errors);
    }

    private static Predicate<string> CallOf(string beginning) =>
        call => call.StartsWith(beginning, StringComparison.Ordinal);

    private static async Task<LauncherSandbox> BuiltAsync()
    {
        LauncherSandbox sandbox = new();
        Assert.Equal(0, (await sandbox.LaunchAsync("train")).ExitCode);
        sandbox.ForgetCalls();
        File.Delete(sandbox.InRepository("build/cli/calls"));
        return sandbox;
    }
}
