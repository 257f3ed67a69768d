using System.Net;
using Affekt.AspNetCore;

namespace Affekt.Server.Hosting;

/// <summary>What a server is made of.</summary>
internal sealed record ServerOptions
{
    /// <summary>Where it listens unless it is told otherwise: on this machine only.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5280";

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [DefaultUrl];

    /// <summary>The folder of the bundle that answers.</summary>
    public required string BundleFolder { get; init; }

    /// <summary>The folder of jobs and uploads; made, for its owner only, where it is absent. One server has it at a time.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The program that decoders of uploads run in; null where it was not built.</summary>
    public string? SandboxProgram { get; init; }

    /// <summary>Whether uploads may be decoded without it. Otherwise the server does not start then.</summary>
    public bool AllowWithoutSandbox { get; init; }

    /// <summary>Threads of the models; null for as many as there are processors.</summary>
    public int? Threads { get; init; }

    /// <summary>The arithmetic of the encoders' large products.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Whether the bundle's sound and speech parts are opened, which needs published weights.</summary>
    public bool ReadSound { get; init; } = true;

    /// <summary>The keys of which a caller must name one; empty to ask for none.</summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>Whether other machines may call without a key. Without it a server that they reach does not start.</summary>
    public bool AllowWithoutKey { get; init; }

    /// <summary>Other origins whose pages may call, such as "https://example.org"; none by default.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>
    /// Names that the server answers to beside this machine's own, such as "affekt.example.org"; where there are none, any name where
    /// a key is asked for, and otherwise addresses.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Proxies whose word on the client's address, the scheme and the host's name is taken; none by default.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>Whether the server only starts where the sandbox keeps decoders from everything that it is to keep them from.</summary>
    public bool RequireSandbox { get; init; }

    /// <summary>How much it takes on.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>Whether only this machine reaches every address that it listens at.</summary>
    public bool IsLoopbackOnly => Urls.All(ListenAddress.IsLoopback);

    /// <summary>Whether nobody else calls: nobody reaches it, and no proxy passes on who does.</summary>
    public bool IsForThisMachine => IsLoopbackOnly && Proxies.Count == 0;

    /// <summary>Whether an address is a proxy's.</summary>
    public bool IsProxy(IPAddress address) =>
        Proxies.Any(proxy => proxy.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}

/// <summary>The options ask for something that cannot be, as the message says.</summary>
internal sealed class ServerOptionsException(string message) : Exception(message);
