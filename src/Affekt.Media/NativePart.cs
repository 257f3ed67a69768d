namespace Affekt.Media;

/// <summary>Finds what the build of the native part makes for this layer.</summary>
internal static class NativePart
{
    // Where .NET itself looks for the native parts of the packages that a program was built with.
    private const string PackageFolders = "NATIVE_DLL_SEARCH_DIRECTORIES";

    /// <summary>
    /// Path of a file of the native part: where AFFEKT_NATIVE names its folder, or a file in it, else beside the program or in the
    /// package that the program was built with, and nowhere else: in a folder further up the file may be anybody's. Null where it is
    /// not there.
    /// </summary>
    public static string? Find(string file) => Find(
        file, Environment.GetEnvironmentVariable("AFFEKT_NATIVE"), AppContext.BaseDirectory, AppContext.GetData(PackageFolders) as string);

    /// <summary>The same, for tests.</summary>
    internal static string? Find(string file, string? named, string program, string? packages)
    {
        IEnumerable<string> folders = string.IsNullOrEmpty(named)
            ? [program, .. (packages ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)]
            : [Directory.Exists(named) ? named : Path.GetDirectoryName(Path.GetFullPath(named))!];
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}
