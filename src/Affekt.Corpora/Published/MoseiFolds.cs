using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>The published lists of videos for each split, cmu_mosei_std_folds.py, which is read as text.</summary>
/// <param name="splits">The split of each video; null where the lists are not there.</param>
internal sealed partial class MoseiFolds(IReadOnlyDictionary<string, Split>? splits)
{
    private const string File = "cmu_mosei_std_folds.py";

    /// <summary>Looks for the lists in a folder and in Labels/.</summary>
    public static MoseiFolds Find(string folder)
    {
        if (MediaFiles.FirstOf(Path.Combine(folder, File), Path.Combine(folder, "Labels", File)) is not { } file)
        {
            return new MoseiFolds(null);
        }

        Dictionary<string, Split> splits = [];
        foreach (Match list in List.Matches(TextFile.Read(file)))
        {
            if (PublishedSplits.Parse(list.Groups["name"].Value) is { } split)
            {
                foreach (Match video in Video.Matches(list.Groups["videos"].Value))
                {
                    splits[video.Groups["id"].Value] = split;
                }
            }
        }

        return splits.Count > 0
            ? new MoseiFolds(splits)
            : throw new CorpusException("no list of videos", "standard_train_fold = ['...'], and likewise valid and test", file);
    }

    /// <summary>A video's split; null where it is in none of the lists. Without lists it goes by the video's name.</summary>
    public Split? SplitOf(string video) => splits is null ? MoseiCorpus.SplitByName(video)
        : splits.TryGetValue(video, out Split split) ? split
        : null;

    [GeneratedRegex(@"standard_(?<name>train|valid|test)_fold\s*=\s*\[(?<videos>[^\]]*)\]", RegexOptions.CultureInvariant)]
    private static partial Regex List { get; }

    [GeneratedRegex(@"u?['""](?<id>[^'""]+)['""]", RegexOptions.CultureInvariant)]
    private static partial Regex Video { get; }
}
