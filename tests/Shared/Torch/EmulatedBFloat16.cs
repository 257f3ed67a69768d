using Affekt.Torch.Layers;

namespace Affekt.Tests;

/// <summary>
/// Tests once more with a native part whose kernels for bfloat16 run on processors without its instructions: these are
/// put together from others, all else is what users run.
/// </summary>
internal static class EmulatedBFloat16
{
    private static readonly string _folder = TestPaths.InRepository("build/native/emulated_bfloat16");

    /// <summary>Whether this process runs with it.</summary>
    public static bool IsOn => Environment.GetEnvironmentVariable(TestProgram.NativeVariable) == _folder;

    /// <summary>Runs these classes of the calling test project with it, and fails where one of their tests does.</summary>
    public static async Task RunAsync(params Type[] classes)
    {
        Assert.SkipUnless(PackedKernels.Available, "this processor has no AVX-512 VNNI");
        (int exitCode, string output) = await TestProgram.RunAsync(
            _folder, [.. classes.SelectMany(one => (string[])["--filter-class", one.FullName!])]);
        Assert.True(exitCode == 0, output);
    }
}
