using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>
/// Reads SAVEE (Haq and Jackson, 2009): four Englishmen, DC, JE, JK and KL, in files such as AudioData/DC/a01.wav, or DC_a01.wav where
/// all lie in one folder.
/// </summary>
internal static partial class SaveeCorpus
{
    private const int PublishedClips = 480;

    private static readonly string[] _speakers = ["DC", "JE", "JK", "KL"];

    public static int Folds => _speakers.Length;

    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("n", "neutral", Emotion.Neutral), new("h", "happiness", Emotion.Joy), new("sa", "sadness", Emotion.Sadness),
        new("a", "anger", Emotion.Anger), new("f", "fear", Emotion.Fear), new("d", "disgust", Emotion.Disgust),
        new("su", "surprise", Emotion.Surprise),
    ];

    public static Corpus Read(string root, CorpusReadOptions options) => NamedClips.Read(
        "savee", root, "DC/a01.wav or DC_a01.wav", new CorpusLabels(options.Labels, Labels), path => Parse(path, options.Fold),
        PublishedClips);

    private static NamedClip? Parse(string path, int? fold)
    {
        Match name = Name.Match(Path.GetFileNameWithoutExtension(path));
        if (!name.Success)
            return null;

        string speaker = name.Groups["speaker"] is { Success: true } written ? written.Value : Path.GetFileName(Path.GetDirectoryName(path)) ?? "";
        int group = 1 + Array.FindIndex(_speakers, known => known.Equals(speaker, StringComparison.OrdinalIgnoreCase));
        string label = name.Groups["label"].Value;
        return group > 0
            ? new NamedClip(path, $"{_speakers[group - 1]}_{label}{name.Groups["number"].Value}", label, SpeakerFolds.SplitOf(group, Folds, fold))
            {
                Speaker = _speakers[group - 1],
            }
            : null;
    }

    [GeneratedRegex(
        @"^((?<speaker>DC|JE|JK|KL)_)?(?<label>a|d|f|h|n|sa|su)(?<number>[0-9][0-9]?)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
