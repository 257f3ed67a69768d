using System.Text.Json;

namespace Affekt.Models.Hub;

/// <summary>
/// Fetches model repositories from Hugging Face's hub into the cache that Hugging Face's own tools use, and checks every
/// file against the digest that the hub states. Several processes may use one cache at once. What is fetched is used
/// without the hub afterwards.
/// </summary>
public sealed class HubClient : IDisposable
{
    private readonly HubOptions _options;
    private readonly HubHttp _http;

    /// <summary>Creates a client; asks nobody yet.</summary>
    public HubClient(HubOptions options)
    {
        _options = options;
        _http = new HubHttp(options);
    }

    /// <summary>
    /// The repository's files in the cache; fetched where they are absent. A branch is asked for its commit first, unless
    /// <see cref="HubOptions.Offline"/>.
    /// </summary>
    /// <param name="repository">What is wanted.</param>
    /// <param name="progress">Told how far each file is that has to be fetched.</param>
    /// <param name="cancellation">Ends the fetch; a later one goes on where it ended.</param>
    /// <exception cref="HubException">The files are unavailable, or are not what the hub announced.</exception>
    public async Task<HubSnapshot> PullAsync(
        HubRepository repository, IProgress<HubProgress>? progress = null, CancellationToken cancellation = default)
    {
        HubCache cache = new(_options.CacheFolder, repository);
        try
        {
            if (_options.Offline)
                return Cached(repository, cache);
            string commit = repository.IsPinned ? repository.Revision : await CommitAsync(repository, cancellation).ConfigureAwait(false);
            if (!cache.IsWhole(commit, repository))
            {
                foreach (HubFile file in repository.Files)
                    await FetchAsync(repository, cache, commit, file, progress, cancellation).ConfigureAwait(false);
            }

            if (!repository.IsPinned)
                cache.SetCommit(repository.Revision, commit);
            return new HubSnapshot(repository, commit, cache.Snapshot(commit));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(repository, e);
        }
    }

