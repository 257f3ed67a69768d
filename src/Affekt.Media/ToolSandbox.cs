namespace Affekt.Media;

/// <summary>
/// What ffmpeg and ffprobe are kept in where the files come from strangers: they read the file at hand and the system's libraries,
/// write to nothing but their pipes, reach no network, and have only so much memory and processor time.
/// </summary>
public sealed record ToolSandbox
{
    /// <summary>Path of the program affekt-sandbox, which the native part's build makes; see <see cref="FindProgram"/>.</summary>
    public required string Program { get; init; }

    /// <summary>The most address space that one tool may have, in bytes. Default 3 GiB.</summary>
    public long MaximumMemory { get; init; } = 3L << 30;

    /// <summary>The most processor time that one tool may take; at least 1 s. Default 10 minutes.</summary>
    public TimeSpan MaximumProcessorTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether a tool that cannot be kept from everything does not run. Otherwise it runs with what the system has: an old kernel
    /// lacks Landlock, a strict container namespaces.
    /// </summary>
    public bool IsRequired { get; init; }

    /// <summary>Path of affekt-sandbox by the native part; null where it was not built.</summary>
    public static string? FindProgram() => NativePart.Find("affekt-sandbox");
}
