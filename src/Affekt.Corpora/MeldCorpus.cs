using System.Globalization;

namespace Affekt.Corpora;

/// <summary>
/// Reads MELD as it is published: train_sent_emo.csv, dev_sent_emo.csv and test_sent_emo.csv, and, where they are, the clips
/// in train_splits, dev_splits_complete and output_repeated_splits_test. Each may lie in the folder itself, in a folder named
/// after the split (where the archives of MELD.Raw are unpacked one by one), or in MELD.Raw below either.
/// </summary>
public static class MeldCorpus
{
    // The longest plausible utterance lasts 28.5 s; the next longer annotations (41, 235 and 305 s) are mistakes.
    private const int LongestPlausibleMs = 30_000;

    private const string EmotionColumn = "Emotion";
    private const string SentimentColumn = "Sentiment";

    private static readonly SplitFiles[] _published =
    [
        new(Split.Train, "train_sent_emo.csv", "train_splits", 9_989),
        new(Split.Dev, "dev_sent_emo.csv", "dev_splits_complete", 1_109),
        new(Split.Test, "test_sent_emo.csv", "output_repeated_splits_test", 2_610),
    ];

    // Hours come with one digit too, and three published times have two decimals; those read as hundredths.
    private static readonly string[] _timeFormats = [@"h\:mm\:ss\,fff", @"hh\:mm\:ss\,fff", @"hh\:mm\:ss\,ff"];

    private static readonly string[] _requiredColumns =
        ["Utterance", "Speaker", EmotionColumn, "Dialogue_ID", "Utterance_ID", "StartTime", "EndTime"];

    /// <summary>
    /// Reads the three splits. Ids are "train_dia0_utt3", after MELD's own numbers, which have gaps; text is kept as it
    /// stands in the file, damaged quotes included. The annotated times count from an episode's start, so they only
    /// give <see cref="Utterance.DurationMs"/>; a clip is an utterance from start to end. Durations of 0 s and of more
    /// than 30 s are dropped with a note. Labels are emotions, or sentiments where the map reads into some of these. A clip that is not there leaves <see cref="Utterance.Media"/> null.
    /// </summary>
    /// <param name="root">The folder that holds the three files.</param>
    /// <param name="map">What labels count as, where that is not what they say.</param>
    /// <exception cref="CorpusException">A file is missing or a row cannot be understood.</exception>
    public static Corpus Read(string root, LabelMap? map = null)
    {
        List<CorpusNote> notes = [];
        CorpusLabels labels = new(map ?? LabelMap.Empty, CorpusLabel.Seven);
        bool sentiments = map is not null && map.Set.Names.All(name => LabelSet.Sentiments.TryFind(name, out _));
        string column = sentiments ? SentimentColumn : EmotionColumn;
        Dialogue[] dialogues = [.. _published.SelectMany(files => ReadSplit(root, files, column, labels, notes))];
        return new Corpus("meld", dialogues, [.. labels.Notes(), .. notes]);
    }

    private static IReadOnlyList<Dialogue> ReadSplit(
        string root, SplitFiles files, string column, CorpusLabels labels, List<CorpusNote> notes)
    {
        string path = Find(root, files, files.Csv, File.Exists) ?? Path.Combine(root, files.Csv);
        Clips? clips = Find(root, files, files.MediaFolder, Directory.Exists) is { } folder ? Clips.In(folder) : null;
        DialogueGrouping grouping = new(path, "Utterance_ID", "Utterance_ID");
        int rows = 0;
        foreach (CsvRow row in CsvRows.Read(path, column == EmotionColumn ? _requiredColumns : [.. _requiredColumns, column]))
        {
            rows++;
            grouping.Add(ToUtterance(files, clips, row, column, labels, notes), row.Line);
        }

        IReadOnlyList<Dialogue> dialogues = grouping.Build();
        NoteWhatIsOdd(path, files, clips, rows, dialogues, notes);
        return dialogues;
    }

