using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>
/// Reads clips cut from films and series that lie in folders for split and emotion: AFEW (Dhall et al., 2012), Train_AFEW/Angry/ or
/// Train/Anger/, and CAER (Lee et al., 2019), train/Anger/0001.avi. Who speaks is not told.
/// </summary>
internal static partial class FilmFolderCorpus
{
    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("Neutral", "neutral", Emotion.Neutral), new("Happy", "happiness", Emotion.Joy), new("Sad", "sadness", Emotion.Sadness),
        new("Angry", "anger", Emotion.Anger), new("Fear", "fear", Emotion.Fear), new("Disgust", "disgust", Emotion.Disgust),
        new("Surprise", "surprise", Emotion.Surprise),
    ];

    public static Corpus Read(string name, string root, CorpusReadOptions options)
    {
        string full = Path.GetFullPath(root);
        return NamedClips.Read(
            name, root, name == "afew" ? "Train_AFEW/Angry/000149120.avi" : "train/Anger/0001.avi", new CorpusLabels(options.Labels, Labels),
            path => Parse(path, Path.GetRelativePath(full, path)));
    }

    private static NamedClip? Parse(string path, string relative)
    {
        string[] folders = (Path.GetDirectoryName(relative) ?? "").Split(Path.DirectorySeparatorChar);
        int at = Array.FindIndex(folders, folder => SplitName.IsMatch(folder));
        if (at < 0)
            return null;

        // The test clips of AFEW were published without their emotions, in no folder or one of another name.
        Split split = Enum.Parse<Split>(SplitName.Match(folders[at]).Groups.Values.Skip(1).First(group => group.Success).Name, ignoreCase: true);
        string folder = folders[^1];
        string? label = at < folders.Length - 1 && !SplitName.IsMatch(folder) ? folder : null;
        return new NamedClip(path, $"{split.Name()}/{(label is null ? "" : $"{label}/")}{Path.GetFileNameWithoutExtension(path)}", label, split);
    }

    [GeneratedRegex(
        @"^(?:(?<train>train)|(?<dev>val(?:id|idation)?|dev)|(?<test>test))(?:[ _-].*)?\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SplitName { get; }
}
