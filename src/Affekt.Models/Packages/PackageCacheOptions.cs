namespace Affekt.Models.Packages;

/// <summary>Where fetched weights are kept, and how they are fetched.</summary>
public sealed record PackageCacheOptions
{
    /// <summary>The cache's folder; made when something is fetched.</summary>
    public required string Root { get; init; }

    /// <summary>
    /// A folder of tarballs, named as <c>npm pack</c> names them, that is looked at before npm's registry is asked: for
    /// machines that do not reach one. It need not exist.
    /// </summary>
    public required string PackagesFolder { get; init; }

    /// <summary>
    /// A folder in the cache's layout that is looked at first and never written: published weights that a package put beside the program.
    /// Null, the default, for none.
    /// </summary>
    public string? Beside { get; init; }

    // npm's settings are read through it.
    internal Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    internal Func<TimeSpan, CancellationToken, Task> Pause { get; init; } = Task.Delay;

    /// <summary>
    /// The user's cache: AFFEKT_CACHE, else XDG_CACHE_HOME/affekt, else ~/.cache/affekt (under Windows
    /// %LOCALAPPDATA%\Affekt\Cache, under macOS ~/Library/Caches/affekt); tarballs are looked for in AFFEKT_PACKAGES, else in the
    /// cache's folder "packages".
    /// </summary>
    /// <param name="variable">Reads an environment variable; the process's own environment when null.</param>
    /// <exception cref="WeightsException">None of these variables is set, and the user has no home folder.</exception>
    public static PackageCacheOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        string root = Path.GetFullPath(Set("AFFEKT_CACHE") ?? UserCache());
        string packages = Path.GetFullPath(Set("AFFEKT_PACKAGES") ?? Path.Combine(root, "packages"));
        return new PackageCacheOptions { Root = root, PackagesFolder = packages, Beside = ProgramFolder.Find("weights"), Variable = variable };

        string? Set(string name) => variable(name) is { Length: > 0 } value ? value : null;

        // The XDG specification has relative paths ignored.
        string UserCache() =>
            OperatingSystem.IsWindows() && Set("LOCALAPPDATA") is { } local ? Path.Combine(local, "Affekt", "Cache")
            : Set("XDG_CACHE_HOME") is { } cache && Path.IsPathRooted(cache) ? Path.Combine(cache, "affekt")
            : Set("HOME") is { } home ? Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache", "affekt")
            : throw new WeightsException("no folder for fetched weights: set AFFEKT_CACHE to one, or HOME");
    }
}
