using System.IO.Pipes;
using System.Net.Sockets;

namespace Affekt.Media.Prestart;

/// <summary>A run of a preloaded program.</summary>
internal sealed class PrestartedRun : ToolRun
{
    // SIGKILL's number above 128: what a server that is gone leaves is killed by the kernel.
    private const int Killed = 137;

    private readonly Socket _control;
    private readonly AnonymousPipeServerStream _output;
    private readonly StreamReader _errors;
    private readonly Task<int> _end;

    /// <summary>A run that has begun.</summary>
    /// <param name="control">The connection that tells its end; disposed of with this, as are both streams.</param>
    /// <param name="output">Its standard output.</param>
    /// <param name="errors">Its standard error.</param>
    public PrestartedRun(Socket control, AnonymousPipeServerStream output, AnonymousPipeServerStream errors)
    {
        (_control, _output, _errors) = (control, output, new StreamReader(errors));
        _end = EndAsync();
    }

    /// <inheritdoc/>
    public override Stream Output => _output;

    /// <inheritdoc/>
    public override StreamReader Errors => _errors;

    /// <inheritdoc/>
    public override int ExitCode => _end.Result;

    /// <summary>Done when it has ended.</summary>
    public Task Ended => _end;

    /// <summary>The next number of a server's answer; null where it says no more.</summary>
    public static async Task<int?> ReadNumberAsync(Socket control, CancellationToken cancellation)
    {
        byte[] number = new byte[sizeof(int)];
        int length = 0;
        try
        {
            while (length < number.Length)
            {
                int read = await control.ReceiveAsync(number.AsMemory(length), cancellation).ConfigureAwait(false);
                if (read == 0)
                    return null;
                length += read;
            }
        }
        catch (SocketException)
        {
            return null;
        }

        return BitConverter.ToInt32(number);
    }

    /// <inheritdoc/>
    public override void Kill()
    {
        try
        {
            _control.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server is gone already, and it with the server.
        }
    }

    /// <inheritdoc/>
    public override Task WaitForExitAsync(CancellationToken cancellation) => _end.WaitAsync(cancellation);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _control.Dispose();
        _output.Dispose();
        _errors.Dispose();
    }

    private async Task<int> EndAsync() => await ReadNumberAsync(_control, CancellationToken.None).ConfigureAwait(false) ?? Killed;
}
