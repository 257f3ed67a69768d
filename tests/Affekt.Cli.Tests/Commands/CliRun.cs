using System.Diagnostics;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>What a run of the program gave.</summary>
internal sealed record CliOutcome(int ExitCode, string Output, string Errors);

/// <summary>Runs the program: here, or as a child with an environment of its own.</summary>
internal static class CliRun
{
    /// <summary>
    /// The program that children run: the published one where the gate names the folder of what it built, for that starts faster and is
    /// what users have; else this build's.
    /// </summary>
    private static readonly string s_program = Path.Combine(
        Environment.GetEnvironmentVariable("AFFEKT_BUILD") is { Length: > 0 } built ? Path.Combine(built, "cli") : AppContext.BaseDirectory, "affekt.dll");

    public static async Task<CliOutcome> HereAsync(params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        int exitCode = await CommandLine.RunAsync(arguments, new Terminal(output, errors, false, false));
        return new CliOutcome(exitCode, output.ToString(), errors.ToString());
    }

    public static async Task<CliOutcome> ChildAsync(
        Dictionary<string, string> variables, Func<Process, Task>? meanwhile, params string[] arguments)
    {
        ProcessStartInfo start = new(
            Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : OnPath("dotnet"), [s_program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        using Process child = Process.Start(start)!;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        if (meanwhile is not null)
            await meanwhile(child);
        child.StandardInput.Close();
        Task<string> output = child.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = child.StandardError.ReadToEndAsync(cancellation);
        await child.WaitForExitAsync(cancellation);
        return new CliOutcome(child.ExitCode, await output, await errors);
    }

    /// <summary>Writes a script that runs the program.</summary>
    public static void WriteProgram(string path) => TestScript.Write(path, $"#!/bin/sh\nexec '{OnPath("dotnet")}' '{s_program}' \"$@\"\n");

    /// <summary>What a recipe's script prints that runs the program and ends well.</summary>
    /// <param name="script">The script, in the repository.</param>
    /// <param name="program">Where the program is written for it.</param>
    /// <param name="settings">The script's variables.</param>
    public static async Task<string> ScriptAsync(string script, string program, Dictionary<string, string> settings)
    {
        WriteProgram(program);
        ProcessStartInfo start = new("bash", ["-c", "exec \"$0\" 2>&1", TestPaths.InRepository(script)]) { RedirectStandardOutput = true };
        start.Environment["AFFEKT"] = program;
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        using Process run = Process.Start(start)!;
        string log = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(run.ExitCode == 0, log);
        return log;
    }

    public static string OnPath(string tool) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, tool)).First(File.Exists);
}
