using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Affekt.Media;

/// <summary>A program, and what it is kept in.</summary>
/// <param name="Path">Path of the program.</param>
/// <param name="Sandbox">What it is kept in; null to run it as it is.</param>
internal sealed record MediaTool(string Path, ToolSandbox? Sandbox)
{
    // Most of what a decoder waits for is the kernel, which hands out its memory page by page. In pages of 2 MB, and kept for
    // the next picture, that is an eighth of the work. One arena is enough for them; each takes 64 MB of address space.
    private const string HugePages = "glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=33554432"
        + ":glibc.malloc.top_pad=33554432:glibc.malloc.trim_threshold=1073741824";

    // Programs that were found to be older than ffmpeg 5.1, as those of Ubuntu 22.04 are: what they are asked for has other names.
    private static readonly ConcurrentDictionary<string, bool> _older = new();

    /// <summary>The program's name, for errors.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Whether it was found to be older; what it is asked has the older names then.</summary>
    public bool IsOlder => _older.ContainsKey(Path);

    /// <summary>
    /// Whether a run by today's names failed because the program is too old for them. From then on it <see cref="IsOlder"/>, so the run is
    /// worth another try.
    /// </summary>
    /// <param name="errors">What it wrote to standard error.</param>
    public bool TryAdapt(string errors) =>
        (errors.Contains($"Unrecognized option '{ToolArguments.FrameMode[1..]}'", StringComparison.Ordinal)
            || errors.Contains("No match for section 'stream_side_data'", StringComparison.Ordinal))
        && (_older[Path] = true);

    /// <summary>Arguments by the names that the program knows.</summary>
    /// <param name="arguments">One string each.</param>
    public string[] Translate(IEnumerable<string> arguments) => [.. IsOlder ? arguments.SelectMany(ToOlder) : arguments];

    // An old ffprobe tells of a picture's rotation with everything else of a stream, or not at all.
    private static string[] ToOlder(string argument) => argument switch
    {
        ToolArguments.FrameMode => ["-vsync"],
        _ when argument.EndsWith(ToolArguments.RotationEntry, StringComparison.Ordinal) => [argument[..^ToolArguments.RotationEntry.Length], "-show_streams"],
        _ => [argument],
    };

    /// <summary>How it is started.</summary>
    /// <param name="arguments">One string each; the one after -i names the only file that it may read in a sandbox.</param>
    public ProcessStartInfo ToStart(IEnumerable<string> arguments)
    {
        string[] own = Translate(arguments);
        ProcessStartInfo start = Sandbox is null ? new ProcessStartInfo(Path, own) : new ProcessStartInfo(Sandbox.Program, InSandbox(Sandbox, own));
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;

        // With FFREPORT set, ffmpeg would write a log file beside the user's media.
        start.Environment.Remove("FFREPORT");
        if (Sandbox is not null)
            KeepOnly(start, "PATH", "LD_LIBRARY_PATH");
        start.Environment.TryAdd("GLIBC_TUNABLES", HugePages);
        return start;
    }

    private string[] InSandbox(ToolSandbox sandbox, string[] own)
    {
        const string Named = "file:";
        string input = own[Array.IndexOf(own, "-i") + 1];

        // What comes through a pipe needs no file.
        string[] file = input.StartsWith(Named, StringComparison.Ordinal) ? ["--read", input[Named.Length..]] : [];
        string[] strict = sandbox.IsRequired ? ["--strict"] : [];
        double seconds = Math.Max(1, Math.Ceiling(sandbox.MaximumProcessorTime.TotalSeconds));
        return
        [
            "--memory", sandbox.MaximumMemory.ToString(CultureInfo.InvariantCulture),
            "--cpu", seconds.ToString(CultureInfo.InvariantCulture), .. strict, .. file, "--", System.IO.Path.GetFullPath(Path), .. own,
        ];
    }

    // A server's variables may hold keys.
    private static void KeepOnly(ProcessStartInfo start, params string[] names)
    {
        foreach (string name in start.Environment.Keys.Except(names).ToArray())
            start.Environment.Remove(name);
    }
}
