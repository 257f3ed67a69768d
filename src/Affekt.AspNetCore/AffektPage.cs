using System.Reflection;
using Affekt.AspNetCore.Security;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The page that `affekt serve` has at /, in any host of ASP.NET Core. It lies within this assembly.</summary>
public static class AffektPage
{
    private const string Folder = "page/";
    private const string Index = "index.html";

    private static readonly Assembly _assembly = typeof(AffektPage).Assembly;
    private static readonly FileExtensionContentTypeProvider _types = new();

    // Another build has other files.
    private static readonly EntityTagHeaderValue _tag = new($"\"{_assembly.ManifestModule.ModuleVersionId:N}\"");

    // By their addresses. A build under Windows names folders with its own sign.
    private static readonly Dictionary<string, string> _files = _assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).ToDictionary(name => name[Folder.Length..].Replace('\\', '/'));

    /// <summary>Whether the page was there when this assembly was built; it is in the published package.</summary>
    internal static bool IsBuilt => _files.ContainsKey(Index);

    /// <summary>
    /// Maps the page, for anybody who reaches it: it asks for a key itself where the endpoints want one. Its requests go to /v1 under the same
    /// prefix, which <see cref="AffektEndpoints.MapAffekt"/> maps. It answers with a content security policy of its own where the host sets none.
    /// </summary>
    /// <param name="endpoints">The host, or a group of its endpoints.</param>
    /// <param name="prefix">Where it is, such as "/affekt": that of the endpoints; nothing, the default, for the host's root.</param>
    /// <returns>The group, for the host's own conventions, as RequireAuthorization.</returns>
    /// <exception cref="InvalidOperationException">The assembly was built without the page.</exception>
    public static RouteGroupBuilder MapAffektPage(this IEndpointRouteBuilder endpoints, string prefix = "")
    {
        if (!IsBuilt)
            throw new InvalidOperationException("Affekt.AspNetCore: found no page in this assembly, expected web/dist when it was built");
        RouteGroupBuilder group = endpoints.MapGroup(prefix);
        group.WithMetadata(new OpenToAll()).ExcludeFromDescription();
        Map(group, "/", Index);
        foreach (string file in _files.Keys)
            Map(group, "/" + file, file);

        // Where a host has nothing to try the interface with.
        Map(group, "/docs", "api.md").Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = 1);
        return group;
    }

    private static IEndpointConventionBuilder Map(RouteGroupBuilder group, string address, string file) => group.MapMethods(
        address, [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)(context => AnswerAsync(context, address, file)));

    private static Task AnswerAsync(HttpContext context, string address, string file)
    {
        // Relative addresses begin at the last slash. A proxy may have taken more of this one away: so what to go to is relative, too.
        string path = context.Request.PathBase.Add(context.Request.Path).Value ?? "";
        if (address == "/" && !path.EndsWith('/'))
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = $"{Uri.EscapeDataString(path[(path.LastIndexOf('/') + 1)..])}/{context.Request.QueryString}";
            return Task.CompletedTask;
        }

        // Vite names its assets by their content.
        context.Response.Headers.CacheControl = file.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        SecurityHeaders.Add(context.Response.Headers);
        string type = file.EndsWith(".md", StringComparison.Ordinal) ? "text/plain; charset=utf-8"
            : _types.TryGetContentType(file, out string? known) ? known : "application/octet-stream";
        return TypedResults.Stream(_assembly.GetManifestResourceStream(_files[file])!, type, enableRangeProcessing: true, entityTag: _tag)
            .ExecuteAsync(context);
    }
}
