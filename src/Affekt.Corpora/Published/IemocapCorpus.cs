using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Corpora.Published;

/// <summary>
/// Reads IEMOCAP (Busso et al., 2008): Session1 to Session5 with dialog/EmoEvaluation, dialog/transcriptions and sentences/wav. Each
/// session has two speakers who are in no other.
/// </summary>
internal static partial class IemocapCorpus
{
    /// <summary>One for each session; by default the fifth is test and the fourth dev.</summary>
    public const int Folds = 5;

    private const string Name = "iemocap";
    private const int PublishedTurns = 10_039;

    /// <summary>The code xxx stands where the annotators did not agree.</summary>
    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("neu", "neutral", Emotion.Neutral), new("hap", "happiness", Emotion.Joy), new("sad", "sadness", Emotion.Sadness),
        new("ang", "anger", Emotion.Anger), new("fea", "fear", Emotion.Fear), new("dis", "disgust", Emotion.Disgust),
        new("sur", "surprise", Emotion.Surprise), new("exc", "excited", null), new("fru", "frustration", null), new("oth", "other", null),
        new("xxx", "no agreement", null),
    ];

    /// <summary>
    /// Reads the sessions that are there, each scene as a dialogue of its turns in the order of their starts. A turn whose label counts
    /// as none of the seven stays in its dialogue, without one.
    /// </summary>
    /// <exception cref="CorpusException">No session is there, or a file of one is missing or damaged.</exception>
    public static Corpus Read(string root, CorpusReadOptions options)
    {
        CorpusLabels labels = new(options.Labels, Labels);
        List<CorpusNote> notes = [];
        List<Dialogue> dialogues = [];
        foreach ((int number, string folder) in Sessions(root))
        {
            Split split = SpeakerFolds.SplitOf(number, Folds, options.Fold);
            foreach (string evaluation in Evaluations(folder))
                dialogues.AddRange(ReadScene(folder, evaluation, split, labels, options.Dimensions, notes));
        }

        int turns = dialogues.Sum(dialogue => dialogue.Utterances.Count);
        if (turns != PublishedTurns)
            notes.Add(new CorpusNote(root, null, $"{turns} turns; {PublishedTurns} were published", CorpusNote.Incomplete));

        return new Corpus(Name, dialogues, [.. labels.Notes(), .. notes]);
    }

    private static IReadOnlyList<(int Number, string Folder)> Sessions(string root)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        if (!Directory.Exists(full))
            throw new CorpusException("no such folder", "IEMOCAP's folder", root);

        // The archive unpacks into a folder of its own; one session alone is read too.
        IEnumerable<string>[] places =
            [[full], Directory.GetDirectories(full), Directory.GetDirectories(full, "IEMOCAP*").SelectMany(Directory.GetDirectories)];
        return places.Select(SessionsAmong).FirstOrDefault(sessions => sessions.Count > 0)
            ?? throw new CorpusException(
                "no folder Session1 to Session5", "IEMOCAP as it is unpacked: Session1/dialog/EmoEvaluation and so on", root);
    }

    private static IReadOnlyList<(int Number, string Folder)> SessionsAmong(IEnumerable<string> folders) =>
    [
        .. from folder in folders
           let name = Session.Match(Path.GetFileName(folder))
           where name.Success
           orderby name.Groups["number"].Value
           select (name.Groups["number"].Value[0] - '0', folder),
    ];

    private static IEnumerable<string> Evaluations(string session)
    {
        string folder = Path.Combine(session, "dialog", "EmoEvaluation");
        if (!Directory.Exists(folder))
            throw new CorpusException("no such folder", "one with a file for each dialogue, such as Ses01F_impro01.txt", folder);

        // Its folders hold what each annotator said, and archives made on a Mac files whose names begin with "._".
        return Directory.EnumerateFiles(folder, "Ses*.txt").Order(StringComparer.Ordinal);
    }

    // In the order of the line, where it has them.
    private static double? Dimension(Match turn, string name)
    {
        int place = name.ToLowerInvariant() switch
        {
            "valence" => 0,
            "activation" or "arousal" => 1,
            "dominance" => 2,
            _ => throw new CorpusException(CorpusException.Quote(name), "valence, activation, arousal or dominance", field: "dimensions"),
        };
        string[] values = turn.Groups["dimensions"].Value.Split(',');
        return values.Length == 3 && double.TryParse(values[place], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
    }

    private static IReadOnlyList<Dialogue> ReadScene(
        string session, string evaluation, Split split, CorpusLabels labels, IReadOnlyList<string> dimensions, List<CorpusNote> notes)
    {
        string scene = Path.GetFileNameWithoutExtension(evaluation);
        Dictionary<string, string> texts = Texts(session, scene, notes);
        DialogueGrouping grouping = new(evaluation, "turn", "turn");
        (int Line, Match Turn)[] turns =
        [
            .. Turns(evaluation, notes).OrderBy(turn => Milliseconds(turn.Match, "start")).ThenBy(turn => turn.Line),
        ];
        foreach ((int index, (int line, Match turn)) in turns.Index())
        {
            string id = turn.Groups["turn"].Value;
            int start = Milliseconds(turn, "start"), end = Milliseconds(turn, "end");
            bool plausible = end > start;
            if (!plausible)
                notes.Add(new CorpusNote(evaluation, line, $"{id} ends before it starts; times dropped", CorpusNote.OddDuration));

            Utterance utterance = new()
            {
                Id = id,
                Dialogue = scene,
                Index = index,
                Speaker = $"Ses0{turn.Groups["session"].Value}{turn.Groups["sex"].Value}",
                Text = texts.GetValueOrDefault(id),
                GivenLabel = labels.Read(turn.Groups["label"].Value, evaluation, line),
                Dimensions = [.. dimensions.Select(name => Dimension(turn, name))],
                Split = split,
                DurationMs = plausible ? end - start : null,
            };
            grouping.Add(WithMedia(utterance, session, scene, plausible ? (start, end) : null), line);
        }

        return grouping.Build();
    }

    private static IEnumerable<(int Line, Match Match)> Turns(string file, List<CorpusNote> notes)
    {
        foreach ((int number, string line) in TextFile.ReadLines(file))
        {
            // The other lines are a heading and, below each turn, what each annotator said.
            if (!line.StartsWith('['))
                continue;

            Match turn = Turn.Match(line);
            if (turn.Success)
            {
                yield return (number, turn);
            }
            else
            {
                notes.Add(new CorpusNote(
                    file, number, $"found {CorpusException.Quote(line)}, expected [start - end] turn label [v, a, d]; left out", CorpusNote.LeftOut));
            }
        }
    }

    private static Dictionary<string, string> Texts(string session, string scene, List<CorpusNote> notes)
    {
        string file = Path.Combine(session, "dialog", "transcriptions", $"{scene}.txt");
        Dictionary<string, string> texts = [];
        if (!File.Exists(file))
        {
            notes.Add(new CorpusNote(file, null, "no such file; its dialogue has no words", CorpusNote.Odd));
            return texts;
        }

        // Other lines mark laughter and similar events; backchannels of the other speaker are not labeled.
        foreach (Match line in TextFile.ReadLines(file).Select(line => Spoken.Match(line.Line)).Where(line => line.Success))
        {
            if (Utterance.TextOrNull(line.Groups["text"].Value) is { } text)
                texts[line.Groups["turn"].Value] = text.Trim();
        }

        return texts;
    }

    // Each turn has a file of its own; in its stead the sound of the whole dialogue serves, or the film, which shows both speakers.
    private static Utterance WithMedia(Utterance utterance, string session, string scene, (int Start, int End)? times)
    {
        string sentences = Path.Combine(session, "sentences", "wav");
        if (Directory.Exists(sentences))
        {
            string own = Path.Combine(sentences, scene, $"{utterance.Id}.wav");
            return File.Exists(own) ? utterance with { Media = own } : utterance with { MissingMedia = own };
        }

        string? whole = MediaFiles.FirstOf(
            Path.Combine(session, "dialog", "wav", $"{scene}.wav"), Path.Combine(session, "dialog", "avi", "DivX", $"{scene}.avi"));
        return whole is not null && times is { } stretch
            ? utterance with { Media = whole, StartMs = stretch.Start, EndMs = stretch.End }
            : utterance;
    }

    private static int Milliseconds(Match turn, string group) =>
        (int)Math.Round(double.Parse(turn.Groups[group].Value, CultureInfo.InvariantCulture) * 1000);

    [GeneratedRegex(@"^Session(?<number>[1-5])\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Session { get; }

    [GeneratedRegex(
        @"^\[\s*(?<start>[0-9]{1,5}(?:\.[0-9]+)?)\s*-\s*(?<end>[0-9]{1,5}(?:\.[0-9]+)?)\s*\]\s+(?<turn>Ses0(?<session>[1-5])\w+_(?<sex>[FM])\w*[0-9]+)\s+(?<label>[a-z]+)\s*(?:\[(?<dimensions>[^\]]*)\]?.*)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Turn { get; }

    [GeneratedRegex(@"^(?<turn>Ses\w+)\s+\[[^\]]*\]:\s*(?<text>.*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Spoken { get; }
}
