using System.Globalization;
using CsvHelper;

namespace Affekt.Corpora;

/// <summary>
/// Reads MELD as it is published: train_sent_emo.csv, dev_sent_emo.csv and test_sent_emo.csv in one folder, and beside
/// them, where they are, the clips in train_splits, dev_splits_complete and output_repeated_splits_test.
/// </summary>
public static class MeldCorpus
{
    // The longest plausible utterance lasts 28.5 s; the next longer annotations (41, 235 and 305 s) are mistakes.
    private const int LongestPlausibleMs = 30_000;

    private static readonly SplitFiles[] _published =
    [
        new(Split.Train, "train_sent_emo.csv", "train_splits", 9_989),
        new(Split.Dev, "dev_sent_emo.csv", "dev_splits_complete", 1_109),
        new(Split.Test, "test_sent_emo.csv", "output_repeated_splits_test", 2_610),
    ];

    // Hours come with one digit too, and three published times have two decimals; those read as hundredths.
    private static readonly string[] _timeFormats = [@"h\:mm\:ss\,fff", @"hh\:mm\:ss\,fff", @"hh\:mm\:ss\,ff"];

    private static readonly string[] _requiredColumns =
        ["Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID", "StartTime", "EndTime"];

    // MELD has no line break inside a field; one means that a quote was lost and rows have run together.
    private static readonly CsvReaderOptions _csvOptions = new()
    {
        Separator = ',',
        HasHeader = false,
        AllowLineBreaksInQuotes = false,
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        TrackLineNumbers = true,
    };

    /// <summary>
    /// Reads the three splits. Ids are "train_dia0_utt3", after MELD's own numbers, which have gaps; text is kept as it
    /// stands in the file, damaged quotes included. The annotated times count from an episode's start, so they only
    /// give <see cref="Utterance.DurationMs"/>; a clip is an utterance from start to end. Durations of 0 s and of more
    /// than 30 s are dropped with a note. A clip that is not there leaves <see cref="Utterance.Media"/> null.
    /// </summary>
    /// <param name="root">The folder that holds the three files.</param>
    /// <exception cref="CorpusException">A file is missing or a row cannot be understood.</exception>
    public static Corpus Read(string root)
    {
        List<CorpusNote> notes = [];
        return new Corpus("meld", [.. _published.SelectMany(files => ReadSplit(root, files, notes))], notes);
    }

    private static IReadOnlyList<Dialogue> ReadSplit(string root, SplitFiles files, List<CorpusNote> notes)
    {
        string path = Path.Combine(root, files.Csv);
        HashSet<string>? clips = FindClips(Path.Combine(root, files.MediaFolder));
        DialogueGrouping grouping = new(path, "Utterance_ID", "Utterance_ID");
        int rows = 0;
        foreach (Row row in ReadRows(path))
        {
            rows++;
            grouping.Add(ToUtterance(root, files, clips, row, notes), row.Line);
        }

        IReadOnlyList<Dialogue> dialogues = grouping.Build();
        NoteWhatIsOdd(path, files, clips is not null, rows, dialogues, notes);
        return dialogues;
    }

    private static Utterance ToUtterance(
        string root, SplitFiles files, HashSet<string>? clips, Row row, List<CorpusNote> notes)
    {
        int dialogue = row.Number("Dialogue_ID");
        int index = row.Number("Utterance_ID");
        string clip = $"dia{dialogue}_utt{index}.mp4";
        int duration = row.Time("EndTime") - row.Time("StartTime");
        bool plausible = duration is > 0 and <= LongestPlausibleMs;
        if (!plausible)
        {
            string seconds = (duration / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);
            notes.Add(new CorpusNote(row.File, row.Line, $"dia{dialogue}_utt{index} lasts {seconds} s; duration dropped"));
        }

        return new Utterance
        {
            Id = $"{files.Split.Name()}_dia{dialogue}_utt{index}",
            Dialogue = $"{files.Split.Name()}_dia{dialogue}",
            Index = index,
            Speaker = string.IsNullOrWhiteSpace(row["Speaker"]) ? null : row["Speaker"],
            Text = Utterance.TextOrNull(row["Utterance"]),
            Emotion = Emotions.Parse(row["Emotion"], row.File, row.Line, "Emotion"),
            Split = files.Split,
            Media = clips?.Contains(clip) == true ? Path.GetFullPath(Path.Combine(root, files.MediaFolder, clip)) : null,
            DurationMs = plausible ? duration : null,
        };
    }

