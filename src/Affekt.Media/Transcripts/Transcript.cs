namespace Affekt.Media.Transcripts;

/// <summary>Reads who says what, and when, from subtitles and transcripts.</summary>
public static class Transcript
{
    private static readonly Dictionary<string, Func<TranscriptText, IEnumerable<Cue>>> _readers =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [".srt"] = CueFile.ReadSrt,
            [".vtt"] = CueFile.ReadVtt,
            [".ass"] = SubStation.Read,
            [".ssa"] = SubStation.Read,
            [".sbv"] = CueFile.ReadSrt,
            [".json"] = TranscriptJson.Read,
            [".jsonl"] = TranscriptTable.ReadJsonl,
            [".csv"] = TranscriptTable.ReadCsv,
            [".tsv"] = TranscriptTable.ReadCsv,
            [".txt"] = PlainText,
        };

    /// <summary>The endings of the files that can be read, each with its dot.</summary>
    public static IReadOnlyCollection<string> Extensions => _readers.Keys;

    /// <summary>
    /// Reads a transcript by its file's ending: SubRip (.srt), WebVTT (.vtt), SubStation Alpha (.ass, .ssa), YouTube's .sbv, JSON
    /// lines or a table with the fields text, speaker, and start_ms and end_ms in ms or start and end in seconds or as
    /// h:mm:ss.fff (.jsonl, .csv, .tsv), a JSON document with a list of such, as Whisper and services that transcribe write it
    /// (.json), or plain text without times, an utterance a line (.txt). Captions are told by what they look like too, and so are an exported
    /// chat, paragraphs below a name and a time, labels with tabs between start, end and words, and lines behind or below a time. Voice
    /// tags and prefixes such as "JOEY: " or "[SPEAKER_00]: " name speakers. Captions that roll are read once; a line with a
    /// start alone lasts until the next begins; a row with times alone is a stretch whose words are not known. Whole numbers
    /// that would give each word over 100 seconds are milliseconds.
    /// </summary>
    /// <param name="file">UTF-8, UTF-16, or, where it is neither, windows-1252.</param>
    /// <param name="warnings">Gets what was left out or joined, with its line; null where nobody asks.</param>
    /// <returns>The lines in the order of their times, or of the file where it has none; overlaps stay.</returns>
    /// <exception cref="TranscriptException">
    /// The file cannot be opened, is of no such kind, has a row that is none, or no line that can be read.
    /// </exception>
    public static IReadOnlyList<SpokenLine> Read(string file, ICollection<MediaWarning>? warnings = null)
    {
        string extension = Path.GetExtension(file);
        if (!_readers.TryGetValue(extension, out Func<TranscriptText, IEnumerable<Cue>>? reader))
        {
            throw new TranscriptException(
                file, null, extension.Length == 0 ? "a name without an ending" : $"a file ending in {extension}",
                $"one ending in {string.Join(", ", Extensions)}");
        }

        // JSON lines end at LF alone; what else some call a line's end may stand within a string.
        TranscriptText text = TranscriptText.Load(file, endsAtLfAlone: reader == TranscriptTable.ReadJsonl || reader == TranscriptJson.Read);
        reader = ByContent(reader, text.Lines);
        List<Cue> cues = CueMending.Mend(reader(text), text.Notes);
        if (reader == CueFile.ReadSrt || reader == CueFile.ReadVtt)
            cues = RollingCaptions.Unroll(cues);

        // Sorting is stable: what begins at once stays in the file's order.
        SpokenLine[] lines = [.. cues.SelectMany(cue => cue.Spoken()).OrderBy(line => line.Time?.Start ?? TimeSpan.Zero)];
        if (lines.Length == 0)
        {
            text.Notes.ThrowFirst();
            throw new TranscriptException(file, null, "no spoken line", "at least one");
        }

        foreach (MediaWarning warning in text.Notes.ToWarnings())
            warnings?.Add(warning);
        return lines;
    }

    // What is told by its look is not what its ending says: captions called .txt, WebVTT without its first line, JSON over lines.
    private static Func<TranscriptText, IEnumerable<Cue>> ByContent(Func<TranscriptText, IEnumerable<Cue>> reader, string[] lines)
    {
        string first = lines.FirstOrDefault(line => !string.IsNullOrWhiteSpace(line))?.Trim() ?? "";
        if (reader == TranscriptTable.ReadJsonl)
            return first is "{" or "[" || first.StartsWith("[{", StringComparison.Ordinal) ? TranscriptJson.Read : reader;
        if (reader != PlainText && reader != CueFile.ReadSrt && reader != CueFile.ReadVtt)
            return reader;
        return SubStation.Is(first) ? SubStation.Read
            : reader != CueFile.ReadSrt && CueFile.Is(lines) ? CueFile.ReadSrt
            : reader != PlainText ? reader
            : CueFile.IsBracketed(lines) ? CueFile.ReadBracketed
            : HeadedText.IsChat(lines) ? HeadedText.ReadChat
            : HeadedText.HasHeads(lines) ? HeadedText.ReadHeads
            : TimedLines.AreLabels(lines) ? TimedLines.ReadLabels
            : TimedLines.AreTimed(lines) ? TimedLines.ReadTimed
            : reader;
    }

    private static IEnumerable<Cue> PlainText(TranscriptText text) => text.Lines.Select((line, i) => new Cue(i, null, null, [line]));
}

/// <summary>A transcript that cannot be read: what was found, what was expected, and where.</summary>
/// <param name="file">The file as the caller named it.</param>
/// <param name="line">The line, counted from 1; null where the whole file is meant.</param>
/// <param name="found">What the file holds.</param>
/// <param name="expected">What would have been right.</param>
/// <param name="cause">The error beneath, if any.</param>
public sealed class TranscriptException(string file, int? line, string found, string expected, Exception? cause = null)
    : Exception($"{file}{(line is null ? "" : $", line {line}")}: found {found}, expected {expected}", cause)
{
    private const int LongestQuote = 60;

    /// <summary>The file at fault.</summary>
    public string File { get; } = file;

    /// <summary>The line at fault, counted from 1; null where the whole file is meant.</summary>
    public int? Line { get; } = line;

    /// <summary>What the file holds.</summary>
    public string Found { get; } = found;

    /// <summary>What would have been right.</summary>
    public string Expected { get; } = expected;

    internal static string Quote(string value) =>
        value.Length <= LongestQuote ? $"'{value}'" : $"'{value[..LongestQuote]}...'";
}
