using Affekt.Models.Hub;

namespace Affekt.Models.Bundles;

/// <summary>Encoders that a bundle names by their repository on Hugging Face's hub.</summary>
internal static class EncoderHub
{
    /// <summary>The files of an encoder's repository; null where none is named.</summary>
    /// <param name="id">Owner and name.</param>
    /// <param name="revision">A branch or commit; null for the usual one's.</param>
    /// <param name="usual">Tells which files an encoder of this kind has.</param>
    public static HubRepository? Repository(string? id, string? revision, HubRepository usual) =>
        id is null ? null : new HubRepository(id, revision ?? usual.Revision, usual.Files);

    /// <summary>Refuses what is neither one folder nor one repository.</summary>
    /// <exception cref="ModelException">It is not.</exception>
    public static void Check(string file, string part, string? folder, string? repository, string? revision)
    {
        if ((folder is null) == (repository is null))
        {
            throw new ModelException(
                file, part, folder is null ? "neither folder nor repository" : "folder and repository", "one of both");
        }

        if (repository is null && revision is not null)
            throw new ModelException(file, $"{part}.revision", $"\"{revision}\" beside a folder", "none");
        try
        {
            _ = Repository(repository, revision, HubRepositories.Bert);
        }
        catch (ArgumentException e)
        {
            throw new ModelException(file, $"{part}.repository", $"\"{repository}\" at \"{revision}\"", "owner/name, and a branch or commit", e);
        }
    }

    /// <summary>A repository's folder in the cache, fetched where it is absent.</summary>
    /// <exception cref="HubException">It is unavailable.</exception>
    public static async Task<string> EnsureAsync(HubRepository repository, IProgress<string>? progress, CancellationToken cancellation)
    {
        HubOptions options = HubOptions.FromEnvironment();
        try
        {
            return await FindAsync(repository, options, cancellation).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Kind == HubError.Offline && !options.Offline)
        {
            progress?.Report($"fetching {repository.Id}");
            using HubClient client = new(options);
            return (await client.PullAsync(repository, null, cancellation).ConfigureAwait(false)).Folder;
        }
    }

    /// <summary>A repository's folder in the cache; the hub is not asked.</summary>
    /// <exception cref="ModelException">It is not there.</exception>
    public static string Find(string file, string part, HubRepository repository)
    {
        try
        {
            return FindAsync(repository, HubOptions.FromEnvironment(), CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (HubException e)
        {
            throw new ModelException(file, part, e.Message, "the encoder in the cache: affekt bundle pull base, or recognize once", e);
        }
    }

    private static async Task<string> FindAsync(HubRepository repository, HubOptions options, CancellationToken cancellation)
    {
        using HubClient client = new(options with { Offline = true });
        return (await client.PullAsync(repository, null, cancellation).ConfigureAwait(false)).Folder;
    }
}
