using System.Collections.Immutable;
using Affekt.Models.Hub;

namespace Affekt.Models.Published;

/// <summary>Fetches published networks from the hub: the files of a repository that are read, whatever its family.</summary>
public static class PublishedHub
{
    private const string Configuration = "config.json";
    private const string Main = "main";

    // What is read beside config.json and the weights, where a repository has it.
    private static readonly ImmutableArray<string> _others =
    [
        "preprocessor_config.json", "processor_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model", "README.md",
    ];

    private static readonly ImmutableArray<string> _weights =
        [.. PublishedFolder.FileNames, .. PublishedFolder.OnnxNames];

    /// <summary>A folder as it is, or a repository's in the cache, fetched where it is absent.</summary>
    /// <param name="place">A folder, or owner/name or owner/name@revision on the hub.</param>
    /// <param name="options">The hub and the cache.</param>
    /// <param name="progress">Told how far each file is.</param>
    /// <param name="cancellation">Ends the fetch; a later one goes on where it ended.</param>
    /// <exception cref="ModelException">There is no such folder, and it is no repository's name.</exception>
    /// <exception cref="HubException">The files are unavailable.</exception>
    public static async Task<string> FindAsync(
        string place, HubOptions options, IProgress<HubProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (Directory.Exists(place))
            return place;
        HubRepository repository;
        try
        {
            string[] parts = place.Split('@', 2);
            repository = new HubRepository(parts[0], parts.Length == 2 ? parts[1] : Main, [new HubFile(Configuration)]);
        }
        catch (ArgumentException e)
        {
            throw new ModelException(place, null, "no folder, and no repository's name", "a folder in Hugging Face's layout, or owner/name", e);
        }

        if (await CachedAsync(repository, options, cancellation).ConfigureAwait(false) is { } cached)
            return cached;
        using HubClient client = new(options);
        (string commit, IReadOnlyList<string> names) = await client.ListAsync(repository, cancellation).ConfigureAwait(false);
        string weights = _weights.FirstOrDefault(names.Contains) ?? throw new HubException(
            HubError.NotFound, repository.Id, "no weights", string.Join(" or ", _weights));

        // Weights come last: where they are, the rest is.
        ImmutableArray<HubFile> files = [new HubFile(Configuration), .. _others.Where(names.Contains).Select(name => new HubFile(name))];
        HubSnapshot snapshot = await client.PullAsync(new HubRepository(repository.Id, commit, files), progress, cancellation).ConfigureAwait(false);
        ImmutableArray<HubFile> large = [.. PublishedFolder.Beside(weights).Where(names.Contains).Append(weights).Select(name => new HubFile(name))];
        if (weights.EndsWith(".index.json", StringComparison.Ordinal))
        {
            await client.PullAsync(new HubRepository(repository.Id, commit, large), progress, cancellation).ConfigureAwait(false);
            large = [.. PublishedFolder.WeightFiles(snapshot.Folder).Where(names.Contains).Select(name => new HubFile(name))];
        }

        return (await client.PullAsync(repository with { Files = large }, progress, cancellation).ConfigureAwait(false)).Folder;
    }

    /// <summary>The names of a folder's files that are read, the weights last.</summary>
    /// <param name="folder">A folder in Hugging Face's layout.</param>
    /// <exception cref="ModelException">The list of shards cannot be read, or there are no weights.</exception>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        IEnumerable<string> weights = PublishedFolder.HasWeights(folder)
            ? PublishedFolder.WeightFiles(folder)
            : PublishedFolder.OnnxNames.Where(Exists).Take(1).SelectMany(name => PublishedFolder.Beside(name).Where(Exists).Append(name));
        string[] names = [Configuration, .. _others.Where(Exists), .. weights];
        return weights.Any() ? names : throw PublishedFolder.Without(folder, _weights);

        bool Exists(string name) => File.Exists(Path.Combine(folder, name));
    }

    /// <summary>What a folder's README.md states as its license; null where it states none.</summary>
    /// <param name="folder">The folder.</param>
    public static string? License(string folder)
    {
        string card = Path.Combine(folder, "README.md");
        if (!File.Exists(card))
            return null;
        bool head = false;
        foreach (string line in File.ReadLines(card).Take(200))
        {
            if (line.Trim() == "---")
            {
                if (head)
                    return null;
                head = true;
            }
            else if (head && line.StartsWith("license:", StringComparison.Ordinal))
            {
                return line["license:".Length..].Trim().Trim('"', '\'') is { Length: > 0 } license ? license : null;
            }
        }

        return null;
    }

    private static async Task<string?> CachedAsync(HubRepository repository, HubOptions options, CancellationToken cancellation)
    {
        using HubClient offline = new(options with { Offline = true });
        try
        {
            string folder = (await offline.PullAsync(repository, null, cancellation).ConfigureAwait(false)).Folder;
            bool whole = _weights.Any(name => File.Exists(Path.Combine(folder, name)))
                && PublishedFolder.WeightFiles(folder).All(name => !PublishedFolder.HasWeights(folder) || File.Exists(Path.Combine(folder, name)));
            return whole ? folder : options.Offline ? throw Offline(repository, options) : null;
        }
        catch (HubException e) when (e.Kind == HubError.Offline && !options.Offline)
        {
            return null;
        }
    }

    private static HubException Offline(HubRepository repository, HubOptions options) => new(
        HubError.Offline, $"{repository.Id}@{repository.Revision}", $"HF_HUB_OFFLINE, and no weights in {options.CacheFolder}", "leave to ask the hub, or a folder");
}
