using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>Reads EMOVO (Costantini et al., 2014): Italian, fourteen sentences, six actors, files such as f1/dis-f1-b1.wav.</summary>
internal static partial class EmovoCorpus
{
    /// <summary>A woman and a man in each.</summary>
    public const int Folds = 3;

    private const int PublishedClips = 588;

    private static readonly Dictionary<string, string> _sentences = new(StringComparer.OrdinalIgnoreCase)
    {
        ["b1"] = "Gli operai si alzano presto.",
        ["b2"] = "I vigili sono muniti di pistola.",
        ["b3"] = "La cascata fa molto rumore.",
        ["l1"] = "L'autunno prossimo Tony partirà per la Spagna: nella prima metà di ottobre.",
        ["l2"] = "Ora prendo la felpa di là ed esco per fare una passeggiata.",
        ["l3"] = "Un attimo dopo s'è incamminato... ed è inciampato.",
        ["l4"] = "Vorrei il numero telefonico del Signor Piatti.",
        ["n1"] = "La casa forte vuole col pane.",
        ["n2"] = "La forza trova il passo e l'aglio rosso.",
        ["n3"] = "Il gatto sta scorrendo nella pera.",
        ["n4"] = "Insalata pastasciutta coscia d'agnello limoncello.",
        ["n5"] = "Uno quarantatré dieci mille cinquantasette venti.",
        ["d1"] = "Sabato sera cosa farà?",
        ["d2"] = "Porti con te quella cosa?",
    };

    /// <summary>The codes stand for the Italian words.</summary>
    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("neu", "neutral", Emotion.Neutral), new("gio", "joy", Emotion.Joy), new("tri", "sadness", Emotion.Sadness),
        new("rab", "anger", Emotion.Anger), new("pau", "fear", Emotion.Fear), new("dis", "disgust", Emotion.Disgust),
        new("sor", "surprise", Emotion.Surprise),
    ];

    public static Corpus Read(string root, CorpusReadOptions options) => NamedClips.Read(
        "emovo", root, "f1/dis-f1-b1.wav", new CorpusLabels(options.Labels, Labels), path => Parse(path, options.Fold), PublishedClips);

    private static NamedClip? Parse(string path, int? fold)
    {
        string stem = Path.GetFileNameWithoutExtension(path).ToLowerInvariant();
        Match name = Name.Match(stem);
        return name.Success
            ? new NamedClip(path, stem, name.Groups["label"].Value, SpeakerFolds.SplitOf(name.Groups["number"].Value[0] - '0', Folds, fold))
            {
                Speaker = name.Groups["speaker"].Value,
                Sentence = _sentences.GetValueOrDefault(name.Groups["sentence"].Value),
            }
            : null;
    }

    [GeneratedRegex(@"^(?<label>[a-z]{3})-(?<speaker>[fm](?<number>[1-3]))-(?<sentence>[a-z][0-9])\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
