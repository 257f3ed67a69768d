namespace Affekt.Media;

/// <summary>What can be said about a file before any tool sees it.</summary>
internal static class MediaFile
{
    public const string Expected = "a sound, video or picture file";

    /// <summary>
    /// As <see cref="Check"/>, and waits only so long: on a disk that does not answer even to ask whether a file is there takes for ever.
    /// </summary>
    public static async Task<string> CheckAsync(string file, TimeSpan patience, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return await Task.Run(() => Check(file), CancellationToken.None).WaitAsync(patience, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException cause)
        {
            throw new MediaException(
                MediaError.TimedOut, file, FormattableString.Invariant($"a disk that did not answer for {patience.TotalSeconds:0.###} s"),
                "it to answer sooner (see MediaToolsOptions.Timeout)", cause);
        }
    }

    /// <summary>The full path of a file that is there, holds bytes and may be read.</summary>
    /// <exception cref="MediaException">It is not.</exception>
    public static string Check(string file)
    {
        try
        {
            string path = Path.GetFullPath(file);
            if (File.GetAttributes(path).HasFlag(FileAttributes.Directory))
                throw new MediaException(MediaError.NotMedia, file, "a folder", Expected);

            // Before the file is opened: to open a named pipe would wait for its writer for ever. Its length is 0.
            if (new FileInfo(path).Length == 0)
                throw new MediaException(MediaError.Empty, file, "no bytes", $"{Expected}; of a pipe, what comes from it saved as one");

            File.OpenHandle(path).Dispose();
            return path;
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new MediaException(MediaError.Denied, file, "a file without read permission", Expected, cause);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            throw new MediaException(MediaError.NotFound, file, "no such file", Expected, cause);
        }
        catch (IOException cause)
        {
            throw new MediaException(MediaError.Denied, file, cause.Message, Expected, cause);
        }
    }
}
