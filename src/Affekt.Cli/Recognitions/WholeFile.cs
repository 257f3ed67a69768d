using System.Text;

namespace Affekt.Cli.Recognitions;

/// <summary>Writes a file so that a reader finds the old one or the new one, never a part.</summary>
internal static class WholeFile
{
    /// <summary>Makes a folder, and sees that files can be written there, before they have cost anything.</summary>
    /// <exception cref="CommandException">They cannot.</exception>
    public static void Check(string folder)
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
            throw new CommandException($"--out: {folder}: results cannot be written there: {exception.Message}");
        }
    }

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
        finally
        {
            File.Delete(temporary);
        }
    }
}
