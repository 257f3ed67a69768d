using Affekt.Media;

namespace Affekt.Cli.Recognitions;

/// <summary>Tells what fails as it happens, and counts.</summary>
/// <param name="terminal">Where it is told.</param>
internal sealed class Failures(Terminal terminal)
{
    private readonly Lock _lock = new();

    /// <summary>The line that makes way for what is told; null where there is none.</summary>
    public ProgressLine? Progress { get; set; }

    public int Count { get; private set; }

    /// <summary>What the last one means as an exit code.</summary>
    public int Last { get; private set; } = ExitCode.Done;

    /// <summary>Whether an exception says something of one file, so that the others go on.</summary>
    public static bool IsOfOneItem(Exception exception) =>
        exception is not (OperationCanceledException or OutOfMemoryException or MediaException { Kind: MediaError.ToolMissing });

    /// <summary>The exception with the file's name where it does not tell it, as those of file systems do not.</summary>
    public static Exception Naming(string file, Exception exception) => exception is IOException or UnauthorizedAccessException
        ? new CommandException($"{file}: the result cannot be written: {exception.Message}")
        : exception;

    /// <summary>Tells what is wrong with an input under the name that the user calls it.</summary>
    public void Add(RecognitionInput input, Exception exception) => Add(
        exception is MediaException media && media.File == input.Request.File
            ? new MediaException(media.Kind, input.Name, media.Found, media.Expected, media)
            : exception);

    public void Add(Exception exception)
    {
        lock (_lock)
        {
            (Last, string message) = Failure.Of(exception);
            Count++;
            Progress?.Clear();
            terminal.Errors.WriteLine($"error: {message}");
        }
    }
}
