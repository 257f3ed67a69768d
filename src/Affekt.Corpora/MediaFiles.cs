namespace Affekt.Corpora;

/// <summary>Finds the media files of corpora whose file names carry the labels.</summary>
internal static class MediaFiles
{
    private static readonly HashSet<string> _extensions = new(
        [".flac", ".wav", ".mp3", ".m4a", ".ogg", ".opus", ".mp4", ".mov", ".avi", ".mkv", ".webm", ".flv", ".mpg", ".wmv"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> _films = new(
        [".mp4", ".mov", ".avi", ".mkv", ".webm", ".flv", ".mpg", ".wmv"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All media files under a folder, at any depth, in ordinal order of their full paths.</summary>
    /// <exception cref="CorpusException">The folder is missing or cannot be read.</exception>
    public static IReadOnlyList<string> Under(string root)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(Path.GetFullPath(root), "*", SearchOption.AllDirectories)
                    .Where(path => _extensions.Contains(Path.GetExtension(path)) && !IsLitter(Path.GetRelativePath(root, path)))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CorpusException(error.Message, "a readable folder", root, cause: error);
        }
    }

    /// <summary>How much a take is preferred to others of the same performance: 0 for films, 1 for sound as recorded, 2 for the rest.</summary>
    public static int Rank(string path) => _films.Contains(Path.GetExtension(path)) ? 0
        : Path.GetExtension(path).ToLowerInvariant() is ".wav" or ".flac" ? 1
        : 2;

    /// <summary>The first of some files that is there; null where none is.</summary>
    public static string? FirstOf(params IEnumerable<string> paths) => paths.FirstOrDefault(File.Exists);

    /// <summary>
    /// Whether a file is one that systems and editors leave beside others and that nobody put there: in a folder __MACOSX, or
    /// in one or of a name that begins with a dot ("._face.jpg", ".ipynb_checkpoints").
    /// </summary>
    /// <param name="name">The path below the corpus's folder or archive.</param>
    public static bool IsLitter(string name) => name.Split('/', Path.DirectorySeparatorChar)
        .Any(part => part == "__MACOSX" || (part.StartsWith('.') && part is not ("." or "..")));
}
