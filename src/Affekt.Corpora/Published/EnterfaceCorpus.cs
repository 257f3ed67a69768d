using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>
/// Reads eNTERFACE'05 (Martin et al., 2006): films such as subject 1/anger/sentence 1/s1_an_1.avi, or s1_an_1.avi alone. What a folder
/// says goes before what the file's name says, as some names are mistaken; the folder of a sentence may be missing.
/// </summary>
internal static partial class EnterfaceCorpus
{
    public const int Folds = 5;

    private const int MostSubjects = 99;

    /// <summary>Five sentences for each emotion, so no emotion shares its words with another: they would give it away.</summary>
    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("ha", "happiness", Emotion.Joy), new("sa", "sadness", Emotion.Sadness), new("an", "anger", Emotion.Anger),
        new("fe", "fear", Emotion.Fear), new("di", "disgust", Emotion.Disgust), new("su", "surprise", Emotion.Surprise),
    ];

    public static Corpus Read(string root, CorpusReadOptions options)
    {
        string full = Path.GetFullPath(root);
        return NamedClips.Read(
            "enterface", root, "subject 1/anger/sentence 1/s1_an_1.avi", new CorpusLabels(options.Labels, Labels),
            path => Parse(path, Path.GetRelativePath(full, path), options.Fold));
    }

    private static NamedClip? Parse(string path, string relative, int? fold)
    {
        string[] folders = (Path.GetDirectoryName(relative) ?? "").Split(Path.DirectorySeparatorChar);
        Match name = Name.Match(Path.GetFileNameWithoutExtension(path));
        int? subject = folders.Select(folder => Number(Subject.Match(folder))).FirstOrDefault(number => number is not null)
            ?? (name.Success ? Number(name, "subject") : null);
        CorpusLabel? label = folders.Select(folder => Labels.FirstOrDefault(known => known.Name.Equals(folder, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(known => known is not null)
            ?? Labels.FirstOrDefault(known => name.Success && known.Code.Equals(name.Groups["label"].Value, StringComparison.OrdinalIgnoreCase));
        int? sentence = folders.Select(folder => Number(Sentence.Match(folder))).FirstOrDefault(number => number is not null)
            ?? (name.Success ? Number(name, "number") : null);
        return subject is >= 1 and <= MostSubjects && label is not null && sentence is not null
            ? new NamedClip(
                path, $"s{subject}_{label.Code}_{sentence}", label.Code, SpeakerFolds.SplitOf(1 + ((subject.Value - 1) % Folds), Folds, fold))
            {
                Speaker = $"subject {subject}",
            }
            : null;
    }

    private static int? Number(Match match, string group = "number") => match.Success
        ? int.Parse(match.Groups[group].Value, NumberStyles.None, CultureInfo.InvariantCulture)
        : null;

    [GeneratedRegex(@"^subject[ _-]?(?<number>[0-9]{1,2})\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Subject { get; }

    [GeneratedRegex(@"^sentence[ _-]?(?<number>[0-9])\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Sentence { get; }

    [GeneratedRegex(
        @"^s_?(?<subject>[0-9]{1,2})_(?<label>an|di|fe|ha|sa|su)_?(?<number>[0-9])\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
