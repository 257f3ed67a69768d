using System.Diagnostics;
using Affekt.Torch.Layers;

namespace Affekt.Tests;

/// <summary>
/// Tests once more with a native part whose kernels for bfloat16 run on processors without its instructions: these are
/// put together from others, all else is what users run.
/// </summary>
internal static class EmulatedBFloat16
{
    private const string Variable = "AFFEKT_NATIVE";

    private static readonly string _folder = TestPaths.InRepository("build/native/emulated_bfloat16");

    /// <summary>Whether this process runs with it.</summary>
    public static bool IsOn => Environment.GetEnvironmentVariable(Variable) == _folder;

    /// <summary>Runs these classes of the calling test project with it, and fails where one of their tests does.</summary>
    public static async Task RunAsync(params Type[] classes)
    {
        Assert.SkipUnless(PackedKernels.Available, "this processor has no AVX-512 VNNI");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            ArgumentList = { "--no-ansi", "--progress", "off" },
            Environment = { [Variable] = _folder },
            RedirectStandardOutput = true,
        };
        foreach (Type one in classes)
        {
            start.ArgumentList.Add("--filter-class");
            start.ArgumentList.Add(one.FullName!);
        }

        using Process tests = Process.Start(start)!;
        string output = await tests.StandardOutput.ReadToEndAsync(cancellation);
        await tests.WaitForExitAsync(cancellation);
        Assert.True(tests.ExitCode == 0, output); // a class without tests exits with another code too
    }
}
