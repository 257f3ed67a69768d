using System.Net;

namespace Affekt.Server.Hosting;

/// <summary>An address to listen at, as Kestrel reads it.</summary>
internal static class ListenAddress
{
    /// <summary>Whether only this machine reaches it.</summary>
    public static bool IsLoopback(string url) => BindingAddress.Parse(url) is { IsUnixPipe: true } or { IsNamedPipe: true }
        || IsLoopbackHost(BindingAddress.Parse(url).Host);

    /// <summary>Whether a host's name or number is this machine's own.</summary>
    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Refuses what Kestrel cannot listen at.</summary>
    /// <exception cref="ServerOptionsException">It is no address, or asks for TLS.</exception>
    public static string Check(string url)
    {
        try
        {
            if (BindingAddress.Parse(url).Scheme.Equals("http", StringComparison.OrdinalIgnoreCase))
                return url;
        }
        catch (FormatException)
        {
            // Told below, with what has another scheme.
        }

        throw new ServerOptionsException(
            $"--urls: found {url}, expected addresses such as {ServerOptions.DefaultUrl}; for https put a proxy in front");
    }
}
