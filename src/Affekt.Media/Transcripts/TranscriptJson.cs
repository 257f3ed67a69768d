using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>
/// Reads transcripts that are one JSON document: a list of objects with words and times, wherever it stands in it. So
/// Whisper and what is built on it, services that transcribe, and Affekt's own results are read alike.
/// </summary>
internal static partial class TranscriptJson
{
    private const string Expected = "a list of objects with text, start and end, such as Whisper's segments";
    private const int DeepestList = 3;

    /// <summary>The entries of the list, or the text alone where that is all there is.</summary>
    public static IEnumerable<Cue> Read(TranscriptText file)
    {
        try
        {
            using JsonDocument document = Parse(string.Join('\n', file.Lines));
            JsonElement root = document.RootElement;
            if (ListIn(root) is { } list)
                return Entries(file, list, root);
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String
                ? [new Cue(0, null, null, [text.GetString()!])]
                : throw file.Wrong(0, $"a JSON {root.ValueKind.ToString().ToLowerInvariant()} without such a list", Expected);
        }
        catch (JsonException error)
        {
            throw file.Wrong((int)(error.LineNumber ?? 0), "no JSON", Expected, error);
        }
        catch (InvalidOperationException error)
        {
            // JSON may escape half a surrogate pair, which is no text; System.Text.Json says so when the string is asked for.
            throw file.Wrong(0, "half of a surrogate pair", "a string of whole characters", error);
        }
    }

    /// <summary>Parses JSON, also where numbers are written that only Python calls JSON.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException) when (text.Contains("NaN", StringComparison.Ordinal) || text.Contains("Infinity", StringComparison.Ordinal))
        {
            return JsonDocument.Parse(StringOrNoNumber().Replace(text, match => match.Value.StartsWith('"') ? match.Value : "null"));
        }
    }

    private static IEnumerable<Cue> Entries(TranscriptText file, JsonElement list, JsonElement root)
    {
        TableRows rows = new(file);
        ReadOnlySpan<byte> all = JsonMarshal.GetRawUtf8Value(root);
        int at = 0, line = Array.FindIndex(file.Lines, one => !string.IsNullOrWhiteSpace(one));
        foreach (JsonElement entry in list.EnumerateArray())
        {
            all.Overlaps(JsonMarshal.GetRawUtf8Value(entry), out int next);
            line += all[at..next].Count((byte)'\n');
            at = next;
            if (RowOf(entry, out string? wrong) is { } row)
                rows.Add(line, row);
            else
                file.Notes.Add(line, wrong ?? TranscriptException.Quote(entry.GetRawText()), "an object with text, start and end", CueFile.LeftOut);
        }

        return rows.Cues();
    }

    // The list nearest to the root; of several one with times, and the shortest, since single words are listed beside the lines.
    private static JsonElement? ListIn(JsonElement root)
    {
        List<JsonElement> level = [root];
        for (int depth = 0; depth <= DeepestList && level.Count > 0; depth++)
        {
            JsonElement[] lists = [.. level.Where(IsList)];
            if (lists.Length > 0)
                return lists.MinBy(list => (IsTimed(list) ? 0 : 1, list.GetArrayLength()));
            level = [.. level.Where(value => value.ValueKind == JsonValueKind.Object).SelectMany(value => value.EnumerateObject().Select(field => field.Value))];
        }

        return null;
    }

    private static bool IsList(JsonElement value) => FirstRow(value) is { } row && row.ContainsKey("text");

    private static bool IsTimed(JsonElement list) => FirstRow(list) is { } row && (row.ContainsKey("start") || row.ContainsKey("start_ms"));

    private static Dictionary<string, string>? FirstRow(JsonElement value) => value.ValueKind != JsonValueKind.Array
        ? null
        : value.EnumerateArray().Select(entry => RowOf(entry, out _)).FirstOrDefault(row => row is not null);

    // "timestamp": [0.0, 2.5] is what transformers write, "offsets": {"from": 0, "to": 2500} whisper.cpp.
    private static Dictionary<string, string>? RowOf(JsonElement entry, out string? wrong)
    {
        wrong = null;
        if (entry.ValueKind != JsonValueKind.Object)
            return null;
        try
        {
            Dictionary<string, string>? row = TableRows.RowOf(entry, out wrong);
            if (row is null || row.ContainsKey("start") || row.ContainsKey("start_ms"))
                return row;
            if (entry.TryGetProperty("timestamp", out JsonElement pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2)
                Add("start", pair[0], "end", pair[1]);
            else if (entry.TryGetProperty("offsets", out JsonElement offsets) && offsets.ValueKind == JsonValueKind.Object
                && offsets.TryGetProperty("from", out JsonElement from) && offsets.TryGetProperty("to", out JsonElement to))
                Add("start_ms", from, "end_ms", to);
            return row;

            void Add(string first, JsonElement start, string second, JsonElement end)
            {
                if (start.ValueKind == JsonValueKind.Number)
                    row[first] = start.GetRawText();
                if (end.ValueKind == JsonValueKind.Number)
                    row[second] = end.GetRawText();
            }
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half a surrogate pair, which is no text.
            wrong = "half of a surrogate pair";
            return null;
        }
    }

    // Strings are passed over as wholes, for words may read so too; one without an end goes to the end, so that none is looked at twice.
    [GeneratedRegex("""
        "(?>(?:[^"\\]+|\\.)*)"?|NaN|-?Infinity
        """)]
    private static partial Regex StringOrNoNumber();
}
