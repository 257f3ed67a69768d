namespace Affekt.Corpora.Published;

/// <summary>
/// Reads CMU-MOSEI (Zadeh et al., 2018): tables of segments with six emotions from 0 to 3, one row for each annotator or one for all,
/// with Transcript/Segmented/Combined, Videos and Audio where they are.
/// </summary>
internal static class MoseiCorpus
{
    /// <summary>The label of a segment in which no emotion is above 0.</summary>
    public const string NoEmotion = "no emotion";

    /// <summary>The label of a segment in which two emotions are the strongest.</summary>
    public const string Tie = "tie";

    private const string Name = "cmu-mosei";

    // Only where a table names no split and the published list of videos is not there.
    private const int SplitGroups = 10;

    private static readonly CorpusLabel[] _emotions =
    [
        new("happy", "happiness", Emotion.Joy), new("sad", "sadness", Emotion.Sadness), new("anger", "angry", Emotion.Anger),
        new("fear", "fearful", Emotion.Fear), new("disgust", "disgusted", Emotion.Disgust), new("surprise", "surprised", Emotion.Surprise),
    ];

    public static IReadOnlyList<CorpusLabel> Labels { get; } =
        [.. _emotions, new(NoEmotion, NoEmotion, Emotion.Neutral), new(Tie, Tie, null)];

    /// <summary>
    /// Reads the segments; those of one video are a dialogue, in the order of their starts. The label is the emotion with the highest mean
    /// over the annotators. A segment's own file is taken where it is there, else its stretch of the whole video or sound.
    /// </summary>
    /// <exception cref="CorpusException">No table has segments with the six emotions, or a row cannot be understood.</exception>
    public static Corpus Read(string root, CorpusReadOptions options)
    {
        string folder = File.Exists(root) ? Path.GetDirectoryName(Path.GetFullPath(root))! : Path.GetFullPath(root);
        CorpusLabels labels = new(options.Labels, Labels);
        List<CorpusNote> notes = [];
        MoseiFiles files = MoseiFiles.Find(folder, notes);
        MoseiFolds folds = MoseiFolds.Find(folder);
        Dictionary<(string Video, string Segment), Rated> rated = [];
        foreach (string table in Tables(root))
            ReadTable(table, rated, notes);

        if (rated.Count == 0)
        {
            throw new CorpusException(
                "no table of segments with emotions",
                $"a .csv file with a column for the video, one for the clip or its start and end, and {string.Join(", ", _emotions.Select(emotion => emotion.Code))}",
                root);
        }

        List<(double Start, Utterance Utterance)> utterances = [];
        int outside = 0;
        foreach (Rated segment in rated.Values)
        {
            if ((segment.Split ?? (segment.IsInNoSplit ? null : folds.SplitOf(segment.Video))) is { } split)
            {
                utterances.Add(files.WithWordsAndMedia(ToUtterance(segment, split, labels), segment));
            }
            else
            {
                outside++;
            }
        }

        if (outside > 0)
            notes.Add(new CorpusNote(folder, null, $"{outside} segments are in none of the published splits; left out", CorpusNote.LeftOut));

        return new Corpus(Name, Group(root, utterances), [.. labels.Notes(), .. notes]);
    }

    private static IReadOnlyList<string> Tables(string root)
    {
        if (File.Exists(root))
            return [root];

        if (!Directory.Exists(root))
            throw new CorpusException("no such folder", "CMU-MOSEI's folder, or a table of its segments", root);

        string[] folders = [root, Path.Combine(root, "Labels"), Path.Combine(root, "Raw", "Labels")];
        return
        [
            .. folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.csv"))
                .Where(file => !MediaFiles.IsLitter(Path.GetFileName(file))).Order(StringComparer.Ordinal),
        ];
    }

    private static void ReadTable(string file, Dictionary<(string Video, string Segment), Rated> rated, List<CorpusNote> notes)
    {
        Split? named = PublishedSplits.OfFile(file);
        MoseiColumns? columns = null;
        foreach (CsvRow row in CsvRows.Read(file, [], asSpreadsheetsWrite: true).Select(row => row.Check()))
        {
            columns ??= MoseiColumns.Find(row, _emotions);
            if (columns is null)
            {
                notes.Add(new CorpusNote(file, 1, "no table of segments with six emotions; not read", CorpusNote.ExtraFiles));
                return;
            }

            if (columns.Ratings(row) is not { } ratings)
            {
                notes.Add(new CorpusNote(file, row.Line, "no emotion is rated; left out", CorpusNote.LeftOut));
                continue;
            }

            Rated one = columns.Segment(row, ratings, named);
            rated[one.Key] = rated.TryGetValue(one.Key, out Rated? before) ? before.And(one) : one;
        }
    }

    private static Utterance ToUtterance(Rated segment, Split split, CorpusLabels labels)
    {
        double most = segment.Ratings.Max();
        string label = most <= 0 ? NoEmotion
            : segment.Ratings.Count(rating => rating == most) > 1 ? Tie
            : _emotions[Array.IndexOf(segment.Ratings, most)].Code;
        return new Utterance
        {
            Id = $"{segment.Video}_{segment.Segment}",
            Dialogue = segment.Video,
            Index = 0,
            Text = segment.Text,
            GivenLabel = labels.Read(label, segment.File, segment.Line),
            Split = split,
        };
    }

    private static IReadOnlyList<Dialogue> Group(string root, List<(double Start, Utterance Utterance)> utterances)
    {
        DialogueGrouping grouping = new(root, "video", "segment");
        foreach (IGrouping<string, (double Start, Utterance Utterance)> video in utterances.GroupBy(segment => segment.Utterance.Dialogue))
        {
            foreach ((int index, Utterance utterance) in video.OrderBy(segment => segment.Start).Select(segment => segment.Utterance).Index())
            {
                // Who speaks is not told; hardly a video has a second speaker.
                grouping.Add(utterance with { Index = index, Speaker = utterance.Dialogue }, null, utterance.Id);
            }
        }

        return grouping.Build();
    }

    /// <summary>The split of a video by its name, where nothing published tells it: eight tenths train, a tenth dev, a tenth test.</summary>
    internal static Split SplitByName(string video)
    {
        int group = (int)(video.Aggregate(2_166_136_261u, (hash, letter) => unchecked((hash ^ letter) * 16_777_619)) % SplitGroups);
        return group switch
        {
            SplitGroups - 1 => Split.Test,
            SplitGroups - 2 => Split.Dev,
            _ => Split.Train,
        };
    }

    /// <summary>A segment and what was said of it.</summary>
    /// <param name="Video">The video.</param>
    /// <param name="Segment">Its clip's number, or its place among the video's rows.</param>
    /// <param name="Ratings">The six emotions, in the order of the labels, as means.</param>
    /// <param name="File">The table.</param>
    /// <param name="Line">The row.</param>
    internal sealed record Rated(string Video, string Segment, double[] Ratings, string File, int Line)
    {
        public int? Clip { get; init; }

        public double? Start { get; init; }

        public double? End { get; init; }

        public string? Text { get; init; }

        public Split? Split { get; init; }

        /// <summary>Whether its table has splits, and this segment is in none.</summary>
        public bool IsInNoSplit { get; init; }

        public int Annotators { get; init; } = 1;

        public (string Video, string Segment) Key => (Video, Segment);

        public Rated And(Rated other) => this with
        {
            Ratings = [.. Ratings.Zip(other.Ratings).Select(pair => ((pair.First * Annotators) + pair.Second) / (Annotators + 1))],
            Annotators = Annotators + 1,
        };
    }
}
