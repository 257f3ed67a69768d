namespace Affekt.Media.Transcripts;

/// <summary>Reads who says what, and when, from subtitles and transcripts.</summary>
public static class Transcript
{
    private static readonly Dictionary<string, Func<TranscriptText, IEnumerable<SpokenLine>>> _readers =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [".srt"] = CueFile.ReadSrt,
            [".vtt"] = CueFile.ReadVtt,
            [".jsonl"] = TranscriptTable.ReadJsonl,
            [".csv"] = TranscriptTable.ReadCsv,
            [".txt"] = PlainText,
        };

    /// <summary>The endings of the files that can be read, each with its dot.</summary>
    public static IReadOnlyCollection<string> Extensions => _readers.Keys;

    /// <summary>
    /// Reads a transcript by its file's ending: SubRip (.srt), WebVTT (.vtt), JSON lines or CSV with the fields text,
    /// speaker, and start_ms and end_ms in ms or start and end in seconds or as h:mm:ss.fff (.jsonl, .csv), or plain text
    /// without times, an utterance a line (.txt). Voice tags and prefixes such as "JOEY: " name speakers.
    /// </summary>
    /// <param name="file">UTF-8, UTF-16 with a byte order mark, or, where it is neither, Latin-1.</param>
    /// <returns>The lines in the order of their times, or of the file where it has none; overlaps stay.</returns>
    /// <exception cref="TranscriptException">
    /// The file cannot be opened, is of no such kind, or has a line that cannot be read, such as one whose end is not after
    /// its start.
    /// </exception>
    public static IReadOnlyList<SpokenLine> Read(string file)
    {
        string extension = Path.GetExtension(file);
        if (!_readers.TryGetValue(extension, out Func<TranscriptText, IEnumerable<SpokenLine>>? reader))
        {
            throw new TranscriptException(
                file, null, extension.Length == 0 ? "a name without an ending" : $"a file ending in {extension}",
                $"one ending in {string.Join(", ", Extensions)}");
        }

        List<SpokenLine> lines = [.. reader(TranscriptText.Load(file))];
        if (lines.Count == 0)
            throw new TranscriptException(file, null, "no spoken line", "at least one");

        // Sorting is stable: what begins at once stays in the file's order.
        return [.. lines.OrderBy(line => line.Time?.Start ?? TimeSpan.Zero)];
    }

    private static IEnumerable<SpokenLine> PlainText(TranscriptText text) =>
        text.Lines.SelectMany(line => SpokenText.Split(null, line));
}
