namespace Affekt.Cli.Recognitions;

/// <summary>
/// Standard input as a file, for this user's eyes alone and as long as this lives: decoders look back and forth in what they read.
/// </summary>
internal sealed class StandardInput : IDisposable
{
    /// <summary>What stands for it among file names.</summary>
    public const string Name = "-";

    private readonly string _folder;

    private StandardInput(string folder) => _folder = folder;

    /// <summary>The file.</summary>
    public string File => Path.Combine(_folder, "standard-input");

    /// <summary>Reads it to its end.</summary>
    /// <exception cref="CommandException">It is a terminal or a folder, or there is no room for it.</exception>
    public static async Task<StandardInput> ReadAsync(CancellationToken cancellation)
    {
        if (!Console.IsInputRedirected)
            throw new CommandException($"{Name}: found a terminal, expected a file's content from another program", ExitCode.Unusable);
        StandardInput? read = null;
        try
        {
            read = new StandardInput(Directory.CreateTempSubdirectory("affekt-stdin-").FullName);
            await using Stream input = Console.OpenStandardInput();
            await using FileStream file = new(read.File, FileMode.CreateNew);

            // A read that waits for another program cannot be canceled.
            await input.CopyToAsync(file, cancellation).WaitAsync(cancellation);
            return read;
        }
        catch (Exception exception)
        {
            read?.Dispose();
            throw exception is IOException or UnauthorizedAccessException ? new CommandException($"{Name}: {exception.Message}") : exception;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
