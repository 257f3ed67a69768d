namespace Affekt;

/// <summary>Locks between processes: an open file that nobody else may open.</summary>
internal static class FileLock
{
    // Of Windows: ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION, as HRESULTs.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);

    // EWOULDBLOCK, which .NET passes on as it is: 11 on Linux, 35 on macOS.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMacOS = 35;

    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the lock. It is held until the stream is disposed; the file stays.</summary>
    /// <exception cref="IOException">The file cannot be written: a read-only or full disk, say.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static async Task<FileStream> HoldAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                await Task.Delay(_poll, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The lock, or null where another has it. Its file goes when the stream is disposed of.</summary>
    /// <inheritdoc cref="HoldAsync"/>
    public static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            return null;
        }
    }

    private static bool IsHeldByAnother(IOException e) => e.HResult is SharingViolation or LockViolation
        || (OperatingSystem.IsLinux() && e.HResult == WouldBlockOnLinux)
        || (OperatingSystem.IsMacOS() && e.HResult == WouldBlockOnMacOS);
}
