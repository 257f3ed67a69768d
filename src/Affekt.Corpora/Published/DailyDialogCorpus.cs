namespace Affekt.Corpora.Published;

/// <summary>
/// Reads DailyDialog (Li et al., 2017): a line of utterances for each dialogue, with a line of emotions, in train/, validation/ and test/
/// or in one pair of files for all; or the JSON files that RECCON made of a part of it.
/// </summary>
internal static class DailyDialogCorpus
{
    private const string Name = "dailydialog";
    private const string EndOfUtterance = "__eou__";

    // Where only the whole is there, every tenth dialogue is test and the one before it dev.
    private const int Tenth = 10;

    private static readonly (Split Split, string Word, int Published)[] _splits =
        [(Split.Train, "train", 11_118), (Split.Dev, "validation", 1_000), (Split.Test, "test", 1_000)];

    public static IReadOnlyList<CorpusLabel> Labels { get; } =
    [
        new("0", "no emotion", Emotion.Neutral), new("4", "happiness", Emotion.Joy), new("5", "sadness", Emotion.Sadness),
        new("1", "anger", Emotion.Anger), new("3", "fear", Emotion.Fear), new("2", "disgust", Emotion.Disgust),
        new("6", "surprise", Emotion.Surprise),
    ];

    /// <summary>Reads the published splits where they are there, else the whole. The two speakers take turns.</summary>
    /// <exception cref="CorpusException">No such files are there, or a pair of them has other numbers of lines.</exception>
    public static Corpus Read(string root, CorpusReadOptions options)
    {
        CorpusLabels labels = new(options.Labels, Labels);
        List<CorpusNote> notes = [];
        (Split Split, string Word, int Published, string File)[] parts =
            [.. _splits.Select(part => (part.Split, part.Word, part.Published, File: Find(root, part.Word))).Where(part => part.File is not null)!];
        string whole = Path.Combine(root, "dialogues_text.txt");
        if (parts.Length == 0 && !File.Exists(whole))
        {
            return HasJson(root)
                ? TranscriptFile.Read(root, options.Labels) with { Name = Name }
                : throw new CorpusException(
                    "neither dialogues_text.txt nor train/dialogues_train.txt", "DailyDialog as it is unpacked", root);
        }

        List<Dialogue> dialogues = [];
        if (parts.Length == 0)
            dialogues.AddRange(ReadPair(whole, Path.Combine(root, "dialogues_emotion.txt"), "", null, 13_118, labels, notes));

        foreach ((Split split, string word, int published, string file) in parts)
        {
            string emotions = Path.Combine(Path.GetDirectoryName(file)!, $"dialogues_emotion_{word}.txt");
            dialogues.AddRange(ReadPair(file, emotions, $"{split.Name()}_", split, published, labels, notes));
        }

        return new Corpus(Name, dialogues, [.. labels.Notes(), .. notes]);
    }

    private static bool HasJson(string root) => Directory.Exists(root) && Directory.EnumerateFiles(root, "*.json").Any();

    // Its zip files unpack into folders that hold a folder of the same name.
    private static string? Find(string root, string word)
    {
        string name = $"dialogues_{word}.txt";
        return MediaFiles.FirstOf(Path.Combine(root, name), Path.Combine(root, word, name), Path.Combine(root, word, word, name));
    }

    private static IEnumerable<Dialogue> ReadPair(
        string textFile, string emotionFile, string prefix, Split? given, int published, CorpusLabels labels, List<CorpusNote> notes)
    {
        (int Number, string Line)[] texts = [.. TextFile.ReadLines(textFile)], emotions = [.. TextFile.ReadLines(emotionFile)];
        if (texts.Length != emotions.Length)
        {
            throw new CorpusException(
                $"{emotions.Length} lines", $"{texts.Length}, as {Path.GetFileName(textFile)} has: one for each dialogue", emotionFile);
        }

        if (texts.Length != published)
            notes.Add(new CorpusNote(textFile, null, $"{texts.Length} dialogues; {published} were published", CorpusNote.Incomplete));

        foreach (((int number, string line), (int labelLine, string labeled)) in texts.Zip(emotions))
        {
            string[] utterances = [.. line.Split(EndOfUtterance).Select(text => text.Trim()).SkipLast(1)];
            string[] codes = labeled.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (utterances.Length != codes.Length || codes.Length == 0)
            {
                notes.Add(new CorpusNote(
                    textFile, number,
                    $"{utterances.Length} utterances, but {codes.Length} emotions in line {labelLine} of {Path.GetFileName(emotionFile)}; left out",
                    CorpusNote.LeftOut));
                continue;
            }

            string id = $"{prefix}dialogue {number}";
            Split split = given ?? (number % Tenth == 0 ? Split.Test : number % Tenth == Tenth - 1 ? Split.Dev : Split.Train);
            yield return new Dialogue(id, split,
            [
                .. utterances.Zip(codes).Select((pair, index) => new Utterance
                {
                    Id = $"{id}_{index}",
                    Dialogue = id,
                    Index = index,
                    Speaker = $"{id} {(index % 2 == 0 ? "A" : "B")}",
                    Text = Utterance.TextOrNull(pair.First),
                    GivenLabel = labels.Read(pair.Second, emotionFile, labelLine),
                    Split = split,
                }),
            ]);
        }
    }
}
