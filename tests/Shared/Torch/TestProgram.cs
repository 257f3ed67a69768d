using System.Diagnostics;

namespace Affekt.Tests;

/// <summary>The calling test project's own program, run again with another native part: a process loads only one.</summary>
internal static class TestProgram
{
    /// <summary>What names the native part.</summary>
    public const string NativeVariable = "AFFEKT_NATIVE";

    /// <summary>Runs it with the native part in <paramref name="native"/>.</summary>
    /// <returns>Its exit code, not 0 where a test failed or none ran, and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string native, params string[] arguments)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string program = typeof(TestProgram).Assembly.GetName().Name!;
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, program), [.. arguments, "--no-ansi", "--progress", "off"])
        {
            Environment = { [NativeVariable] = native },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(cancellation);
        string output = await child.StandardOutput.ReadToEndAsync(cancellation);
        await errors;
        await child.WaitForExitAsync(cancellation);
        return (child.ExitCode, output);
    }
}
