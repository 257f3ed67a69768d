using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Affekt.Models.Hub;

/// <summary>Which hub is asked, and where its files are kept: the settings of Hugging Face's own tools.</summary>
public sealed record HubOptions
{
    /// <summary>The hub; a path in it is kept. Default: https://huggingface.co.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The cache's folder, which Hugging Face's own tools may share; made when something is fetched.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Sent to <see cref="Endpoint"/> and to no other host; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Whether only the cache may be used. Default: no.</summary>
    public bool Offline { get; init; }

    /// <summary>How long the hub may be silent, while connecting, answering or sending. Default: 30 seconds.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often something is tried, 1 or more; an attempt that received bytes restarts the count. Default: 5.
    /// </summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause after a first failure; each further one doubles it. Default: 1 second.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that is made; a hub that asks for a longer one is given up. Default: 5 minutes.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    internal string TokenScheme { get; init; } = "Bearer";

    internal IWebProxy? Proxy { get; init; }

    // Who may say who a host is; the machine's authorities where null.
    internal X509Certificate2Collection? Authorities { get; init; }

    internal Func<TimeSpan, CancellationToken, Task> Pause { get; init; } = Task.Delay;

    internal Func<string, long> FreeBytes { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>
    /// Reads HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, and for the cache the first that is set of HF_HUB_CACHE, HF_HOME (its
    /// folder "hub"), XDG_CACHE_HOME ("huggingface/hub") and HOME (".cache/huggingface/hub").
    /// </summary>
    /// <param name="variable">Reads an environment variable; the process's own environment when null.</param>
    /// <exception cref="HubException">No variable tells the cache, or HF_ENDPOINT is no http or https address.</exception>
    public static HubOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        HubOptions options = new()
        {
            CacheFolder = Path.GetFullPath(Set("HF_HUB_CACHE") ?? Path.Combine(Home(), "hub")),
            Token = Set("HF_TOKEN"),
            Offline = Set("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };
        if (Set("HF_ENDPOINT") is not { } endpoint)
            return options;
        return Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? options with { Endpoint = address }
            : throw new HubException(
                HubError.BadSetting, "HF_ENDPOINT", $"\"{endpoint}\"", "an address such as https://huggingface.co");

        string? Set(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;

        string Home() =>
            Set("HF_HOME")
            ?? (Set("XDG_CACHE_HOME") is { } cache ? Path.Combine(cache, "huggingface")
                : Set(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { } home ? Path.Combine(home, ".cache", "huggingface")
                : throw new HubException(HubError.BadSetting, "HF_HOME", "nothing", "a folder for fetched weights, there or in HOME"));
    }

    /// <summary>The hub and the cache; never the token.</summary>
    public override string ToString() => $"{Endpoint} with the cache {CacheFolder}";
}
