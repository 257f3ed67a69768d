using System.Net;
using Affekt.Server.Hosting;

namespace Affekt.Server.Security;

/// <summary>
/// The names that the server answers to. A page whose own name leads to the server's address would otherwise be of "the same
/// origin" for a browser (DNS rebinding), and could ask whatever needs no key.
/// </summary>
internal static class HostNames
{
    /// <summary>
    /// Whether the server answers to a name: any where callers need a key; else those that --host names, this machine's own, and
    /// where other machines reach it also addresses, which no other page can have.
    /// </summary>
    public static bool Allows(string host, ServerOptions options)
    {
        if (ListenAddress.IsLoopbackHost(host) || options.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
            return true;
        if (options.Hosts.Count > 0 || options.IsLoopbackOnly)
            return false;
        return options.ApiKeys.Count > 0 || IPAddress.TryParse(host.Trim('[', ']'), out _)
            || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
            || options.Urls.Any(url => BindingAddress.Parse(url).Host.Equals(host, StringComparison.OrdinalIgnoreCase));
    }
}