    // Asked by exact name, so the extra final_videos_test*.mp4 of the published test folder are never taken.
    private static HashSet<string>? FindClips(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "dia*.mp4").Select(path => Path.GetFileName(path))]
        : null;

    private static void NoteWhatIsOdd(
        string path, SplitFiles files, bool hasMedia, int rows, IReadOnlyList<Dialogue> dialogues, List<CorpusNote> notes)
    {
        if (rows != files.PublishedRows)
        {
            notes.Add(new CorpusNote(path, null, $"{rows} utterances; the published file has {files.PublishedRows}"));
        }

        int gaps = dialogues.Count(dialogue => dialogue.Utterances[^1].Index >= dialogue.Utterances.Count);
        if (gaps > 0)
        {
            notes.Add(new CorpusNote(path, null, $"{gaps} dialogues lack some utterance numbers; order kept"));
        }

        Utterance[] missing = [.. dialogues.SelectMany(dialogue => dialogue.Utterances).Where(u => u.Media is null)];
        if (hasMedia && missing.Length > 0)
        {
            notes.Add(new CorpusNote(
                path, null, $"{missing.Length} of {rows} clips are not in {files.MediaFolder}, first {missing[0].Id}"));
        }
    }

    private static IEnumerable<Row> ReadRows(string path)
    {
        using CsvReader reader = CsvReader.FromText(TextFile.Read(path), _csvOptions);
        if (!MoveNext(reader, path))
        {
            throw new CorpusException("an empty file", "a line with the column names", path);
        }

        Dictionary<string, int> columns = FindColumns(Fields(reader), path);
        while (MoveNext(reader, path))
        {
            yield return new Row(path, (int)reader.LineNumber, columns, Fields(reader));
        }
    }

    private static string[] Fields(CsvReader reader) => [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)];

    private static bool MoveNext(CsvReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException error)
        {
            throw new CorpusException(
                $"a damaged row ({error.Message})", "as many fields as the header has, quoted in pairs within a line",
                path, error.LineNumber > 0 ? (int)error.LineNumber : null, cause: error);
        }
    }

    private static Dictionary<string, int> FindColumns(string[] header, string path)
    {
        Dictionary<string, int> columns = [];
        foreach (string name in _requiredColumns)
        {
            if (header.Count(name.Equals) != 1)
            {
                string found = CorpusException.Quote(string.Join(',', header));
                throw new CorpusException($"{header.Count(name.Equals)} such columns among {found}", "one", path, 1, name);
            }

            columns.Add(name, Array.IndexOf(header, name));
        }

        return columns;
    }

    private sealed record SplitFiles(Split Split, string Csv, string MediaFolder, int PublishedRows);

    private sealed record Row(string File, int Line, Dictionary<string, int> Columns, string[] Values)
    {
        public string this[string column] => Values[Columns[column]];

        public int Number(string column) =>
            int.TryParse(this[column], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw Wrong(column, "a whole number from 0");

        /// <summary>Milliseconds since the episode's start.</summary>
        public int Time(string column) =>
            TimeSpan.TryParseExact(this[column], _timeFormats, CultureInfo.InvariantCulture, out TimeSpan time)
                ? (int)time.TotalMilliseconds
                : throw Wrong(column, "a time such as 00:16:21,731");

        private CorpusException Wrong(string column, string expected) =>
            new(CorpusException.Quote(this[column]), expected, File, Line, column);
    }
}
