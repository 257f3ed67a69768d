using System.Globalization;
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

    // "timestamp": [0.0, 2.5] is what transformers write, "offsets": {"from": 0, "to": 2500} whisper.cpp. Google's and Azure's services list
    // what was perhaps said, the likeliest first, with the times of its words, or with a start and a length beside the list.
    private static Dictionary<string, string>? RowOf(JsonElement entry, out string? wrong)
    {
        wrong = null;
        if (entry.ValueKind != JsonValueKind.Object)
            return null;
        try
        {
            Dictionary<string, string>? row = TableRows.RowOf(entry, out wrong);
            // Azure's "Offset" is a start in ticks, which its name alone doesn't tell.
            if (row is null || (!AddLength(row, entry) && (row.ContainsKey("start") || row.ContainsKey("start_ms"))))
                return row;
            AddLikeliest(row, entry);
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

    private static void AddLikeliest(Dictionary<string, string> row, JsonElement entry)
    {
        if ((Field(entry, "alternatives") ?? Field(entry, "nBest") ?? Field(entry, "NBest")) is not { ValueKind: JsonValueKind.Array } list
            || list.EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.Object } likeliest)
            return;
        if ((Field(likeliest, "transcript") ?? Field(likeliest, "display") ?? Field(likeliest, "Display")) is { ValueKind: JsonValueKind.String } words)
            row.TryAdd("text", words.GetString()!);
        if (Field(likeliest, "words") is not { ValueKind: JsonValueKind.Array } timed || timed.GetArrayLength() is not (> 0 and var count))
            return;
        if (Seconds(timed[0], "startTime", "startOffset") is { } start && Seconds(timed[count - 1], "endTime", "endOffset") is { } end)
            (row["start"], row["end"]) = (start, end);
    }

    // A duration as protocol buffers write it: "1.300s".
    private static string? Seconds(JsonElement word, params IEnumerable<string> names) => names
        .Select(name => Field(word, name) is { ValueKind: JsonValueKind.String } text && text.GetString()!.EndsWith('s') ? text.GetString()![..^1] : null)
        .FirstOrDefault(text => text is not null);

    // In milliseconds, or in ticks of 100 ns.
    private static bool AddLength(Dictionary<string, string> row, JsonElement entry)
    {
        foreach ((string offset, string duration, int perMs) in ((string, string, int)[])[("offsetMilliseconds", "durationMilliseconds", 1), ("offsetInTicks", "durationInTicks", 10_000), ("Offset", "Duration", 10_000)])
        {
            if (Field(entry, offset) is { ValueKind: JsonValueKind.Number } start && Field(entry, duration) is { ValueKind: JsonValueKind.Number } length)
            {
                row["start_ms"] = (start.GetDouble() / perMs).ToString(CultureInfo.InvariantCulture);
                row["end_ms"] = ((start.GetDouble() + length.GetDouble()) / perMs).ToString(CultureInfo.InvariantCulture);
                return true;
            }
        }

        return false;
    }

    private static JsonElement? Field(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out JsonElement value) ? value : null;

    // Strings are passed over as wholes, for words may read so too; one without an end goes to the end, so that none is looked at twice.
    [GeneratedRegex("""
        "(?>(?:[^"\\]+|\\.)*)"?|NaN|-?Infinity
        """)]
    private static partial Regex StringOrNoNumber();
}
