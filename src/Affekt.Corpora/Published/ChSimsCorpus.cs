using System.Globalization;

namespace Affekt.Corpora.Published;

/// <summary>
/// Reads CH-SIMS (Yu et al., 2020) and its second version: label.csv (meta.csv) with a sentiment from -1 to 1 for each clip of
/// Raw/video_0001/0001.mp4. It has no emotions; a map of its sentiments makes some of them.
/// </summary>
internal static class ChSimsCorpus
{
    private const string Name = "ch-sims";
    private const int LongestNumber = 5;

    public static IReadOnlyList<CorpusLabel> Labels { get; } =
        [new("Negative", "negative sentiment", null), new("Neutral", "neutral sentiment", null), new("Positive", "positive sentiment", null)];

    public static Corpus Read(string root, CorpusReadOptions options)
    {
        string file = MediaFiles.FirstOf(Path.Combine(root, "label.csv"), Path.Combine(root, "meta.csv"), root) ?? Path.Combine(root, "label.csv");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "";
        CorpusLabels labels = new(options.Labels, Labels);
        List<CorpusNote> notes = [];
        DialogueGrouping grouping = new(file, "clip_id", "clip_id");
        foreach (CsvRow row in CsvRows.Read(file, ["video_id", "clip_id", "text", "label", "mode"], asSpreadsheetsWrite: true).Select(row => row.Check()))
        {
            // Clips of one film may lie in two splits, so each is a dialogue of its own.
            string id = $"{row["video_id"].Trim()}/{row["clip_id"].Trim().PadLeft(LongestNumber - 1, '0')}";
            if (PublishedSplits.Parse(row["mode"]) is not { } split)
            {
                notes.Add(new CorpusNote(file, row.Line, $"{id} is in split {CorpusException.Quote(row["mode"])}; left out", CorpusNote.LeftOut));
                continue;
            }

            string? media = Clip(folder, row["video_id"].Trim(), row["clip_id"].Trim(), out string expected);
            grouping.Add(
                new Utterance
                {
                    Id = id,
                    Dialogue = id,
                    Index = 0,
                    Text = Utterance.TextOrNull(row["text"]),
                    GivenLabel = labels.Read(Sentiment(row), file, row.Line),
                    Split = split,
                    Media = media,
                    MissingMedia = media is null && Directory.Exists(Path.Combine(folder, "Raw")) ? expected : null,
                },
                row.Line);
        }

        return new Corpus(Name, grouping.Build(), [.. labels.Notes(), .. notes]);
    }

    private static string Sentiment(CsvRow row)
    {
        if (row.Columns.ContainsKey("annotation") && Utterance.TextOrNull(row["annotation"]) is { } written)
            return written.Trim();

        return double.TryParse(row["label"], NumberStyles.Float, CultureInfo.InvariantCulture, out double sentiment)
            ? Labels[1 + Math.Sign(sentiment)].Code
            : throw row.Wrong("label", "a number from -1 to 1");
    }

    // Tables that went through a spreadsheet have lost the zeros before a clip's number.
    private static string? Clip(string folder, string video, string clip, out string expected)
    {
        string raw = Path.Combine(folder, "Raw", video);
        string[] names = [clip, .. Enumerable.Range(2, LongestNumber - 1).Select(width => clip.PadLeft(width, '0'))];
        expected = Path.Combine(raw, $"{clip.PadLeft(LongestNumber - 1, '0')}.mp4");
        return MediaFiles.FirstOf(names.Distinct().Select(name => Path.Combine(raw, $"{name}.mp4")));
    }
}
