using System.Collections.Immutable;

namespace Affekt.Models.Packages;

/// <summary>One version of an npm package, pinned by content, and the files that are wanted of it.</summary>
/// <param name="Name">The package's name with its scope, such as <c>@scope/name</c>.</param>
/// <param name="Version">The exact version, such as <c>0.1.2</c>.</param>
/// <param name="Sha256">SHA-256 of the tarball, in lower-case hexadecimal.</param>
/// <param name="Files">The files to unpack; all of them are unpacked at once.</param>
public sealed record NpmPackage(string Name, string Version, string Sha256, ImmutableArray<PackageFile> Files)
{
    /// <summary>The package as the npm client wants it named: <c>@scope/name@0.1.2</c>.</summary>
    public string Specifier => $"{Name}@{Version}";

    /// <summary>The name that <c>npm pack</c> gives the tarball: <c>scope-name-0.1.2.tgz</c>.</summary>
    public string TarballName => $"{Name.TrimStart('@').Replace('/', '-')}-{Version}.tgz";
}

/// <summary>One wanted file of a package.</summary>
/// <param name="Path">Its path inside the package with forward slashes, without the tarball's first folder.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its content, in lower-case hexadecimal.</param>
public sealed record PackageFile(string Path, long Length, string Sha256);
