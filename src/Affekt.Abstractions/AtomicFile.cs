namespace Affekt;

/// <summary>Writes a file so that a reader, after a crash too, finds the old one or the new one, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Whether a path is a device or an open pipe, which can be written but not replaced.</summary>
    public static bool IsDevice(string path) => Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal);

    /// <summary>Replaces a file by one with this text, in UTF-8.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Replaces a file once all of the new one is on the disk. Missing folders are made.</summary>
    /// <param name="path">The file. Of a symbolic link the file that it leads to is replaced; a device is written as it is.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written; the message names the file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path), temporary = full;
        try
        {
            if (IsDevice(path))
            {
                using FileStream device = new(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                write(device);
                return;
            }

            if (new FileInfo(full).LinkTarget is not null)
                full = File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
            string folder = Path.GetDirectoryName(full)!;
            Directory.CreateDirectory(folder);

            // Of a name of its own: one made of the file's could be too long, though the file's is not.
            temporary = Path.Combine(folder, $".affekt-{Guid.NewGuid():N}.tmp");
            try
            {
                using (FileStream file = File.Create(temporary))
                {
                    write(file);
                    file.Flush(flushToDisk: true);
                }

                File.Move(temporary, full, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(exception.Message.Replace(temporary, path, StringComparison.Ordinal), exception);
        }
    }
}
