using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Corpora;

/// <summary>What RAVDESS's eighth emotion, calm, which is not among the seven, becomes.</summary>
public enum CalmAs
{
    /// <summary>Calm counts as neutral: every file is evaluated.</summary>
    Neutral,

    /// <summary>Calm files are left out: a model should not learn that calm sounds neutral.</summary>
    LeftOut,
}

/// <summary>How to read RAVDESS.</summary>
public sealed record RavdessOptions
{
    /// <summary>What calm becomes. Default: neutral, for evaluation; recipes for training leave it out.</summary>
    public CalmAs CalmAs { get; init; } = CalmAs.Neutral;

    /// <summary>The actors, 1 to 24, to read. Default null: all.</summary>
    public SpeakerList? Actors { get; init; }

    /// <summary>What labels count as, such as "calm=none", before what is said here. Default: nothing is said.</summary>
    public LabelMap Labels { get; init; } = LabelMap.Empty;
}

/// <summary>
/// Reads the speech of RAVDESS by its file names, modality-channel-emotion-intensity-statement-repetition-actor, in any
/// media format and at any depth under a folder.
/// </summary>
public static partial class RavdessCorpus
{
    private const string ModalityVideoOnly = "02";
    private const string ModalityAudioOnly = "03";
    private const string ChannelSong = "02";
    private const string EmotionCalm = "02";

    /// <summary>Its labels.</summary>
    internal static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("01", "neutral", Emotion.Neutral), new(EmotionCalm, "calm", Emotion.Neutral), new("03", "happy", Emotion.Joy),
        new("04", "sad", Emotion.Sadness), new("05", "angry", Emotion.Anger), new("06", "fearful", Emotion.Fear),
        new("07", "disgust", Emotion.Disgust), new("08", "surprised", Emotion.Surprise),
    ];

    private static readonly Dictionary<string, string> _statements = new()
    {
        ["01"] = "Kids are talking by the door.",
        ["02"] = "Dogs are sitting by the door.",
    };

    /// <summary>
    /// Reads every spoken performance as a dialogue of one utterance, once: where it lies there as film, as picture
    /// alone and as sound alone, the film is taken, then the sound. Actors 1-14 train, 15-16 are dev, 17-24 test; the
    /// speaker is "actor NN". The two sentences are fixed (<see cref="Utterance.TextIsFixed"/>). Songs are left out
    /// with a note.
    /// </summary>
    /// <exception cref="CorpusException">
    /// No file has such a name, or a name holds a value that RAVDESS does not define.
    /// </exception>
    public static Corpus Read(string root, RavdessOptions? options = null)
    {
        options ??= new RavdessOptions();
        FileName[] names = [.. MediaFiles.Under(root).Select(FileName.From).OfType<FileName>()];
        if (names.Length == 0)
            throw new CorpusException("no file named so", "media files such as 03-01-06-01-02-01-12.wav", root);

        FileName[] speech = [.. names.Where(name => name.Channel != ChannelSong)];
        FileName[] performances = [.. speech.GroupBy(name => name.Performance).Select(takes => takes.MinBy(Preference)!)];
        List<CorpusNote> notes = [];
        CorpusLabels labels = new(options.Labels, Labels);
        Dialogue[] dialogues =
        [
            .. performances.Where(name => options.Actors?.Contains(name.Actor) ?? true)
                .Where(name => options.CalmAs != CalmAs.LeftOut || name.EmotionCode != EmotionCalm)
                .Select(name => labels.Read(name.EmotionCode, name.Path) is { } label ? ToDialogue(name, label) : null).OfType<Dialogue>(),
        ];
        AddNote(names.Length - speech.Length, "songs were left out");
        AddNote(speech.Length - performances.Length, "files show a performance that another file shows as well; left out");
        return new Corpus("ravdess", dialogues, [.. labels.Notes(), .. notes]);

        void AddNote(int count, string what)
        {
            if (count > 0)
                notes.Add(new CorpusNote(root, null, $"{count} {what}"));
        }
    }

    private static int Preference(FileName name) => name.Modality switch
    {
        ModalityVideoOnly => 2,
        ModalityAudioOnly => 1,
        _ => 0,
    };

    private static Dialogue ToDialogue(FileName name, int label)
    {
        Split split = name.Actor <= 14 ? Split.Train : name.Actor <= 16 ? Split.Dev : Split.Test;
        string id = Path.GetFileNameWithoutExtension(name.Path);
        Utterance utterance = new()
        {
            Id = id,
            Dialogue = id,
            Index = 0,
            Speaker = $"actor {name.Actor:00}",
            Text = _statements[name.Statement],
            TextIsFixed = true,
            Label = label,
            Split = split,
            Media = name.Path,
        };
        return new Dialogue(id, split, [utterance]);
    }

    [GeneratedRegex(@"^[0-9][0-9](-[0-9][0-9]){6}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SevenNumbers { get; }

    private sealed record FileName(
        string Path, string Modality, string Channel, string EmotionCode, string Statement, int Actor, string Performance)
    {
        /// <summary>Null where the name is not seven numbers of two digits.</summary>
        public static FileName? From(string path)
        {
            string stem = System.IO.Path.GetFileNameWithoutExtension(path);
            if (!SevenNumbers.IsMatch(stem))
                return null;

            string[] fields = stem.Split('-');
            Require("modality", fields[0], fields[0] is "01" or "02" or "03", "01 to 03");
            Require("channel", fields[1], fields[1] is "01" or "02", "01 or 02");
            Require("emotion", fields[2], Labels.Any(label => label.Code == fields[2]), "01 to 08");
            Require("statement", fields[4], _statements.ContainsKey(fields[4]), "01 or 02");
            int actor = int.Parse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture);
            Require("actor", fields[6], actor is >= 1 and <= 24, "01 to 24");
            return new FileName(path, fields[0], fields[1], fields[2], fields[4], actor, stem[3..]);

            void Require(string field, string found, bool valid, string expected)
            {
                if (!valid)
                    throw new CorpusException(CorpusException.Quote(found), expected, path, null, field);
            }
        }
    }
}
