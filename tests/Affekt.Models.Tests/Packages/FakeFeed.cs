using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Affekt.Models.Packages;
using Affekt.Tests.Hub;

namespace Affekt.Tests.Packages;

/// <summary>
/// A registry under the path /npm/ that has one package, npm's settings that name it, and an empty cache. Every reply can be replaced.
/// </summary>
internal sealed class FakeFeed : IDisposable
{
    // The digest of "abc" is the first example in FIPS 180's SHA-256.
    private const string AbcSha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    public static readonly PackageFile Abc = new("model/abc.bin", 3, AbcSha256);

    private const string TarballPath = "/npm/@scope/weights/-/weights-1.0.0.tgz";

    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _registry;

    public FakeFeed(params (string Name, string Content)[] entries)
    {
        using (FileStream file = File.Create(Tarball))
        using (GZipStream compressed = new(file, CompressionLevel.Fastest))
        using (TarWriter archive = new(compressed))
        {
            foreach ((string name, string content) in entries)
            {
                archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(Encoding.ASCII.GetBytes(content)),
                });
            }
        }

        _registry = new HubServer(request => Replies(request) ?? (IsSilent ? null : Usual(request)));
        Settings = new() { ["npm_config_registry"] = Registry, ["npm_config_globalconfig"] = At("npmrc"), ["HOME"] = At("home") };
    }

    public static FakeFeed WithAbc() => new(("package/package.json", "{}"), ("package/model/abc.bin", "abc"));

    public string Tarball => _folder.At("scope-weights-1.0.0.tgz");

    public string CacheFolder => _folder.At("cache");

    public string PackagesFolder => _folder.At("packages");

    public string Registry => $"{_registry.Address}npm/";

    /// <summary>The environment.</summary>
    public Dictionary<string, string?> Settings { get; }

    /// <summary>Replaces a reply where it gives one.</summary>
    public Func<HubRequest, HubReply?> Replies { get; set; } = _ => null;

    /// <summary>Whether requests are left unanswered that no reply replaces.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Every request, in order.</summary>
    public HubRequest[] Requests => [.. _registry.Requests];

    public PackageCacheOptions Options => new()
    {
        Root = CacheFolder,
        PackagesFolder = PackagesFolder,
        Variable = name => Settings.GetValueOrDefault(name),
        Pause = (_, _) => Task.CompletedTask,
    };

    public PackageCache Cache() => new(Options);

    public NpmPackage Package(params PackageFile[] files) => new(
        "@scope/weights",
        "1.0.0",
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Tarball))),
        [.. files.DefaultIfEmpty(Abc)]);

    /// <summary>What the registry says of the package.</summary>
    /// <param name="version">The only one.</param>
    /// <param name="tarball">The address of its tarball.</param>
    public static HubReply Describes(string version, string tarball) =>
        new(200, Encoding.UTF8.GetBytes($$"""{"versions": {"{{version}}": {"dist": {"tarball": "{{tarball}}"} } } }"""));

    public string At(string name) => _folder.At(name);

    /// <summary>Every file under the cache but the locks.</summary>
    public string[] FilesInCache() => !Directory.Exists(CacheFolder) ? [] :
    [
        .. Directory.GetFiles(CacheFolder, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)),
    ];

    public void Dispose()
    {
        _registry.Dispose();
        _folder.Dispose();
    }

    private HubReply Usual(HubRequest request) => new Uri(_registry.Address, request.Path).AbsolutePath switch
    {
        "/npm/@scope%2fweights" => Describes("1.0.0", new Uri(_registry.Address, TarballPath).AbsoluteUri),
        TarballPath => new HubReply(200, File.ReadAllBytes(Tarball)),
        _ => new HubReply(404, []),
    };
}
