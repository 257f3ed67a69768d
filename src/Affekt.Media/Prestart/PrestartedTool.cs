using System.Collections.Concurrent;

namespace Affekt.Media.Prestart;

/// <summary>
/// A program of which a loaded copy waits for work, as long as this process lives. That saves most of a start; wherever it
/// is unavailable, tools start as usual and nobody is told.
/// </summary>
internal sealed class PrestartedTool
{
    // A process that reads one clip is done before a copy of its own would be loaded.
    private const int UsesBefore = 2;
    private const int MostStarts = 3;

    private static readonly ConcurrentDictionary<string, PrestartedTool> _tools = new();
    private static readonly Lazy<string?> _library = new(FindLibrary);

    private readonly Lock _lock = new();
    private readonly string _program;
    private Task<PrestartServer?>? _server;
    private int _uses;
    private int _starts;

    private PrestartedTool(string program) => _program = program;

    /// <summary>Has a copy of the program loaded in the background.</summary>
    public static void Begin(MediaTool tool) => Of(tool)?.Begin();

    /// <summary>Runs the program from the copy that waits; null where there is none.</summary>
    public static async Task<ToolRun?> TryStartAsync(MediaTool tool, string[] arguments) =>
        Of(tool) is { } own ? await own.TryStartAsync(arguments).ConfigureAwait(false) : null;

    /// <summary>Waits until the copy of a program is loaded, for tests; null where it is unavailable.</summary>
    internal static async Task<PrestartServer?> WaitAsync(MediaTool tool)
    {
        Begin(tool);
        return Of(tool)?._server is { } server ? await server.ConfigureAwait(false) : null;
    }

    // In a sandbox each run has a memory layout of its own: what an untrusted file learns in one says nothing about the next.
    private static PrestartedTool? Of(MediaTool tool) => tool.Sandbox is null && _library.Value is not null
        ? _tools.GetOrAdd(Path.GetFullPath(tool.Path), program => new PrestartedTool(program))
        : null;

    private static string? FindLibrary()
    {
        // The two characters divide the names of libraries that are to be preloaded.
        string? library = OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian
            ? NativePart.Find(PrestartServer.LibraryName)
            : null;
        return library?.AsSpan().ContainsAny(' ', ':') == true ? null : library;
    }

    private void Begin()
    {
        lock (_lock)
        {
            if (_server is not null || _starts == MostStarts)
                return;
            _starts++;
            _server = Task.Run(() => PrestartServer.StartAsync(_program, _library.Value!));
        }
    }

    private async Task<ToolRun?> TryStartAsync(string[] arguments)
    {
        if (Interlocked.Increment(ref _uses) > UsesBefore)
            Begin();

        // One that is still loading is not waited for.
        Task<PrestartServer?>? current = _server;
        if (current is not { IsCompletedSuccessfully: true, Result: { } server })
            return null;
        ToolRun? run = await server.TryRunAsync(arguments).ConfigureAwait(false);

        // One run that cannot be started is no reason to end those beside it.
        if (run is null && !server.IsUsable)
            Drop(current, server);
        return run;
    }

    private void Drop(Task<PrestartServer?> gone, PrestartServer server)
    {
        lock (_lock)
        {
            if (_server != gone)
                return;
            _server = null;
        }

        server.Retire();
    }
}
