using System.Runtime.InteropServices;
using Affekt.Torch;

namespace Affekt.Tests;

/// <summary>
/// An accelerator that exists nowhere and computes on the processor: tensors lie on it or on the processor, and operators
/// refuse a mixture as they do with CUDA. native/fake_device makes it.
/// </summary>
internal static class FakeDevice
{
    private const string FileName = "libaffekt_fake_device.so";

    private static readonly Lazy<Device> _device = new(Load);

    /// <summary>The device, which the first use makes.</summary>
    /// <exception cref="InvalidOperationException">Its library was not built.</exception>
    public static Device Device => _device.Value;

    private static Device Load()
    {
        // It belongs to the very libtorch that the native part has loaded.
        _ = TorchRuntime.Version;
        string path = Folders().Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"{FileName} was not built: `./affekt test` does so, and so does "
                + "`cmake -S native -B build/native -DAFFEKT_FAKE_DEVICE=ON && cmake --build build/native`");
        NativeLibrary.Load(path);
        return new Device("xpu", 0);
    }

    // Where the native part is looked for.
    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable(TestProgram.NativeVariable) is { Length: > 0 } named)
            return [Directory.Exists(named) ? named : Path.GetDirectoryName(Path.GetFullPath(named))!];
        return [AppContext.BaseDirectory, TestPaths.InRepository("build/native")];
    }
}
