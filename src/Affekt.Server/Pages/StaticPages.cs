using Affekt.AspNetCore.Security;
using Microsoft.Net.Http.Headers;

namespace Affekt.Server.Pages;

/// <summary>The page at /, where it was built, and the page at /docs to try the interface with.</summary>
internal static class StaticPages
{
    private static readonly Dictionary<string, string> _types = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
    };

    public static void MapPages(this IEndpointRouteBuilder endpoints)
    {
        if (AffektPage.IsBuilt)
            endpoints.MapAffektPage();
        else
            Map(endpoints, "/", "missing.html");
        Map(endpoints, "/docs", "docs.html");
        Map(endpoints, "/docs/docs.css", "docs.css");
        Map(endpoints, "/docs/docs.js", "docs.js");
    }

    private static void Map(IEndpointRouteBuilder endpoints, string path, string resource) => endpoints
        .MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (HttpContext context) =>
        {
            context.Response.Headers[HeaderNames.CacheControl] = "no-cache";
            return TypedResults.Stream(
                typeof(StaticPages).Assembly.GetManifestResourceStream(resource)!, _types[Path.GetExtension(resource)]);
        })
        .WithMetadata(new OpenToAll()).ExcludeFromDescription();
}
