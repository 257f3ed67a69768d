using System.Diagnostics;

namespace Affekt.Tests.Launcher;

/// <summary>
/// A copy of the launcher in a small repository, with a PATH on which every tool that it may call to install, build
/// or test is a stub. Nothing is installed or built.
/// </summary>
internal sealed class LauncherSandbox : IDisposable
{
    private static readonly string[] Unchanged =
    [
        "bash", "cat", "chmod", "cp", "env", "find", "flock", "grep", "head", "ln", "mkdir", "mktemp", "mv", "nice", "nproc", "readlink", "renice", "rm", "sed",
        "sh", "sleep", "sort", "stat", "tail", "tar", "timeout", "touch", "wc", "xargs",
    ];

    private static readonly string[] Stubs =
        ["apt-get", "clang-format", "cmake", "dotnet", "dpkg-deb", "dpkg-query", "espeak-ng", "ffmpeg", "g++", "id", "make", "npm"];

    private readonly TemporaryFolder _folder = new("affekt launcher ");

    public LauncherSandbox()
    {
        foreach (string folder in (string[])["native", "src/Affekt.Cli", "tests/Some.Tests", "bin", "libtorch"])
        {
            Directory.CreateDirectory(InRepository(folder));
        }

        foreach (string file in (string[])
            ["native/part.cpp", "src/Affekt.Cli/Program.cs", "tests/Some.Tests/SomeTests.cs", "Directory.Build.props",
                "global.json", "libtorch/TorchConfigVersion.cmake"])
        {
            File.WriteAllText(InRepository(file), "");
        }

        File.Copy(TestPaths.InRepository("affekt"), InRepository("affekt"));
        foreach (string tool in Unchanged)
        {
            File.CreateSymbolicLink(Tool(tool), FindOnPath(tool));
        }

        foreach (string tool in Stubs)
        {
            File.CreateSymbolicLink(Tool(tool), TestPaths.InRepository("tests/Shared/stub"));
        }

        Does("id", "echo 0");
        Does("dpkg-query", "printf installed");
        // Configuring writes the cache, building writes the library.
        Does("cmake", """
            mkdir -p "$here/../build/native"
            echo "Torch_DIR:PATH=${here%/bin}/libtorch" >"$here/../build/native/CMakeCache.txt"
            touch "$here/../build/native/libaffekt_torch.so" "$here/../build/native/affekt-sandbox"
            chmod +x "$here/../build/native/affekt-sandbox"
            """);
        // Publishing makes the program, or the server: stubs again.
        Does("dotnet", """
            case "$*" in
                "publish src/Affekt.Cli "*) mkdir -p "$here/../build/cli"; ln -sf "$(readlink -f "$0")" "$here/../build/cli/affekt";;
                "publish src/Affekt.Server "*) mkdir -p "$here/../build/server"; ln -sf "$(readlink -f "$0")" "$here/../build/server/affekt-server"
                    [ ! -f "$here/../build/native/affekt-sandbox" ] || cp "$here/../build/native/affekt-sandbox" "$here/../build/server";;
            esac
            """);
    }

    /// <summary>The calls of all stubs, in order: the tool's name and its arguments.</summary>
    public string[] Calls => File.Exists(Tool("calls")) ? File.ReadAllLines(Tool("calls")) : [];

    public string InRepository(string path) => _folder.At(path);

    /// <summary>Sets what a stub does when called, in sh; $here is the stub's folder.</summary>
    public void Does(string tool, string script) => File.WriteAllText(Tool(tool) + ".does", script);

    /// <summary>Sets what the program itself does, once it is built.</summary>
    public void ProgramDoes(string script)
    {
        Directory.CreateDirectory(InRepository("build/cli"));
        File.WriteAllText(InRepository("build/cli/affekt.does"), script);
    }

    /// <summary>Sets what the built test program of tests/Some.Tests does.</summary>
    public void TestProgramDoes(string script)
    {
        string folder = InRepository("tests/Some.Tests/bin/Release/net10.0");
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(Path.Combine(folder, "Some.Tests"), TestPaths.InRepository("tests/Shared/stub"));
        File.WriteAllText(Path.Combine(folder, "Some.Tests.does"), script);
    }

    /// <summary>Takes tools off the PATH.</summary>
    public void Lacks(params ReadOnlySpan<string> tools)
    {
        foreach (string tool in tools)
            File.Delete(Tool(tool));
    }

    public void ForgetCalls() => File.Delete(Tool("calls"));

    public Task<Outcome> LaunchAsync(params string[] arguments) =>
        LaunchFromAsync(InRepository("affekt"), _folder, [], arguments);

    public async Task<Outcome> LaunchFromAsync(
        string launcher, string folder, Dictionary<string, string> variables, params string[] arguments)
    {
        ProcessStartInfo start = new(FindOnPath("bash"), [launcher, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("LIBTORCH");
        start.Environment["PATH"] = InRepository("bin");
        start.Environment["HOME"] = _folder;
        start.Environment.Remove("npm_config_registry");
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process launched = Process.Start(start)!;
        launched.StandardInput.Close();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<string> output = launched.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = launched.StandardError.ReadToEndAsync(cancellation);
        await launched.WaitForExitAsync(cancellation);
        return new Outcome(launched.ExitCode, await output, await errors);
    }

    public void Dispose() => _folder.Dispose();

    private static string FindOnPath(string tool) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':')
            .Select(folder => Path.Combine(folder, tool))
            .First(File.Exists);

    private string Tool(string name) => InRepository($"bin/{name}");

    internal sealed record Outcome(int ExitCode, string Output, string Errors);
}
