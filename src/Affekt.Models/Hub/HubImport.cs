using System.Security.Cryptography;
using System.Text;

namespace Affekt.Models.Hub;

/// <summary>Brings files of a folder into the cache.</summary>
internal static class HubImport
{
    /// <summary>What the cache calls the revision of files that came from a folder which tells no commit.</summary>
    public const string Revision = "local";

    public static async Task<HubSnapshot> RunAsync(
        HubRepository repository, string folder, string cacheFolder, CancellationToken cancellation)
    {
        (string source, string? commit) = Find(repository, folder);
        List<(string Path, HubDigest Digest)> files = [];
        foreach (HubFile wanted in repository.Files)
        {
            string name = HubCache.Find(source, wanted)
                ?? throw new HubException(HubError.NotFound, source, "not every file", $"{wanted} of {repository.Id}");
            string path = Path.Combine(source, name);
            files.Add((path, await DigestAsync(path, cancellation).ConfigureAwait(false)));
        }

        HubCache cache = new(cacheFolder, repository);
        string target = commit ?? Named(files);
        foreach ((string path, HubDigest digest) in files)
        {
            using FileStream held = await cache.LockAsync(digest, cancellation).ConfigureAwait(false);
            string blob = cache.Blob(digest);
            if (!File.Exists(blob))
                await CopyAsync(path, blob, digest, cancellation).ConfigureAwait(false);
            cache.Link(target, Path.GetFileName(path), digest);
        }

        if (commit != repository.Revision)
            cache.SetCommit(commit is null ? Revision : repository.Revision, target);
        return new HubSnapshot(repository, commit, cache.Snapshot(target));
    }

    private static (string Source, string? Commit) Find(HubRepository repository, string folder)
    {
        HubCache cache = new(folder, repository);
        string? commit = repository.IsPinned ? repository.Revision : cache.Commit(repository.Revision);
        if (commit is not null && HubRepository.IsCommit(commit) && Directory.Exists(cache.Snapshot(commit)))
            return (cache.Snapshot(commit), commit);
        string name = repository.Id[(repository.Id.IndexOf('/', StringComparison.Ordinal) + 1)..];
        string? plain = new[] { repository.Id, name }.Select(below => Path.Combine(folder, below)).FirstOrDefault(Directory.Exists);
        return plain is not null
            ? (plain, null)
            : throw new HubException(
                HubError.NotFound, folder, $"no {repository.Id}",
                $"a folder {repository.Id} or {name} in it, or a cache of Hugging Face's tools");
    }

    // A link into a cache's blobs states what the content should be.
    private static async Task<HubDigest> DigestAsync(string path, CancellationToken cancellation)
    {
        if (new FileInfo(path).LinkTarget is not { } target || HubDigest.Parse(Path.GetFileName(target)) is not { } stated)
            return await HubDigest.OfFileAsync(path, cancellation).ConfigureAwait(false);
        return await stated.FitsAsync(path, cancellation).ConfigureAwait(false)
            ? stated
            : throw new HubException(HubError.BadContent, path, "other content than its name in the cache says", stated.Text);
    }

    private static async Task CopyAsync(string path, string blob, HubDigest digest, CancellationToken cancellation)
    {
        string partial = blob + ".incomplete";
        using (FileStream source = File.OpenRead(path))
        using (FileStream target = new(partial, FileMode.Create, FileAccess.Write))
        {
            await source.CopyToAsync(target, cancellation).ConfigureAwait(false);
            target.Flush(flushToDisk: true);
        }

        if (!await digest.FitsAsync(partial, cancellation).ConfigureAwait(false))
            throw new HubException(HubError.BadContent, path, "content that changed while it was copied", digest.Text);
        File.Move(partial, blob, overwrite: true);
    }

    // The snapshot's name where there is no commit: one for each set of contents.
    private static string Named(List<(string Path, HubDigest Digest)> files)
    {
        string listing = string.Concat(files.Select(file => $"{file.Digest.Text} {Path.GetFileName(file.Path)}\n"));
        return $"{Revision}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listing)))[..16]}";
    }
}
