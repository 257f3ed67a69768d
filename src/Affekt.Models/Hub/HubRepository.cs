using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Affekt.Models.Hub;

/// <summary>A model repository on the hub, and the files that are wanted of it.</summary>
/// <param name="Id">Owner and name, such as <c>google-bert/bert-base-uncased</c>.</param>
/// <param name="Revision">A branch, a tag or a commit. A branch is resolved to its commit whenever the hub is asked.</param>
/// <param name="Files">The files that are wanted.</param>
public sealed partial record HubRepository(string Id, string Revision, ImmutableArray<HubFile> Files)
{
    /// <summary>Owner and name, such as <c>google-bert/bert-base-uncased</c>.</summary>
    public string Id { get; } = IdPattern().IsMatch(Id) ? Id : throw new ArgumentException($"\"{Id}\" is not owner/name", nameof(Id));

    /// <summary>A branch, a tag or a commit.</summary>
    public string Revision { get; } = RevisionPattern().IsMatch(Revision)
        ? Revision
        : throw new ArgumentException($"\"{Revision}\" names no revision", nameof(Revision));

    /// <summary>Whether <see cref="Revision"/> is a commit, whose files never change.</summary>
    public bool IsPinned => IsCommit(Revision);

    internal static bool IsCommit(string revision) => CommitPattern().IsMatch(revision);

    // Both become parts of paths: no "..", no leading dot, no slash but the one.
    [GeneratedRegex(@"^\w[\w-]*(\.[\w-]+)*/\w[\w-]*(\.[\w-]+)*\z", RegexOptions.ECMAScript)]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"^\w[\w-]*(\.[\w-]+)*\z", RegexOptions.ECMAScript)]
    private static partial Regex RevisionPattern();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}

/// <summary>A wanted file: the first of these names that the repository has.</summary>
/// <param name="Names">File names without folders, the best first.</param>
public sealed record HubFile(params ImmutableArray<string> Names)
{
    /// <summary>"a or b".</summary>
    public override string ToString() => string.Join(" or ", Names);
}

/// <summary>A repository's files in the cache.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The commit that they are of; null where they came from a folder that tells none.</param>
/// <param name="Folder">The folder that holds them, in Hugging Face's layout.</param>
public sealed record HubSnapshot(HubRepository Repository, string? Commit, string Folder);

/// <summary>How far a file is.</summary>
/// <param name="Repository">The repository's id.</param>
/// <param name="File">The file's name.</param>
/// <param name="Done">Bytes that are there.</param>
/// <param name="Total">Bytes that are wanted; null where the hub does not say.</param>
public sealed record HubProgress(string Repository, string File, long Done, long? Total)
{
    /// <summary>Whether the file is whole and checked.</summary>
    public bool IsLast { get; init; }
}
