using System.Text;

namespace Affekt.Cli.Recognitions;

/// <summary>Writes a file so that a reader finds the old one or the new one, never a part.</summary>
internal static class WholeFile
{
    /// <summary>Makes a folder, and sees that files can be written there, before they have cost anything.</summary>
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
        Check(option, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <exception cref="IOException">It cannot be written; the message names the file.</exception>
    public static void Write(string path, string text)
    {
        string full = Path.GetFullPath(path);

        // Of a name of its own: one made of the file's could be too long, though the file's is not.
        string temporary = Path.Combine(Path.GetDirectoryName(full)!, $".affekt-{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(exception.Message.Replace(temporary, path, StringComparison.Ordinal), exception);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
