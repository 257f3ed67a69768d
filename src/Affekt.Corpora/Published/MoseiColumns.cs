using System.Globalization;

namespace Affekt.Corpora.Published;

/// <summary>Where a table of CMU-MOSEI's segments has what; its tables name their columns in several ways.</summary>
internal sealed record MoseiColumns(string Video, string? Clip, string? Start, string? End, string? Text, string? Split, IReadOnlyList<string> Emotions)
{
    // Those of the annotators' answers begin so.
    private const string Answer = "Answer.";
    private const string Input = "Input.";

    /// <summary>The columns; null where the table has no videos, no segments or not all six emotions.</summary>
    public static MoseiColumns? Find(CsvRow row, IReadOnlyList<CorpusLabel> emotions)
    {
        string? video = Named(row, "video", "video_id", "file"), clip = Named(row, "clip", "clip_id");
        string? start = Named(row, "start", "start_time", "interval_start"), end = Named(row, "end", "end_time", "interval_end");
        string?[] rated = [.. emotions.Select(emotion => Named(row, emotion.Code, emotion.Name))];
        return video is not null && (clip is not null || (start is not null && end is not null)) && !rated.Contains(null)
            ? new MoseiColumns(video, clip, start, end, Named(row, "text", "asr", "transcript"), Named(row, "split", "mode"), rated!)
            : null;
    }

    /// <summary>The six ratings; null where none is given. A cell that is empty while others are not is a 0.</summary>
    public double[]? Ratings(CsvRow row)
    {
        if (Emotions.All(column => string.IsNullOrWhiteSpace(row[column])))
            return null;

        return [.. Emotions.Select(column => string.IsNullOrWhiteSpace(row[column]) ? 0 : Number(row, column))];
    }

    /// <summary>The segment of a row.</summary>
    public MoseiCorpus.Rated Segment(CsvRow row, double[] ratings, Split? named)
    {
        string video = row[Video].Trim();
        video = video[(video.LastIndexOf('/') + 1)..];
        int? clip = Clip is null ? null : Whole(row, Clip);
        double? start = Start is null ? null : Number(row, Start), end = End is null ? null : Number(row, End);
        string segment = clip is { } number ? $"{number}" : string.Create(CultureInfo.InvariantCulture, $"{start:0.###}-{end:0.###}");
        Split? split = Split is null ? named : PublishedSplits.Parse(row[Split]);
        return new MoseiCorpus.Rated(video, segment, ratings, row.File, row.Line)
        {
            Clip = clip,
            Start = start,
            End = end,
            Text = Text is null ? null : Utterance.TextOrNull(row[Text])?.Trim(),
            Split = split,
            IsInNoSplit = Split is not null && split is null,
        };
    }

    private static string? Named(CsvRow row, params string[] names) => names
        .Select(name => row.Columns.Keys.FirstOrDefault(column =>
            column.Trim().Equals(name, StringComparison.OrdinalIgnoreCase)
            || column.Trim().Equals(Answer + name, StringComparison.OrdinalIgnoreCase)
            || column.Trim().Equals(Input + name, StringComparison.OrdinalIgnoreCase)))
        .FirstOrDefault(column => column is not null);

    private static int Whole(CsvRow row, string column) => Number(row, column) is var number && number == Math.Truncate(number) && Math.Abs(number) < int.MaxValue
        ? (int)number
        : throw row.Wrong(column, "a whole number");

    private static double Number(CsvRow row, string column) =>
        double.TryParse(row[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw row.Wrong(column, "a number");
}
