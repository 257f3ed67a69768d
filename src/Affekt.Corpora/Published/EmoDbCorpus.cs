using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>Reads EmoDB (Burkhardt et al., 2005): German, ten sentences, ten speakers, files such as wav/03a01Fa.wav.</summary>
internal static partial class EmoDbCorpus
{
    public const int Folds = 5;

    private const int PublishedClips = 535;

    // A woman and a man in each fold, in the order of their numbers.
    private static readonly Dictionary<string, int> _foldOf = new()
    {
        ["03"] = 1,
        ["08"] = 1,
        ["10"] = 2,
        ["09"] = 2,
        ["11"] = 3,
        ["13"] = 3,
        ["12"] = 4,
        ["14"] = 4,
        ["15"] = 5,
        ["16"] = 5,
    };

    private static readonly Dictionary<string, string> _sentences = new()
    {
        ["a01"] = "Der Lappen liegt auf dem Eisschrank.",
        ["a02"] = "Das will sie am Mittwoch abgeben.",
        ["a04"] = "Heute abend könnte ich es ihm sagen.",
        ["a05"] = "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
        ["a07"] = "In sieben Stunden wird es soweit sein.",
        ["b01"] = "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
        ["b02"] = "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
        ["b03"] = "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
        ["b09"] = "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
        ["b10"] = "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
    };

    /// <summary>The letters stand for the German words.</summary>
    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("N", "neutral", Emotion.Neutral), new("F", "happiness", Emotion.Joy), new("T", "sadness", Emotion.Sadness),
        new("W", "anger", Emotion.Anger), new("A", "fear", Emotion.Fear), new("E", "disgust", Emotion.Disgust), new("L", "boredom", null),
    ];

    public static Corpus Read(string root, CorpusReadOptions options) => NamedClips.Read(
        "emodb", root, "03a01Fa.wav", new CorpusLabels(options.Labels, Labels), path => Parse(path, options.Fold), PublishedClips);

    private static NamedClip? Parse(string path, int? fold)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        Match name = Name.Match(stem);
        return name.Success && _foldOf.TryGetValue(name.Groups["speaker"].Value, out int group)
            ? new NamedClip(path, stem, name.Groups["label"].Value, SpeakerFolds.SplitOf(group, Folds, fold))
            {
                Speaker = $"speaker {name.Groups["speaker"].Value}",
                Sentence = _sentences.GetValueOrDefault(name.Groups["sentence"].Value),
            }
            : null;
    }

    [GeneratedRegex(@"^(?<speaker>[0-9][0-9])(?<sentence>[a-z][0-9][0-9])(?<label>[A-Z])[a-z]?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
