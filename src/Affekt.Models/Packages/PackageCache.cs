using System.Text;

namespace Affekt.Models.Packages;

/// <summary>
/// Published weights in the user's cache, fetched at first use from npm's registry and checked against pinned digests:
/// the tarball before it is unpacked, then every file. Several processes may use one cache at once.
/// </summary>
public sealed class PackageCache
{
    // Lies in a package's folder and lists the files that were checked there. It is written last.
    private const string StampName = ".affekt-checked";

    private readonly PackageCacheOptions _options;

    /// <summary>Creates a view of a cache; touches nothing on disk.</summary>
    public PackageCache(PackageCacheOptions options) => _options = options;

    /// <summary>
    /// The folder that holds the package's files under their paths. Fetches the package where the cache lacks it, or
    /// holds other files than the wanted ones; otherwise compares lengths only.
    /// </summary>
    /// <param name="package">What is wanted.</param>
    /// <param name="progress">Gets one line when a fetch begins.</param>
    /// <param name="cancellation">Ends a fetch; the cache stays as it was.</param>
    /// <exception cref="WeightsException">
    /// The package cannot be fetched, its content is not the pinned one, or the cache cannot be read or written.
    /// </exception>
    public async Task<string> EnsureAsync(
        NpmPackage package, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        if (Beside(package) is { } packaged)
            return packaged;
        string folder = FolderOf(package);
        try
        {
            if (LooksWhole(package, folder))
                return folder;

            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            using FileStream held = await FileLock.HoldAsync(folder + ".lock", cancellation).ConfigureAwait(false);
            if (!LooksWhole(package, folder))
            {
                progress?.Report($"fetching {package.Specifier}");
                await FetchAsync(package, folder, cancellation).ConfigureAwait(false);
            }

            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(package, e);
        }
    }

    /// <summary>
    /// Reads every cached file of a package and compares digests. A damaged package is marked, so that
    /// <see cref="EnsureAsync"/> fetches it anew.
    /// </summary>
    /// <exception cref="WeightsException">The cache cannot be read.</exception>
    public async Task<PackageState> CheckAsync(NpmPackage package, CancellationToken cancellation = default)
    {
        string? packaged = Beside(package);
        string folder = packaged ?? FolderOf(package);
        try
        {
            if (packaged is null && !LooksWhole(package, folder))
                return PackageState.Absent;

            foreach (PackageFile file in package.Files)
            {
                if (await Digest.OfFileAsync(Path.Combine(folder, file.Path), cancellation).ConfigureAwait(false) != file.Sha256)
                {
                    if (packaged is null)
                        File.Delete(Path.Combine(folder, StampName));
                    return PackageState.Damaged;
                }
            }

            return PackageState.Whole;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(package, e);
        }
    }

    /// <summary>Where a package is fetched from when it is used: the path of a tarball that lies ready, or the registry's address. Fetches nothing.</summary>
    /// <param name="package">What is wanted.</param>
    /// <param name="cancellation">Ends the wait for npm, which is asked where nothing else tells.</param>
    /// <exception cref="WeightsException">No registry is known, or what is set is none.</exception>
    public async Task<string> SourceOfAsync(NpmPackage package, CancellationToken cancellation = default)
    {
        string tarball = Path.Combine(_options.PackagesFolder, package.TarballName);
        if (File.Exists(tarball))
            return tarball;
        Uri registry = await NpmSettings.Read(_options.Variable).RegistryOfAsync(package, cancellation).ConfigureAwait(false);
        return registry.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
    }

    /// <summary>Copies a package's files into another folder of the cache's layout; what is there already stays.</summary>
    /// <param name="package">The package.</param>
    /// <param name="folder">Where it lies, from <see cref="EnsureAsync"/>.</param>
    /// <param name="root">The other cache's root.</param>
    /// <returns>Where the copy lies.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static string Copy(NpmPackage package, string folder, string root)
    {
        string target = FolderOf(root, package);
        if (HasFiles(package, target))
            return target;
        foreach (PackageFile file in package.Files)
        {
            using FileStream content = File.OpenRead(Path.Combine(folder, file.Path));
            AtomicFile.Write(Path.Combine(target, file.Path), content.CopyTo);
        }

        return target;
    }

