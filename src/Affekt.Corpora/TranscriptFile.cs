using System.Text.Json;

namespace Affekt.Corpora;

/// <summary>
/// Reads transcripts as JSON: an object that names dialogues, each a list of utterances (or a list with one such list, as
/// RECCON's DailyDialog has it), or that names single utterances, each a text. An utterance is a text, or an object with
/// "utterance" or "text" and perhaps "speaker", "emotion", "turn" or "index", "id", "media", "start_ms" and "end_ms".
/// </summary>
public static class TranscriptFile
{
    // All of an object's fields beyond those that are read, so that a note says which were passed over.
    private static readonly HashSet<string> _known =
        [.. ManifestLine.Known, "utterance", "turn"];

    // Beside the seven and their synonyms, spellings that transcripts are known to use.
    private static readonly CorpusLabel[] _labels =
        [.. CorpusLabel.Seven, new("happines", "happines", Emotion.Joy), new("no emotion", "no emotion", Emotion.Neutral)];

    /// <summary>
    /// Reads a file, or all files of a folder whose names end in .json. A dialogue's split is what its file's name says
    /// (train; dev, valid or val; test); of a file whose name says none all is test, as nothing must be learned from what
    /// nobody gave for it. A label that is not among the seven is dropped, with a note that counts it.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="map">What labels count as that are none of the seven, or are not to count as what they say.</param>
    /// <exception cref="CorpusException">
    /// There is no such file, it is no JSON of this shape, or it names an utterance twice.
    /// </exception>
    public static Corpus Read(string path, LabelMap? map = null)
    {
        CorpusLabels labels = new(map ?? LabelMap.Empty, _labels, synonyms: true);
        string[] files = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path, "*.json").Where(file => !MediaFiles.IsLitter(Path.GetFileName(file))).Order(StringComparer.Ordinal)]
            : [path];
        if (files.Length == 0)
            throw new CorpusException("no file that ends in .json", "files of transcripts", path);

        List<CorpusNote> notes = [];
        List<Dialogue> dialogues = [];
        HashSet<string> ids = [];
        foreach (string file in files)
        {
            IReadOnlyList<Dialogue> read = ReadFile(file, labels, notes);
            if (read.SelectMany(dialogue => dialogue.Utterances).FirstOrDefault(utterance => !ids.Add(utterance.Id)) is { } repeated)
            {
                throw new CorpusException(
                    $"{CorpusException.Quote(repeated.Id)}, which another file has", "each utterance in one file", file);
            }

            dialogues.AddRange(read);
        }

        return new Corpus(Path.GetFileName(Path.TrimEndingDirectorySeparator(path)), dialogues, [.. labels.Notes(), .. notes]);
    }

    private static IReadOnlyList<Dialogue> ReadFile(string file, CorpusLabels labels, List<CorpusNote> notes)
    {
        using JsonDocument document = JsonEntry.Open(file, "a JSON object of transcripts");
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new CorpusException(
                $"a JSON {JsonManifestLine.Kind(document.RootElement)}", "an object that names dialogues or utterances", file);
        }

        Split split = SplitOf(file, notes);
        string folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "";
        DialogueGrouping grouping = new(file, "id", "turn");
        SortedSet<string> unknown = new(StringComparer.Ordinal);
        foreach (JsonProperty entry in document.RootElement.EnumerateObject())
        {
            string dialogue = Name(entry, file);
            foreach ((int index, JsonElement element) in Utterances(entry.Value, dialogue, file).Index())
            {
                bool alone = entry.Value.ValueKind == JsonValueKind.String;
                string id = alone ? dialogue : $"{dialogue}_{index}";
                string place = alone ? dialogue : $"{dialogue}[{index}]";
                Utterance utterance = element.ValueKind == JsonValueKind.String
                    ? new Utterance { Id = id, Dialogue = dialogue, Index = index, Text = Text(element, place, file), Split = split }
                    : FromObject(new JsonManifestLine(element, file, null, place), id, dialogue, index);
                grouping.Add(utterance, null, place);
            }
        }

        notes.AddRange(unknown.Select(field => new CorpusNote(
            file, null, $"field {CorpusException.Quote(field)} is not part of a transcript; ignored")));
        return grouping.Build();

        Utterance FromObject(JsonManifestLine line, string id, string dialogue, int index)
        {
            unknown.UnionWith(line.UnknownFields().Where(field => !_known.Contains(field)));
            string? label = line.Text("emotion");
            int? counted = label is null ? null : labels.Read(label, file);
            Utterance utterance = line.WithMedia(folder, new Utterance
            {
                Id = line.Text("id") ?? id,
                Dialogue = dialogue,
                Index = line.Number("turn") ?? line.Number("index") ?? index,
                Speaker = line.Text("speaker"),
                Text = line.Text("utterance") ?? line.Text("text"),
                Label = counted,
                HasOtherLabel = label is not null && counted is null,
                Split = split,
            });
            if (utterance.MissingMedia is { } missing)
                notes.Add(new CorpusNote(file, null, $"no file {missing}; {utterance.Id} has no media", CorpusNote.MissingMedia));

            return utterance;
        }
    }

    private static JsonElement[] Utterances(JsonElement dialogue, string name, string file)
    {
        if (dialogue.ValueKind == JsonValueKind.String)
            return [dialogue];

        if (dialogue.ValueKind != JsonValueKind.Array)
        {
            throw new CorpusException(
                $"a JSON {JsonManifestLine.Kind(dialogue)}", "a list of utterances or a text", file, null, name);
        }

        bool nested = dialogue.GetArrayLength() == 1 && dialogue[0].ValueKind == JsonValueKind.Array;
        JsonElement list = nested ? dialogue[0] : dialogue;
        return [.. list.EnumerateArray()];
    }

    private static Split SplitOf(string file, List<CorpusNote> notes)
    {
        string[] words = Path.GetFileNameWithoutExtension(file).ToLowerInvariant().Split('_', '-', '.', ' ');
        if (words.Contains("train"))
            return Split.Train;

        if (words.Any(word => word is "dev" or "valid" or "val" or "validation"))
            return Split.Dev;

        if (!words.Contains("test"))
            notes.Add(new CorpusNote(file, null, "the file's name tells no split (train, dev, valid, test); all of it is test"));

        return Split.Test;
    }

    private static string Name(JsonProperty entry, string file) =>
        Unescaped(() => entry.Name, file, "(name)") is { } name && !string.IsNullOrWhiteSpace(name)
            ? name
            : throw new CorpusException("an empty name", "a dialogue's or an utterance's name", file);

    private static string? Text(JsonElement element, string place, string file) =>
        Utterance.TextOrNull(Unescaped(() => element.GetString()!, file, place));

    private static string Unescaped(Func<string> read, string file, string field)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException error)
        {
            throw new CorpusException("half of a surrogate pair", "a string of whole characters", file, null, field, error);
        }
    }
}
