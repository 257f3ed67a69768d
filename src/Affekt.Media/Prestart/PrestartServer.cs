using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;

namespace Affekt.Media.Prestart;

/// <summary>
/// A program held back before its main, which is forked for each run; native/affekt_prestart is its other half, and says how they
/// talk. It ends with this process, however that ends.
/// </summary>
internal sealed class PrestartServer : IDisposable
{
    /// <summary>The library that holds a program back.</summary>
    public const string LibraryName = "libaffekt_prestart.so";

    private const string Ready = "affekt-prestart 1";
    private const string SocketName = "socket";

    // A program that the library has no hold on, being linked statically, says this and ends.
    private const string Harmless = "-version";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _moment = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly Process _process;
    private readonly Lock _lock = new();
    private int _running;
    private bool _isRetired;

    private PrestartServer(string folder, Process process) => (_folder, _process) = (folder, process);

    /// <summary>The waiting process's number, for tests.</summary>
    internal int ProcessId => _process.Id;

    /// <summary>The folder of its socket, for tests.</summary>
    internal string Folder => _folder;

    /// <summary>Loads a program; null where that cannot be done.</summary>
    public static async Task<PrestartServer?> StartAsync(string program, string library)
    {
        PrestartServer? server = null;
        try
        {
            if (!IsBinary(program))
                return null;

            // Only its owner can enter it.
            string folder = Directory.CreateTempSubdirectory("affekt-prestart-").FullName;
            server = new PrestartServer(folder, new Process { StartInfo = ToStart(program, library, Path.Combine(folder, SocketName)) });
            using CancellationTokenSource limit = new(_patience);
            server._process.Start();
            Task errors = server._process.StandardError.ReadToEndAsync(limit.Token);
            if (await server._process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false) == Ready)
            {
                await errors.ConfigureAwait(false);
                server._process.StandardOutput.Close();
                server._process.StandardError.Close();
                return server;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception or OperationCanceledException)
        {
            // Without it, tools start as they always do.
        }

        server?.Dispose();
        return null;
    }

    /// <summary>Whether it answers: it has not ended, and was not too slow to answer.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>
    /// Runs the program; null where that cannot be done, once, as when the system has no room for another process, or ever again:
    /// <see cref="IsUsable"/> tells.
    /// </summary>
    public async Task<ToolRun?> TryRunAsync(string[] arguments)
    {
        AnonymousPipeServerStream? output = null, errors = null;
        Socket? control = null;
        try
        {
            (output, errors) = (new AnonymousPipeServerStream(PipeDirection.In), new AnonymousPipeServerStream(PipeDirection.In));
            control = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            control.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, SocketName)));
            if (DescriptorMessage.Send(control, ToRequest(arguments), output.ClientSafePipeHandle, errors.ClientSafePipeHandle))
            {
                // The writing ends must be the program's alone, for its end to be seen.
                output.DisposeLocalCopyOfClientHandle();
                errors.DisposeLocalCopyOfClientHandle();
                using CancellationTokenSource limit = new(_patience);
                if (await PrestartedRun.ReadNumberAsync(control, limit.Token).ConfigureAwait(false) is not null)
                    return Running(new PrestartedRun(control, output, errors));
            }
        }
        catch (OperationCanceledException)
        {
            IsUsable = false;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Nobody listens any more, though the process may still be about to end.
            IsUsable = false;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // No file or process is available, or the server is gone: distinguished below.
        }

        IsUsable &= !await HasEndedAsync().ConfigureAwait(false);
        control?.Dispose();
        output?.Dispose();
        errors?.Dispose();
        return null;
    }

    /// <summary>Ends it once nothing that it started runs any more.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            _isRetired = true;
            if (_running > 0 && !HasEnded)
                return;
        }

        Dispose();
    }

    /// <summary>Ends it, with what still runs.</summary>
    public void Dispose()
    {
        try
        {
            ToolProcess.Kill(_process);
            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // It was deleted by the server.
        }
    }

    private bool HasEnded
    {
        get
        {
            try
            {
                return _process.HasExited;
            }
            catch (InvalidOperationException)
            {
                // It was disposed of.
                return true;
            }
        }
    }

    // One that closes a connection without a word may be about to end.
    private async Task<bool> HasEndedAsync()
    {
        try
        {
            using CancellationTokenSource limit = new(_moment);
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private PrestartedRun Running(PrestartedRun run)
    {
        lock (_lock)
            _running++;
        run.Ended.ContinueWith(_ => Leave(), TaskScheduler.Default);
        return run;
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_running > 0 || !_isRetired)
                return;
        }

        Dispose();
    }

    private static bool IsBinary(string program)
    {
        // A script's interpreter is held back just as well, and would take a request for one of its own.
        byte[] head = new byte[4];
        using FileStream file = File.OpenRead(program);
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.AsSpan().SequenceEqual("\u007FELF"u8);
    }

    private static ProcessStartInfo ToStart(string program, string library, string socket)
    {
        ProcessStartInfo start = new MediaTool(program, null).ToStart([Harmless]);
        string? others = Environment.GetEnvironmentVariable("LD_PRELOAD");
        start.Environment["LD_PRELOAD"] = string.IsNullOrEmpty(others) ? library : $"{library}:{others}";
        start.Environment["AFFEKT_PRESTART"] = socket;

        // All the work of loading is to be done once. A fork takes no threads along, and OpenBLAS starts some.
        start.Environment["LD_BIND_NOW"] = "1";
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        return start;
    }

    private static byte[] ToRequest(string[] arguments)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(arguments.Select(argument => argument + '\0')));
        byte[] request = new byte[sizeof(int) + text.Length];
        BinaryPrimitives.WriteInt32LittleEndian(request, text.Length);
        text.CopyTo(request.AsSpan(sizeof(int)));
        return request;
    }
}
