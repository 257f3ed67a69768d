using System.Runtime.InteropServices;

namespace Affekt.Torch.Native;

/// <summary>Finds libaffekt_torch, loads it once, and compares its versions with what is expected here.</summary>
internal static unsafe class NativeLoader
{
    private static readonly string _fileName = OperatingSystem.IsWindows() ? "affekt_torch.dll"
        : OperatingSystem.IsMacOS() ? "libaffekt_torch.dylib" : "libaffekt_torch.so";

    // Names a folder or a file; for a native part that was built elsewhere, say against another libtorch.
    private const string PathVariable = "AFFEKT_NATIVE";

    // Where .NET itself looks for the native parts of the packages that a program was built with.
    private const string PackageFolders = "NATIVE_DLL_SEARCH_DIRECTORIES";

    private static readonly Lazy<nint> _loaded = new(
        () => Load(Candidates(
            Environment.GetEnvironmentVariable(PathVariable), AppContext.BaseDirectory, AppContext.GetData(PackageFolders) as string)));

    /// <summary>The loaded library.</summary>
    /// <exception cref="TorchException">It was not found, could not be loaded, or does not fit.</exception>
    public static nint Library => _loaded.Value;

    /// <summary>
    /// Where to look, in order: what the variable names and nothing else, or beside the program and in the package that it was built
    /// with. Never in folders further up, where a file may be anybody's.
    /// </summary>
    internal static IReadOnlyList<string> Candidates(string? named, string baseDirectory, string? packages = null)
    {
        if (!string.IsNullOrEmpty(named))
            return [Directory.Exists(named) ? Path.Combine(named, _fileName) : named];
        return
        [
            .. new[] { baseDirectory }.Concat((packages ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                .Select(folder => Path.Combine(folder, _fileName)).Distinct(),
        ];
    }

    /// <summary>Loads the first candidate that can be loaded.</summary>
    internal static nint Load(IReadOnlyList<string> candidates)
    {
        List<string> tried = [];
        foreach (string candidate in candidates)
        {
            if (!File.Exists(candidate))
            {
                tried.Add($"{candidate}: no such file");
            }
            else if (TryLoad(candidate, tried) is { } library)
            {
                CheckVersions(library, candidate);
                return library;
            }
        }

        throw new TorchException(
            $"the native part {_fileName} could not be loaded. Tried:\n  {string.Join("\n  ", tried)}\n"
            + "Build it with `cmake -S native -B build/native && cmake --build build/native` in the repository and build the "
            + "program again, which puts it beside the program (`./affekt train` and what else needs it do both by themselves; it needs "
            + $"libtorch: `apt-get install libtorch-dev`), or name it in {PathVariable}.");
    }

    internal static void CheckAbi(string path, int found)
    {
        if (found != Interop.AbiVersion)
        {
            throw new TorchException(
                $"{path}: ABI version {found} found, {Interop.AbiVersion} expected; build the native part again");
        }
    }

    internal static void CheckLibtorch(string path, string built, string running)
    {
        if (MajorMinor(built) != MajorMinor(running))
        {
            throw new TorchException(
                $"{path} was built for libtorch {built}, and libtorch {running} was loaded; "
                + "build the native part again");
        }
    }

    private static nint? TryLoad(string path, List<string> tried)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            tried.Add($"{path}: {e.Message.Trim()}");
            return null;
        }
    }

    // Not through Interop: its first use is what got us here.
    private static void CheckVersions(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "att_abi_version", out nint abiVersion))
            throw new TorchException($"{path}: no att_abi_version in it; this is not the native part of Affekt");
        CheckAbi(path, ((delegate* unmanaged<int>)abiVersion)());

        var build = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "att_libtorch_build_version");
        var run = (delegate* unmanaged<byte*, int, NativeError*, int>)NativeLibrary.GetExport(
            library, "att_libtorch_run_version");
        byte* running = stackalloc byte[64];
        NativeError error;
        if (run(running, 64, &error) != 0)
            throw NativeError.ToException(error);
        CheckLibtorch(path, Marshal.PtrToStringUTF8((nint)build())!, Marshal.PtrToStringUTF8((nint)running)!);
    }

    private static string MajorMinor(string version) => string.Join('.', version.Split('.').Take(2));
}
