using System.Reflection;
using System.Runtime.InteropServices;

namespace Affekt.Torch.Native;

/// <summary>Finds libaffekt_torch, loads it once, and compares its versions with what this assembly was written for.</summary>
internal static unsafe class NativeLoader
{
    private const string FileName = "libaffekt_torch.so";

    // Names a folder or a file; for a native part that was built elsewhere, say against another libtorch.
    private const string PathVariable = "AFFEKT_NATIVE";

    private static readonly Lazy<nint> Loaded = new(FindAndLoad);

    public static void Load() => _ = Loaded.Value;

    private static nint FindAndLoad()
    {
        List<string> tried = [];
        foreach (string candidate in Candidates())
        {
            if (!File.Exists(candidate))
            {
                tried.Add($"{candidate}: no such file");
            }
            else if (TryLoad(candidate, tried) is { } library)
            {
                CheckVersions(library, candidate);
                NativeLibrary.SetDllImportResolver(
                    Assembly.GetExecutingAssembly(), (name, _, _) => name == Interop.Library ? library : 0);
                return library;
            }
        }

        throw new TorchException(
            $"the native part {FileName} could not be loaded. Tried:\n  {string.Join("\n  ", tried)}\n"
            + "Build it with `cmake -S native -B build/native && cmake --build build/native` in the repository (./affekt does "
            + $"so by itself; it needs libtorch: `apt-get install libtorch-dev`), or name it in {PathVariable}.");
    }

    private static nint? TryLoad(string path, List<string> tried)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException e)
        {
            tried.Add($"{path}: {e.Message.Trim()}");
            return null;
        }
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named)
        {
            yield return Directory.Exists(named) ? Path.Combine(named, FileName) : named;
            yield break;
        }

        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "native", "CMakeLists.txt")))
            {
                yield return Path.Combine(folder.FullName, "build", "native", FileName);
            }
        }
    }

    private static void CheckVersions(nint library, string path)
    {
        var abi = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "att_abi_version");
        int found = abi();
        if (found != Interop.AbiVersion)
        {
            throw new TorchException(
                $"{path}: ABI version {found} found, {Interop.AbiVersion} expected; build the native part again");
        }

        var build = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "att_libtorch_build_version");
        var run = (delegate* unmanaged<byte*, int, NativeError*, int>)NativeLibrary.GetExport(
            library, "att_libtorch_run_version");
        string built = Marshal.PtrToStringUTF8((nint)build())!;
        byte* text = stackalloc byte[64];
        NativeError error;
        // Not through Interop: its first use is what got us here.
        if (run(text, 64, &error) != 0)
            throw NativeError.ToException(error);
        string running = Marshal.PtrToStringUTF8((nint)text)!;
        if (MajorMinor(built) != MajorMinor(running))
        {
            throw new TorchException(
                $"{path} was built for libtorch {built}, and libtorch {running} was loaded; build the native part again");
        }
    }

    private static string MajorMinor(string version) => string.Join('.', version.Split('.').Take(2));
}
