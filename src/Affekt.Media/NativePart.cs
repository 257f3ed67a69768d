namespace Affekt.Media;

/// <summary>Finds what the build of the native part makes for this layer.</summary>
internal static class NativePart
{
    /// <summary>
    /// Path of a file that lies by the native part: where AFFEKT_NATIVE names it, else beside the program or in the repository
    /// that the program lies in. Null where it was not built.
    /// </summary>
    public static string? Find(string file)
    {
        if (Environment.GetEnvironmentVariable("AFFEKT_NATIVE") is { Length: > 0 } named)
        {
            string folder = Directory.Exists(named) ? named : Path.GetDirectoryName(Path.GetFullPath(named))!;
            string candidate = Path.Combine(folder, file);
            return File.Exists(candidate) ? candidate : null;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string[] candidates = [Path.Combine(folder.FullName, file), Path.Combine(folder.FullName, "build", "native", file)];
            if (candidates.FirstOrDefault(File.Exists) is { } found)
                return found;
        }

        return null;
    }
}
