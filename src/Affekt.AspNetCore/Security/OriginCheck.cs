using Affekt.AspNetCore.Problems;
using Microsoft.Extensions.Options;

namespace Affekt.AspNetCore.Security;

/// <summary>
/// Refuses pages of other origins, unless they are configured. A page of another origin can send a form to this machine
/// without asking first, and open a WebSocket to it; only the header Origin tells.
/// </summary>
internal sealed class OriginCheck(RequestDelegate next, IOptions<AffektEndpointOptions> options)
{
    public Task InvokeAsync(HttpContext context) => Allows(context.Request) ? next(context) : throw new ProblemException(
        ProblemCode.OriginNotAllowed, "Found a page of another origin, expected the server's own or one that it is told to allow.");

    /// <summary>Whether the page that a request comes from may call; true where it comes from no page.</summary>
    private bool Allows(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        if (string.IsNullOrEmpty(origin) || options.Value.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            return true;

        // The scheme is not compared: a proxy in front may speak https.
        return Uri.TryCreate(origin, UriKind.Absolute, out Uri? page)
            && string.Equals(page.Authority, WithoutDefaultPort(request.Host), StringComparison.OrdinalIgnoreCase);

        string WithoutDefaultPort(HostString host) =>
            host.Port is { } port && page.IsDefaultPort && port == page.Port ? host.Host : host.Value ?? "";
    }
}
