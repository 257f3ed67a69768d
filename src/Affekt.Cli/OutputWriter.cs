using System.Runtime.InteropServices;
using System.Text;

namespace Affekt.Cli;

/// <summary>
/// The output of a command, which notices on writing that the program that read it has ended, as head does after its lines: .NET
/// leaves out what nobody reads, and a command would go on for hours.
/// </summary>
/// <param name="inner">Where it goes.</param>
/// <param name="descriptor">The descriptor behind it.</param>
internal sealed partial class OutputWriter(TextWriter inner, int descriptor) : TextWriter
{
    // poll(2): POLLERR, which a pipe without a reader gives.
    private const short WithoutReader = 8;

    private readonly CancellationTokenSource _unread = new();

    /// <summary>Canceled once something was written that nobody reads.</summary>
    public CancellationToken Unread => _unread.Token;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write(value.ToString());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + NewLine);

    /// <inheritdoc/>
    public override void Write(string? value)
    {
        inner.Write(value);
        if (!_unread.IsCancellationRequested && HasNoReader())
            _ = _unread.CancelAsync();
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _unread.Dispose();
        base.Dispose(disposing);
    }

    private bool HasNoReader()
    {
        try
        {
            Polled one = new() { Descriptor = descriptor };
            return OperatingSystem.IsLinux() && Poll(ref one, 1, 0) == 1 && (one.Found & WithoutReader) != 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref Polled first, nuint count, int milliseconds);

    // A pollfd of Linux.
    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int Descriptor;
        public short Asked;
        public short Found;
    }
}
