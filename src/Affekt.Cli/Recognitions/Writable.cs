namespace Affekt.Cli.Recognitions;

/// <summary>Sees that results can be written, before they have cost anything.</summary>
internal static class Writable
{
    /// <summary>Makes a folder, and sees that files can be written there.</summary>
    /// <param name="option">What asks for it.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="CommandException">They cannot.</exception>
    public static void Check(string option, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using FileStream file = new(
                Path.Combine(folder, $".affekt-{Guid.NewGuid():N}.tmp"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.WriteByte(0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{option}: {folder}: results cannot be written there: {exception.Message}");
        }
    }

    /// <summary>Sees that a file can be written, as <see cref="Check"/> does for those of a folder, and that nothing is lost by it.</summary>
    /// <param name="option">What asks for it.</param>
    /// <param name="path">The file.</param>
    /// <param name="others">Files that are read or written as well.</param>
    /// <exception cref="CommandException">It cannot, or it is one of the others.</exception>
    public static void CheckFile(string option, string path, params IEnumerable<string?> others)
    {
        if (Directory.Exists(path))
            throw new CommandException($"{option}: found the folder {path}, expected a file's name", ExitCode.Unusable);
        if (AtomicFile.IsDevice(path))
            return;
        RequireOther(option, path, others);
        Check(option, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Sees that a file to write is none that is read or written as well.</summary>
    /// <inheritdoc cref="CheckFile"/>
    public static void RequireOther(string option, string path, IEnumerable<string?> others)
    {
        string place = Place(path);
        if (others.FirstOrDefault(other => !string.IsNullOrEmpty(other) && Place(other) == place) is { } same)
            throw new CommandException($"{option}: found {path}, which {(same == path ? "" : $"is {same} and ")}is read or written by this command too, expected another file", ExitCode.Unusable);
    }

    // Where a path leads, through the links of its folders.
    private static string Place(string path)
    {
        string full = Path.GetFullPath(path), place = Path.GetPathRoot(full)!;
        foreach (string part in full[place.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            place = Path.Combine(place, part);
            try
            {
                place = File.ResolveLinkTarget(place, returnFinalTarget: true)?.FullName ?? place;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A circle of links, or a folder that cannot be looked into: reading or writing tells.
            }
        }

        return place;
    }
}
