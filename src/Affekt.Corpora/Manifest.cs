using System.Text.Encodings.Web;
using System.Text.Json;

namespace Affekt.Corpora;

/// <summary>
/// Affekt's own corpus format: one utterance per line, with the fields id, dialogue, index, speaker, text, emotion, split,
/// media, start_ms and end_ms, as JSONL or as CSV with a line of column names. Media are named relative to the manifest's
/// folder. A JSON file of transcripts (<see cref="TranscriptFile"/>) counts as a manifest too.
/// </summary>
public static class Manifest
{
    // Times that may have been meant, in whatever unit.
    private static readonly HashSet<string> _timeFields = ["start", "end", "begin", "start_time", "end_time", "onset", "offset", "duration"];

    private static readonly JsonDocumentOptions _readOptions = new() { AllowDuplicateProperties = false };

    // A manifest is never put into a page as it is, so text stays readable in it.
    private static readonly JsonWriterOptions _writeOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Reads a manifest: CSV where its name ends in .csv or .tsv, transcripts where it ends in .json or is a folder, else JSONL. id,
    /// dialogue, index and split must be there; speaker, text, emotion, media and times may be absent, null or, in CSV,
    /// empty. A media file that is not there leaves <see cref="Utterance.Media"/> null, with a note; a field that is not
    /// part of the format is ignored, with a note. Lines of one dialogue may lie apart; they are put in order of index.
    /// </summary>
    /// <exception cref="CorpusException">
    /// A line is no JSON object or no whole row, lacks a field, has one of the wrong kind, repeats an id, or puts a dialogue
    /// in two splits.
    /// </exception>
    /// <param name="path">The file or folder.</param>
    /// <param name="onBadLine">
    /// Told of each line that is not as it should be, which is then left out; null to have the first one end the reading.
    /// </param>
    /// <param name="map">Which labels are read into, and what those count as that are none of these, or are not to count as what they say.</param>
    /// <param name="readLabels">
    /// False where a manifest only names what is to be recognized: no label is read, none is wrong, and id, dialogue, index and split
    /// may be absent.
    /// </param>
    /// <param name="dimensions">Fields with numbers that are read too, such as valence; null for none. Transcripts have none.</param>
    public static Corpus Read(
        string path, Action<CorpusException>? onBadLine = null, LabelMap? map = null, bool readLabels = true,
        IReadOnlyList<string>? dimensions = null)
    {
        if (Directory.Exists(path) || HasExtension(path, ".json"))
            return TranscriptFile.Read(path, map);

        CorpusLabels? labels = readLabels ? new CorpusLabels(map ?? LabelMap.Empty, CorpusLabel.Seven) : null;

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        List<CorpusNote> notes = [];
        HashSet<string> unknownFields = [];
        DialogueGrouping grouping = new(path, "id", "index");
        Dictionary<string, int> lines = [];
        foreach (Func<ManifestLine> read in HasExtension(path, ".csv") || HasExtension(path, ".tsv") ? CsvLines(path, readLabels) : JsonLines(path))
        {
            try
            {
                Add(read());
            }
            catch (CorpusException bad) when (onBadLine is not null)
            {
                onBadLine(bad);
            }
        }

        return new Corpus(Path.GetFileName(path), grouping.Build(), [.. labels?.Notes() ?? [], .. notes]) { Lines = lines };

        void Add(ManifestLine line)
        {
            foreach (string field in line.UnknownFields().Except(dimensions ?? []).Where(unknownFields.Add))
            {
                string message = $"field {CorpusException.Quote(field)} is not part of a manifest; ignored{(_timeFields.Contains(field) ? ": start_ms and end_ms are" : "")}";
                notes.Add(new CorpusNote(path, line.Line, message));
            }

            Utterance utterance = line.ToUtterance(folder, labels);
            if (dimensions is { Count: > 0 })
                utterance = utterance with { Dimensions = [.. dimensions.Select(line.Decimal)] };

            grouping.Add(utterance, line.Line);
            lines.Add(utterance.Id, line.Line ?? 0);
            if (utterance.MissingMedia is { } missing)
            {
                notes.Add(new CorpusNote(
                    path, line.Line, $"no file {missing}; the utterance has no media", CorpusNote.MissingMedia));
            }
        }
    }

    /// <summary>
    /// Writes a corpus as a manifest, replacing a file that is there only once all is written. Fields without a value
    /// are left out. <see cref="Utterance.TextIsFixed"/>, and a duration without start and end, are not part of the
    /// format.
    /// </summary>
    /// <exception cref="CorpusException">The file cannot be written.</exception>
    public static void Write(Corpus corpus, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        try
        {
            AtomicFile.Write(path, file =>
            {
                foreach (Utterance utterance in corpus.Utterances)
                {
                    using (Utf8JsonWriter writer = new(file, _writeOptions))
                        WriteLine(writer, utterance, folder, corpus.Labels);

                    file.WriteByte((byte)'\n');
                }
            });
        }
        catch (IOException error)
        {
            throw new CorpusException(error.Message, "a file that can be written", path, cause: error);
        }
    }

    private static bool HasExtension(string path, string extension) =>
        Path.GetExtension(path).Equals(extension, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Func<ManifestLine>> CsvLines(string path, bool isCorpus) =>
        CsvRows.Read(path, isCorpus ? ["id", "dialogue", "index", "split"] : ["media"], asSpreadsheetsWrite: true).Select(row => (Func<ManifestLine>)(() => new CsvManifestLine(row.Check())));

    private static IEnumerable<Func<ManifestLine>> JsonLines(string path)
    {
        foreach ((int number, string line) in TextFile.ReadLines(path))
        {
            yield return () =>
            {
                using JsonDocument document = Parse(line, path, number);
                return new JsonManifestLine(document.RootElement.Clone(), path, number);
            };
        }
    }

    private static JsonDocument Parse(string line, string path, int number)
    {
        try
        {
            return JsonDocument.Parse(line, _readOptions);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The latter where a name escapes half a surrogate pair.
            throw new CorpusException(CorpusException.Quote(line), "one JSON object", path, number, cause: error);
        }
    }

    private static void WriteLine(Utf8JsonWriter writer, Utterance utterance, string folder, LabelSet labels)
    {
        writer.WriteStartObject();
        WriteText("id", utterance.Id);
        WriteText("dialogue", utterance.Dialogue);
        WriteNumber("index", utterance.Index);
        WriteText("speaker", utterance.Speaker);
        WriteText("text", utterance.Text);
        WriteText("emotion", utterance.Label is { } label ? labels[label] : null);
        WriteText("split", utterance.Split.Name());
        WriteText("media", RelativeMedia(utterance.Media, folder));
        WriteNumber("start_ms", utterance.StartMs);
        WriteNumber("end_ms", utterance.EndMs);
        writer.WriteEndObject();

        void WriteText(string field, string? value)
        {
            if (value is not null)
                writer.WriteString(field, value);
        }

        void WriteNumber(string field, int? value)
        {
            if (value is not null)
                writer.WriteNumber(field, value.Value);
        }
    }

    // Slashes whatever the system, so that a manifest can be carried to another one.
    private static string? RelativeMedia(string? media, string folder) =>
        media is null ? null : Path.GetRelativePath(folder, media).Replace(Path.DirectorySeparatorChar, '/');
}