    private static Utterance ToUtterance(
        SplitFiles files, Clips? clips, CsvRow row, string column, CorpusLabels labels, List<CorpusNote> notes)
    {
        int dialogue = Number(row, "Dialogue_ID");
        int index = Number(row, "Utterance_ID");
        string clip = $"dia{dialogue}_utt{index}.mp4";
        int duration = Time(row, "EndTime") - Time(row, "StartTime");
        bool plausible = duration is > 0 and <= LongestPlausibleMs;
        if (!plausible)
        {
            string seconds = (duration / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);
            notes.Add(new CorpusNote(
                row.File, row.Line, $"dia{dialogue}_utt{index} lasts {seconds} s; duration dropped", CorpusNote.OddDuration));
        }

        return new Utterance
        {
            Id = $"{files.Split.Name()}_dia{dialogue}_utt{index}",
            Dialogue = $"{files.Split.Name()}_dia{dialogue}",
            Index = index,
            Speaker = string.IsNullOrWhiteSpace(row["Speaker"]) ? null : row["Speaker"],
            Text = Utterance.TextOrNull(row["Utterance"]),
            GivenLabel = labels.ReadStrictly(row[column], row.File, row.Line, column),
            Split = files.Split,
            Media = clips?.Names.Contains(clip) == true ? Path.Combine(clips.Folder, clip) : null,
            MissingMedia = clips?.Names.Contains(clip) == false ? Path.Combine(clips.Folder, clip) : null,
            DurationMs = plausible ? duration : null,
        };
    }

    private static string? Find(string root, SplitFiles files, string name, Func<string, bool> exists)
    {
        string split = files.Split.Name();
        string[] folders = ["", split, "MELD.Raw", Path.Combine("MELD.Raw", split)];
        return folders.Select(folder => Path.GetFullPath(Path.Combine(root, folder, name))).FirstOrDefault(exists);
    }

    private static void NoteWhatIsOdd(
        string path, SplitFiles files, Clips? clips, int rows, IReadOnlyList<Dialogue> dialogues, List<CorpusNote> notes)
    {
        if (rows != files.PublishedRows)
        {
            notes.Add(new CorpusNote(
                path, null, $"{rows} utterances; the published file has {files.PublishedRows}", CorpusNote.Incomplete));
        }

        int gaps = dialogues.Count(dialogue => dialogue.Utterances[^1].Index >= dialogue.Utterances.Count);
        if (gaps > 0)
            notes.Add(new CorpusNote(path, null, $"{gaps} dialogues lack some utterance numbers; order kept"));

        Utterance[] utterances = [.. dialogues.SelectMany(dialogue => dialogue.Utterances)];
        if (clips is null)
            return;

        if (utterances.FirstOrDefault(utterance => utterance.Media is null) is { } first)
        {
            int missing = utterances.Count(utterance => utterance.Media is null);
            notes.Add(new CorpusNote(
                path, null, $"{missing} of {rows} clips are not in {files.MediaFolder}, first {first.Id}", CorpusNote.MissingMedia));
        }

        int extra = clips.Names.Count + clips.Others - utterances.Count(utterance => utterance.Media is not null);
        if (extra > 0)
        {
            notes.Add(new CorpusNote(
                clips.Folder, null, $"{extra} clips are no utterance's own, such as final_videos_test*.mp4; not read",
                CorpusNote.ExtraFiles));
        }
    }

    private static int Number(CsvRow row, string column) =>
        int.TryParse(row[column], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw row.Wrong(column, "a whole number from 0");

    /// <summary>Milliseconds since the episode's start.</summary>
    private static int Time(CsvRow row, string column) =>
        TimeSpan.TryParseExact(row[column], _timeFormats, CultureInfo.InvariantCulture, out TimeSpan time)
            ? (int)time.TotalMilliseconds
            : throw row.Wrong(column, "a time such as 00:16:21,731");

    private sealed record SplitFiles(Split Split, string Csv, string MediaFolder, int PublishedRows);

    /// <summary>The clips of a split.</summary>
    /// <param name="Folder">Where they lie.</param>
    /// <param name="Names">Those that are named like an utterance's.</param>
    /// <param name="Others">How many others there are.</param>
    private sealed record Clips(string Folder, HashSet<string> Names, int Others)
    {
        // Asked by exact name, so the extra final_videos_test*.mp4 of the published test folder are never taken. Those that
        // begin with "._" are no clips: they are what macOS leaves in archives.
        public static Clips In(string folder)
        {
            string[] all = [.. Directory.EnumerateFiles(folder, "*.mp4").Select(path => Path.GetFileName(path)).Where(name => name[0] != '.')];
            HashSet<string> named = [.. all.Where(name => name.StartsWith("dia", StringComparison.Ordinal))];
            return new Clips(folder, named, all.Length - named.Count);
        }
    }
}
