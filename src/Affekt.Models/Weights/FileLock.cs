namespace Affekt.Models.Weights;

/// <summary>Locks between processes: an open file that nobody else may open.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the lock. It is held until the stream is disposed; the file stays.</summary>
    public static async Task<FileStream> HoldAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(Poll, cancellation);
            }
        }
    }
}
