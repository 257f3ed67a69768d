using System.Text;

namespace Affekt.Cli.Recognitions;

/// <summary>Writes a file so that a reader finds the old one or the new one, never a part.</summary>
internal static class WholeFile
{
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