    private WeightsException Unusable(NpmPackage package, Exception cause) =>
        new($"the cache {_options.Root} cannot be used for {package.Specifier}: {cause.Message}", cause);

    private string FolderOf(NpmPackage package) => FolderOf(_options.Root, package);

    private static string FolderOf(string root, NpmPackage package) => Path.Combine(root, "npm", package.Name, package.Version);

    // A package manager has checked what it put there; its lengths are compared, as the cache's are.
    private string? Beside(NpmPackage package) =>
        _options.Beside is { } root && FolderOf(root, package) is var folder && HasFiles(package, folder) ? folder : null;

    private static bool LooksWhole(NpmPackage package, string folder)
    {
        string stamp = Path.Combine(folder, StampName);
        return File.Exists(stamp)
            && StampOf(package).Split('\n').Except(File.ReadAllText(stamp).Split('\n')).All(string.IsNullOrEmpty)
            && HasFiles(package, folder);
    }

    private static bool HasFiles(NpmPackage package, string folder) => package.Files.All(
        file => new FileInfo(Path.Combine(folder, file.Path)) is { Exists: true } found && found.Length == file.Length);

    private static string StampOf(NpmPackage package) =>
        string.Concat(package.Files.Select(file => $"{file.Sha256} {file.Length} {file.Path}\n"));

    // Works in a folder beside the final one, which a killed process may have left half-full, and renames at the end.
    private async Task FetchAsync(NpmPackage package, string folder, CancellationToken cancellation)
    {
        string work = folder + ".partial";
        DeleteFolder(work);
        string fetched = Directory.CreateDirectory(Path.Combine(work, "fetched")).FullName;
        string unpacked = Directory.CreateDirectory(Path.Combine(work, "unpacked")).FullName;
        try
        {
            string tarball = Path.Combine(_options.PackagesFolder, package.TarballName);
            if (!File.Exists(tarball))
                tarball = await NpmRegistry.FetchAsync(package, fetched, _options, cancellation).ConfigureAwait(false);

            string sha256 = await Digest.OfFileAsync(tarball, cancellation).ConfigureAwait(false);
            if (sha256 != package.Sha256)
            {
                throw new WeightsException(
                    $"{tarball} is not the pinned {package.Specifier}: its sha256 is {sha256}, expected {package.Sha256}");
            }

            await PackageTarball.UnpackAsync(package, tarball, unpacked, cancellation).ConfigureAwait(false);
            await WriteStampAsync(Path.Combine(unpacked, StampName), StampOf(package), cancellation).ConfigureAwait(false);
            DeleteFolder(folder);
            Directory.Move(unpacked, folder);
        }
        finally
        {
            DeleteFolder(work);
        }
    }

    private static async Task WriteStampAsync(string path, string text, CancellationToken cancellation)
    {
        using FileStream stamp = new(path, FileMode.Create, FileAccess.Write);
        await stamp.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation).ConfigureAwait(false);
        stamp.Flush(flushToDisk: true);
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}

/// <summary>What the cache holds of a package.</summary>
public enum PackageState
{
    /// <summary>Nothing usable; the next use fetches it.</summary>
    Absent,

    /// <summary>Every wanted file, with the pinned content.</summary>
    Whole,

    /// <summary>A file's content is not the pinned one any more; the next use fetches the package anew.</summary>
    Damaged,
}

/// <summary>
/// Pretrained weights are unavailable, or are not what was pinned. The message says what was wanted, what was found,
/// and what to do by hand.
/// </summary>
/// <param name="message">What was wanted and found, and what to do.</param>
/// <param name="inner">The underlying error, or null.</param>
public sealed class WeightsException(string message, Exception? inner = null)
    : Exception(message, inner);
