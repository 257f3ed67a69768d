using Affekt.Media;

namespace Affekt.Server.Hosting;

/// <summary>Where the server finds what comes with it, and keeps what is its own.</summary>
internal static class ServerFolders
{
    /// <summary>bundles/starter beside the program or above it.</summary>
    /// <exception cref="ServerOptionsException">There is none.</exception>
    public static string DefaultBundle() => Above(Path.Combine("bundles", "starter"))
        ?? throw new ServerOptionsException(
            "no bundle: there is no bundles/starter beside the program or above it; name one with --bundle");

    /// <summary>
    /// The user's folder for it: XDG_STATE_HOME/affekt/server, else ~/.local/state/affekt/server; under Windows
    /// %LOCALAPPDATA%\Affekt\Server.
    /// </summary>
    /// <exception cref="ServerOptionsException">The user has no home folder.</exception>
    public static string DefaultData()
    {
        if (OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("LOCALAPPDATA") is { Length: > 0 } local)
            return Path.Combine(local, "Affekt", "Server");

        // The XDG specification has relative paths ignored.
        if (Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { } state && Path.IsPathRooted(state))
            return Path.Combine(state, "affekt", "server");
        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home
            ? Path.Combine(home, ".local", "state", "affekt", "server")
            : throw new ServerOptionsException("no folder for jobs and uploads: name one with --data");
    }

    /// <summary>The program that decoders run in, which lies by the native part; null where it was not built.</summary>
    public static string? Sandbox() => ToolSandbox.FindProgram();

    private static string? Above(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, path);
            if (Path.Exists(candidate))
                return candidate;
        }

        return null;
    }
}
