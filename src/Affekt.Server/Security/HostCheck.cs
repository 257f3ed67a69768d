using System.Net;
using Affekt.AspNetCore.Problems;
using Affekt.Server.Hosting;

namespace Affekt.Server.Security;

/// <summary>
/// Refuses names that the server does not answer to. A page whose own name leads to the server's address would otherwise be of "the same
/// origin" for a browser (DNS rebinding), and could ask whatever needs no key.
/// </summary>
internal sealed class HostCheck(RequestDelegate next, ServerOptions options)
{
    public Task InvokeAsync(HttpContext context) => context.Request.Host is not { HasValue: true } host || Allows(host.Host, options)
        ? next(context)
        : throw new ProblemException(
            ProblemCode.WrongHost,
            $"Found another host's name, expected {string.Join(", ", options.Hosts.DefaultIfEmpty("this machine's"))}; --host names more.");

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