    /// <summary>
    /// Copies a repository's files into the cache from a folder that holds them already; the hub is not asked.
    /// </summary>
    /// <param name="repository">What is wanted.</param>
    /// <param name="folder">
    /// A folder with a folder "owner/name" or "name", or a cache of Hugging Face's tools, which also tells the commit and
    /// the digests.
    /// </param>
    /// <param name="cancellation">Ends the copying.</param>
    /// <exception cref="HubException">The folder lacks a file, or holds one that is not what its digest says.</exception>
    public async Task<HubSnapshot> ImportAsync(
        HubRepository repository, string folder, CancellationToken cancellation = default)
    {
        try
        {
            return await HubImport.RunAsync(repository, folder, _options.CacheFolder, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(repository, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private HubException Unusable(HubRepository repository, Exception cause) => new(
        HubError.Storage, repository.Id, cause.Message, $"a cache {_options.CacheFolder} that can be read and written", cause);

    private HubSnapshot Cached(HubRepository repository, HubCache cache)
    {
        string? commit = repository.IsPinned ? repository.Revision : cache.Commit(repository.Revision);
        if (commit is not null && cache.IsWhole(commit, repository))
            return new HubSnapshot(repository, commit, cache.Snapshot(commit));
        if (!repository.IsPinned && cache.Commit(HubImport.Revision) is { } local && cache.IsWhole(local, repository))
            return new HubSnapshot(repository, null, cache.Snapshot(local));
        throw new HubException(
            HubError.Offline, $"{repository.Id}@{repository.Revision}", $"HF_HUB_OFFLINE, and not every file in {_options.CacheFolder}",
            "leave to ask the hub, or a folder that holds the files");
    }

    /// <summary>The commit that a repository's revision is, and the names of the files in it.</summary>
    /// <param name="repository">The repository; its files are not asked for.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="HubException">The hub cannot be asked, or doesn't answer as it should.</exception>
    public async Task<(string Commit, IReadOnlyList<string> Files)> ListAsync(HubRepository repository, CancellationToken cancellation = default) =>
        await DescribedAsync(repository, cancellation).ConfigureAwait(false);

    private async Task<string> CommitAsync(HubRepository repository, CancellationToken cancellation) =>
        (await DescribedAsync(repository, cancellation).ConfigureAwait(false)).Commit;

    private Task<(string Commit, IReadOnlyList<string> Files)> DescribedAsync(HubRepository repository, CancellationToken cancellation)
    {
        string subject = $"{repository.Id}@{repository.Revision}";
        Uri address = _http.Address($"api/models/{repository.Id}/revision/{repository.Revision}");
        return _http.RetryAsync<(string Commit, IReadOnlyList<string> Files)>(
            subject,
            async () =>
            {
                using HttpResponseMessage response = await _http.GetAsync(address, subject, 0, cancellation).ConfigureAwait(false);
                byte[] answer = await _http.ReadAllAsync(response, subject, cancellation).ConfigureAwait(false);
                try
                {
                    using JsonDocument document = JsonDocument.Parse(answer);
                    if (document.RootElement.ValueKind == JsonValueKind.Object
                        && document.RootElement.TryGetProperty("sha", out JsonElement sha)
                        && sha.ValueKind == JsonValueKind.String && sha.GetString() is { } commit && HubRepository.IsCommit(commit))
                    {
                        return (commit, [.. Siblings(document.RootElement)]);
                    }
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException)
                {
                    throw new HubException(HubError.BadContent, subject, e.Message, "a JSON object with the commit as \"sha\"", e);
                }

                throw new HubException(HubError.BadContent, subject, "an answer without a commit", "40 hexadecimal digits as \"sha\"");
            },
            cancellation);
    }

    private static IEnumerable<string> Siblings(JsonElement answer)
    {
        if (!answer.TryGetProperty("siblings", out JsonElement siblings) || siblings.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (JsonElement sibling in siblings.EnumerateArray())
        {
            if (sibling.ValueKind == JsonValueKind.Object && sibling.TryGetProperty("rfilename", out JsonElement name)
                && name.ValueKind == JsonValueKind.String)
            {
                yield return name.GetString()!;
            }
        }
    }

    private async Task FetchAsync(
        HubRepository repository, HubCache cache, string commit, HubFile wanted, IProgress<HubProgress>? progress,
        CancellationToken cancellation)
    {
        if (HubCache.Find(cache.Snapshot(commit), wanted) is not null)
            return;
        HubAnnouncement file = await AnnouncedAsync(repository, commit, wanted, cancellation).ConfigureAwait(false);
        string blob = cache.Blob(file.Digest);
        using FileStream held = await cache.LockAsync(file.Digest, cancellation).ConfigureAwait(false);
        if (new FileInfo(blob) is not { Exists: true } there || (file.Size is { } size && there.Length != size))
        {
            string partial = blob + ".incomplete";
            HubDownload download = new(
                _http, _options, file, $"{repository.Id}/{file.Name}", partial,
                done => progress?.Report(new HubProgress(repository.Id, file.Name, done, file.Size)));
            await download.RunAsync(cancellation).ConfigureAwait(false);
            File.Move(partial, blob, overwrite: true);
            long length = new FileInfo(blob).Length;
            progress?.Report(new HubProgress(repository.Id, file.Name, length, length) { IsLast = true });
        }

        cache.Link(commit, file.Name, file.Digest);
    }

    private async Task<HubAnnouncement> AnnouncedAsync(
        HubRepository repository, string commit, HubFile wanted, CancellationToken cancellation)
    {
        foreach (string name in wanted.Names[..^1])
        {
            try
            {
                return await AskAsync(name, $"{repository.Id}/{name}").ConfigureAwait(false);
            }
            catch (HubException e) when (e.Kind == HubError.NotFound)
            {
            }
        }

        return await AskAsync(wanted.Names[^1], $"{repository.Id}/{wanted}").ConfigureAwait(false);

        Task<HubAnnouncement> AskAsync(string name, string subject) => _http.RetryAsync(
            subject,
            () => HeadAsync(_http.Address($"{repository.Id}/resolve/{commit}/{name}"), name, subject, cancellation),
            cancellation);
    }

    private async Task<HubAnnouncement> HeadAsync(Uri address, string name, string subject, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _http.HeadAsync(address, subject, cancellation).ConfigureAwait(false);
        string? tag = HubHttp.ContentTag(response);
        HubDigest digest = HubDigest.Parse(tag ?? "")
            ?? throw new HubException(HubError.BadContent, subject, $"the tag {tag ?? "\"\""}", "a sha256, or git's sha1");
        if (HubHttp.Header(response, "X-Linked-Size") is not { } linked)
            return new HubAnnouncement(address, name, digest, response.IsSuccessStatusCode ? response.Content.Headers.ContentLength : null);
        return long.TryParse(linked, out long size) && size >= 0
            ? new HubAnnouncement(address, name, digest, size)
            : throw new HubException(HubError.BadContent, subject, $"the size \"{linked}\"", "a number of bytes");
    }
}
