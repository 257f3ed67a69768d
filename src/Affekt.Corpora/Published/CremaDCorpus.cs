using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>Whose word is taken for what a clip of CREMA-D shows.</summary>
internal enum CremaDLabels
{
    /// <summary>What the actor was asked to show, from the file's name.</summary>
    Acted,

    /// <summary>What most people heard in the voice alone.</summary>
    Voice,

    /// <summary>What most people saw in the face alone.</summary>
    Face,

    /// <summary>What most people heard and saw in both together.</summary>
    Both,
}

/// <summary>
/// Reads CREMA-D (Cao et al., 2014): 91 actors, twelve sentences, six emotions, in AudioWAV, AudioMP3 and VideoFlash, files such as
/// 1001_DFA_ANG_XX.wav.
/// </summary>
internal static partial class CremaDCorpus
{
    public const int Folds = 5;

    private const int PublishedClips = 7_442;
    private const int FirstActor = 1001;
    private const int LastActor = 1091;
    private const string ClipList = "SentenceFilenames.csv";
    private const string ListedName = "Filename";

    private static readonly Dictionary<string, string> _sentences = new()
    {
        ["IEO"] = "It's eleven o'clock.",
        ["TIE"] = "That is exactly what happened.",
        ["IOM"] = "I'm on my way to the meeting.",
        ["IWW"] = "I wonder what this is about.",
        ["TAI"] = "The airplane is almost full.",
        ["MTI"] = "Maybe tomorrow it will be cold.",
        ["IWL"] = "I would like a new alarm clock.",
        ["ITH"] = "I think I have a doctor's appointment.",
        ["DFA"] = "Don't forget a jacket.",
        ["ITS"] = "I think I've seen this before.",
        ["TSI"] = "The surface is slick.",
        ["WSI"] = "We'll stop in a couple of minutes.",
    };

    public static IReadOnlyList<CorpusLabel> Acted { get; } =
    [
        new("NEU", "neutral", Emotion.Neutral), new("HAP", "happy", Emotion.Joy), new("SAD", "sad", Emotion.Sadness),
        new("ANG", "anger", Emotion.Anger), new("FEA", "fear", Emotion.Fear), new("DIS", "disgust", Emotion.Disgust),
    ];

    public static IReadOnlyList<CorpusLabel> Voted { get; } =
    [
        new("N", "neutral", Emotion.Neutral), new("H", "happy", Emotion.Joy), new("S", "sad", Emotion.Sadness),
        new("A", "anger", Emotion.Anger), new("F", "fear", Emotion.Fear), new("D", "disgust", Emotion.Disgust),
        new(CremaDVotes.Tie, CremaDVotes.Tie, null),
    ];

    /// <summary>
    /// Reads every clip, with the sentence as fixed text. The actors are dealt into five folds by their numbers. What
    /// SentenceFilenames.csv lists and is in no folder is a missing file.
    /// </summary>
    public static Corpus Read(string root, CorpusReadOptions options, CremaDLabels labels)
    {
        CremaDVotes? votes = labels == CremaDLabels.Acted ? null : CremaDVotes.Read(root, labels);
        string name = labels == CremaDLabels.Acted ? "crema-d" : $"crema-d-{labels.ToString().ToLowerInvariant()}";
        CorpusLabels read = new(options.Labels, votes is null ? Acted : Voted);
        Corpus corpus = NamedClips.Read(
            name, root, "1001_DFA_ANG_XX.wav", read, path => Parse(path, votes, options.Fold), PublishedClips);
        return WithMissing(corpus, root, read, votes, options.Fold);
    }

    private static NamedClip? Parse(string path, CremaDVotes? votes, int? fold)
    {
        string stem = Path.GetFileNameWithoutExtension(path).ToUpperInvariant();
        Match name = Name.Match(stem);
        if (!name.Success
            || int.Parse(name.Groups["actor"].Value, NumberStyles.None, CultureInfo.InvariantCulture) is not (>= FirstActor and <= LastActor and var actor))
        {
            return null;
        }

        return new NamedClip(
            path, stem, votes is null ? name.Groups["label"].Value : votes.Of(stem),
            SpeakerFolds.SplitOf(1 + ((actor - FirstActor) % Folds), Folds, fold))
        {
            Speaker = $"actor {actor}",
            Sentence = _sentences.GetValueOrDefault(name.Groups["sentence"].Value),
        };
    }

    private static Corpus WithMissing(Corpus corpus, string root, CorpusLabels labels, CremaDVotes? votes, int? fold)
    {
        string list = Path.Combine(root, ClipList);
        if (!File.Exists(list))
            return corpus;

        HashSet<string> there = [.. MediaFiles.Under(root).Select(path => Path.GetFileNameWithoutExtension(path).ToUpperInvariant())];
        List<Dialogue> missing = [];
        List<CorpusNote> notes = [];
        foreach (CsvRow row in CsvRows.Read(list, [ListedName]))
        {
            string stem = row[ListedName].Trim().ToUpperInvariant();
            string path = Path.Combine(Path.GetFullPath(root), "AudioWAV", $"{stem}.wav");
            if (!there.Add(stem))
                continue;

            if (Parse(path, votes, fold) is not { } clip)
            {
                notes.Add(new CorpusNote(list, row.Line, $"{CorpusException.Quote(row[ListedName])} is no clip's name; left out", CorpusNote.LeftOut));
                continue;
            }

            notes.Add(new CorpusNote(list, row.Line, $"no file {path}", CorpusNote.MissingMedia));
            int? counted = clip.Label is null ? null : labels.Read(clip.Label, list, row.Line);
            missing.Add(new Dialogue(stem, clip.Split,
            [
                new Utterance
                {
                    Id = stem,
                    Dialogue = stem,
                    Index = 0,
                    Speaker = clip.Speaker,
                    Text = clip.Sentence,
                    TextIsFixed = clip.Sentence is not null,
                    Label = counted,
                    HasOtherLabel = clip.Label is not null && counted is null,
                    Split = clip.Split,
                    MissingMedia = path,
                },
            ]));
        }

        return corpus with { Dialogues = [.. corpus.Dialogues, .. missing], Notes = [.. corpus.Notes, .. notes] };
    }

    // One published name ends in a single X.
    [GeneratedRegex(@"^(?<actor>[0-9]{4})_(?<sentence>[A-Z]{3})_(?<label>[A-Z]{3})_(?:LO|MD|HI|XX?)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Name { get; }
}
