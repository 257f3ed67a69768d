using System.Diagnostics;
using Affekt.Media.Prestart;

namespace Affekt.Media;

/// <summary>A tool at work: its two outputs, and its end. Disposing of it closes its outputs, and does not end it.</summary>
internal abstract class ToolRun : IDisposable
{
    /// <summary>What it writes to standard output.</summary>
    public abstract Stream Output { get; }

    /// <summary>What it writes to standard error.</summary>
    public abstract StreamReader Errors { get; }

    /// <summary>How it ended, 128 and the signal's number where one ended it; known once it has.</summary>
    public abstract int ExitCode { get; }

    /// <summary>Starts a tool that reads nothing: from a copy that is loaded already, where there is one.</summary>
    /// <param name="tool">The program.</param>
    /// <param name="arguments">One string each; no shell sees them.</param>
    /// <exception cref="MediaException">It does not start.</exception>
    public static async Task<ToolRun> StartAsync(MediaTool tool, IEnumerable<string> arguments)
    {
        string[] own = tool.Translate(arguments);
        return await PrestartedTool.TryStartAsync(tool, own).ConfigureAwait(false) ?? new OfProcess(ToolProcess.Start(tool, own));
    }

    /// <summary>Ends it with all of its children, where it has not ended by itself.</summary>
    public abstract void Kill();

    /// <summary>Waits until it has ended.</summary>
    public abstract Task WaitForExitAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class OfProcess(Process process) : ToolRun
    {
        public override Stream Output => process.StandardOutput.BaseStream;

        public override StreamReader Errors => process.StandardError;

        public override int ExitCode => process.ExitCode;

        public override void Kill() => ToolProcess.Kill(process);

        public override Task WaitForExitAsync(CancellationToken cancellation) => process.WaitForExitAsync(cancellation);

        public override void Dispose() => process.Dispose();
    }
}
