using Affekt.Server.Hosting;
using Affekt.Server.Problems;

namespace Affekt.Server.Security;

/// <summary>
/// Refuses pages of other origins, unless they are configured. A page of another origin can send a form to this machine
/// without asking first, and open a WebSocket to it; only the header Origin tells.
/// </summary>
internal sealed class OriginCheck(RequestDelegate next, ServerOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Host is { HasValue: true } host && !HostNames.Allows(host.Host, options))
        {
            throw new ProblemException(
                ProblemCode.WrongHost,
                $"Found another host's name, expected {string.Join(", ", options.Hosts.DefaultIfEmpty("this machine's"))}; --host names more.");
        }

        if (!Allows(context.Request, options))
        {
            throw new ProblemException(
                ProblemCode.OriginNotAllowed, "Found a page of another origin, expected the server's own or one that --origin names.");
        }

        return next(context);
    }

    /// <summary>Whether the page that a request comes from may call; true where it comes from no page.</summary>
    public static bool Allows(HttpRequest request, ServerOptions options)
    {
        string? origin = request.Headers.Origin;
        if (string.IsNullOrEmpty(origin) || options.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            return true;

        // The scheme is not compared: a proxy in front may speak https.
        return Uri.TryCreate(origin, UriKind.Absolute, out Uri? page)
            && string.Equals(page.Authority, WithoutDefaultPort(request.Host), StringComparison.OrdinalIgnoreCase);

        string WithoutDefaultPort(HostString host) =>
            host.Port is { } port && page.IsDefaultPort && port == page.Port ? host.Host : host.Value ?? "";
    }
}
