using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Affekt.Media;

/// <summary>How a tool ended.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Errors">The last of what it wrote to standard error.</param>
internal sealed record ToolResult(int ExitCode, string Errors);

/// <summary>One run of ffmpeg or ffprobe: both pipes drained, the whole process tree ended whatever happens.</summary>
internal static class ToolProcess
{
    private const int ErrorTailLength = 4096;

    // A killed tool ends at once, unless the kernel waits for a disk or a server that does not answer; it is left to itself then.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);

    /// <summary>Runs the tool, hands its standard output to a reader, and waits for its end.</summary>
    /// <param name="tool">The program.</param>
    /// <param name="file">The media file, for errors.</param>
    /// <param name="arguments">One string each; no shell sees them.</param>
    /// <param name="timeout">It is killed when nothing more came from it for so long.</param>
    /// <param name="readOutput">Reads until it has enough or meets the end; what it throws ends the tool.</param>
    /// <param name="cancellation">Kills the tool.</param>
    public static async Task<ToolResult> RunAsync(
        MediaTool tool,
        string file,
        IEnumerable<string> arguments,
        TimeSpan timeout,
        Func<Stream, Task> readOutput,
        CancellationToken cancellation)
    {
        bool adapted = tool.IsOlder;
        cancellation.ThrowIfCancellationRequested();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using CancellationTokenSource abandoned = new();
        using ToolRun run = await ToolRun.StartAsync(tool, arguments).ConfigureAwait(false);
        Task<string> errors = ReadTailAsync(run.Errors);
        try
        {
            // Reads on a pipe cannot be canceled, but killing the writer ends them.
            using CancellationTokenRegistration kill = limit.Token.Register(() =>
            {
                run.Kill();
                abandoned.CancelAfter(_grace);
            });
            await readOutput(new PatientStream(run.Output, timeout, limit)).WaitAsync(abandoned.Token).ConfigureAwait(false);

            // A tool that has more to say than was asked for meets a closed pipe, and ends.
            run.Output.Close();
            limit.CancelAfter(timeout);
            await run.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Told apart below, with the case that the killed tool's pipe ended first.
        }
        finally
        {
            run.Kill();
            abandoned.CancelAfter(_grace);
            Task end = Task.WhenAll(run.WaitForExitAsync(abandoned.Token), errors);
            await end.WaitAsync(abandoned.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ = end.ContinueWith(left => left.Exception, TaskScheduler.Default);
        }

        cancellation.ThrowIfCancellationRequested();
        if (limit.IsCancellationRequested)
        {
            throw new MediaException(
                MediaError.TimedOut,
                file,
                FormattableString.Invariant($"{tool.Name} still at work after {timeout.TotalSeconds:0.###} s without a sign of it"),
                "it to be done by then (see MediaToolsOptions.Timeout)");
        }

        if (!errors.IsCompletedSuccessfully)
            throw new MediaException(MediaError.ToolFailed, file, $"{tool.Name} that does not end", "it to end once it is killed");
        return !adapted && tool.TryAdapt(errors.Result)
            ? await RunAsync(tool, file, arguments, timeout, readOutput, cancellation).ConfigureAwait(false)
            : new ToolResult(run.ExitCode, errors.Result);
    }

    /// <summary>Starts a tool as a process of its own, all three pipes its own.</summary>
    /// <param name="tool">The program.</param>
    /// <param name="arguments">One string each; no shell sees them.</param>
    /// <param name="keepInput">Whether standard input stays open, for a tool that reads from it.</param>
    public static Process Start(MediaTool tool, IEnumerable<string> arguments, bool keepInput = false)
    {
        try
        {
            Process process = Process.Start(tool.ToStart(arguments))!;
            if (!keepInput)
                process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception cause)
        {
            throw new MediaException(
                MediaError.ToolMissing, tool.Path, $"a program that does not start ({cause.Message})", ToolFinder.Advice, cause);
        }
    }

    /// <summary>Ends a tool with all of its children, where it has not ended by itself.</summary>
    public static void Kill(Process process)
    {
        try
        {
            // The sandbox alone has children, and is Linux's. Wine's processes cannot be looked through.
            process.Kill(entireProcessTree: !OperatingSystem.IsWindows());
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It, or a child of it, ended by itself in this moment.
        }
    }

    /// <summary>Reads a tool's standard error to its end, and gives the last of it.</summary>
    public static async Task<string> ReadTailAsync(StreamReader reader)
    {
        StringBuilder tail = new();
        char[] buffer = new char[ErrorTailLength];
        int read;
        while ((read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            tail.Append(buffer, 0, read);
            tail.Remove(0, Math.Max(0, tail.Length - ErrorTailLength));
        }

        return tail.ToString();
    }
}
