namespace Affekt.AspNetCore.Security;

/// <summary>What every answer of a server tells a browser, and every file of the page: to load nothing from elsewhere, to guess nothing, to be framed by nobody.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // blob: and data: for files that the user dropped and pictures that the page draws; workers for the microphone's worklet.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        + "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        Add(context.Response.Headers);
        return next(context);
    }

    /// <summary>Sets those that are not set yet.</summary>
    public static void Add(IHeaderDictionary headers)
    {
        headers.TryAdd("Content-Security-Policy", Policy);
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("X-Frame-Options", "DENY");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()");
        headers.TryAdd("Cross-Origin-Opener-Policy", "same-origin");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
    }
}
