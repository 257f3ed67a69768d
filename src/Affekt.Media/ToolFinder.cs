namespace Affekt.Media;

/// <summary>Finds the programs.</summary>
internal static class ToolFinder
{
    public const string Advice = "ffmpeg's programs; on Debian and Ubuntu: apt-get install ffmpeg";

    /// <summary>The path that was given, or that of the first program of this name on PATH.</summary>
    /// <exception cref="MediaException">There is none.</exception>
    public static string Find(string name, string? given)
    {
        if (given is not null)
            return IsProgram(given) ? given : throw Missing(given, "no program that may be run");

        // Windows runs what ends so.
        string file = OperatingSystem.IsWindows() ? $"{name}.exe" : name;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(IsProgram)
            ?? throw Missing(file, "no such program on PATH");
    }

    private static bool IsProgram(string path)
    {
        const UnixFileMode MayRun = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & MayRun) != 0);
    }

    private static MediaException Missing(string tool, string found) =>
        new(MediaError.ToolMissing, tool, found, Advice);
}
