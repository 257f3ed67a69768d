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

    /// <summary>Sees that a file can be written, as <see cref="Check"/> does for those of a folder.</summary>
    /// <param name="option">What asks for it.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CommandException">It cannot.</exception>
    public static void CheckFile(string option, string path)
    {
        if (path.Length == 0 || Directory.Exists(path))
            throw new CommandException($"{option}: found {(path.Length == 0 ? "an empty name" : $"the folder {path}")}, expected a file's name", ExitCode.Unusable);
        if (!AtomicFile.IsDevice(path))
            Check(option, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
