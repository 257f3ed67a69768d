namespace Affekt.Cli.Recognitions;

/// <summary>Tells what fails as it happens, and counts.</summary>
internal sealed class Failures(Terminal terminal, ProgressLine progress)
{
    private readonly Lock _lock = new();

    public int Count { get; private set; }

    /// <summary>What the last one means as an exit code.</summary>
    public int Last { get; private set; } = ExitCode.Done;

    public void Add(Exception exception)
    {
        lock (_lock)
        {
            (Last, string message) = Failure.Of(exception);
            Count++;
            progress.Clear();
            terminal.Errors.WriteLine($"error: {message}");
        }
    }
}
