namespace Affekt.Models.Hub;

/// <summary>
/// The cache's folders as Hugging Face's own tools lay them out: models--owner--name holds blobs (contents by digest),
/// snapshots (a folder of links for each commit) and refs (the commit of each branch).
/// </summary>
internal sealed class HubCache
{
    private readonly string _root;
    private readonly string _name;

    public HubCache(string root, HubRepository repository)
    {
        _root = root;
        _name = $"models--{repository.Id.Replace("/", "--", StringComparison.Ordinal)}";
    }

    private string Folder => Path.Combine(_root, _name);

    public string Blob(HubDigest digest) => Path.Combine(Folder, "blobs", digest.Text);

    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>Holds the lock over a blob, which Hugging Face's tools take too.</summary>
    public Task<FileStream> LockAsync(HubDigest digest, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "blobs"));
        string locks = Directory.CreateDirectory(Path.Combine(_root, ".locks", _name)).FullName;
        return FileLock.HoldAsync(Path.Combine(locks, $"{digest.Text}.lock"), cancellation);
    }

    /// <summary>The commit that a revision was last known to be; null where it is not known.</summary>
    public string? Commit(string revision)
    {
        string file = Path.Combine(Folder, "refs", revision);
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    public void SetCommit(string revision, string commit) => AtomicFile.Write(Path.Combine(Folder, "refs", revision), commit);

    /// <summary>Puts a blob into a snapshot under its file name.</summary>
    public void Link(string commit, string name, HubDigest digest)
    {
        string link = Path.Combine(Snapshot(commit), name);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        string target = Path.Combine([.. name.Split('/').Skip(1).Select(_ => ".."), "..", "..", "blobs", digest.Text]);
        if (new FileInfo(link).LinkTarget == target)
            return;
        string made = $"{link}.{Guid.NewGuid():N}";
        File.CreateSymbolicLink(made, target);
        File.Move(made, link, overwrite: true);
    }

    /// <summary>Whether a commit's snapshot holds every file that is wanted.</summary>
    public bool IsWhole(string commit, HubRepository repository) =>
        repository.Files.All(file => Find(Snapshot(commit), file) is not null);

    /// <summary>The first of a file's names that a folder holds; null where it holds none.</summary>
    public static string? Find(string folder, HubFile file) =>
        file.Names.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
}
