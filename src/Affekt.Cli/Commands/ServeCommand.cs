using System.CommandLine;
using System.Runtime.InteropServices;

namespace Affekt.Cli.Commands;

/// <summary>affekt serve: becomes the server, which is a program of its own.</summary>
internal static partial class ServeCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "serve";

    private const string Program = "affekt-server";

    /// <summary>The command for the list of commands; its options are the server's, and are read there.</summary>
    public static Command Create() => new(Name, "Serves recognition over HTTP and WebSocket, with a page to do it with; see serve --help.")
    {
        TreatUnmatchedTokensAsErrors = false,
    };

    /// <summary>Becomes the server: it has this process's number, terminal and signals. Returns only where that fails.</summary>
    /// <param name="arguments">The server's own.</param>
    /// <exception cref="CommandException">The server was not built, or does not start.</exception>
    public static int Run(IEnumerable<string> arguments)
    {
        if (OperatingSystem.IsWindows())
            throw new CommandException($"serve needs a Unix system; start {Program} itself here");
        string program = ShippedFiles.Find(Path.Combine("server", Program))
            ?? ShippedFiles.Find(Path.Combine("build", "server", Program))
            ?? throw new CommandException($"no server: there is no server/{Program} beside the program; ./affekt builds it");
        string?[] words = [program, .. arguments, null];
        Execute(program, words);
        throw new CommandException($"{program} does not start: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
