using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Affekt.Media.Transcripts;

/// <summary>Reads transcripts with one spoken line in each row: JSON lines and CSV.</summary>
internal static class TranscriptTable
{
    private static readonly string[] _fields = ["text", "speaker", "start_ms", "end_ms", "start", "end"];
    private static readonly char[] _separators = [',', ';', '\t'];

    public static IEnumerable<SpokenLine> ReadJsonl(TranscriptText file)
    {
        bool? timed = null;
        for (int i = 0; i < file.Lines.Length; i++)
        {
            if (file.Lines[i].Trim().Length == 0)
                continue;
            Dictionary<string, string> row = JsonRow(file, i);
            foreach (SpokenLine line in Row(file, i, row, ref timed))
                yield return line;
        }
    }

    public static IEnumerable<SpokenLine> ReadCsv(TranscriptText file)
    {
        string[]? names = null;
        bool? timed = null;
        char separator = _separators.MaxBy(candidate => file.Lines[0].Count(letter => letter == candidate));
        foreach ((int at, List<string> fields) in CsvRows(file, separator))
        {
            if (names is null)
            {
                names = [.. fields.Select(name => name.Trim().ToLowerInvariant())];
                if (!names.Contains("text"))
                    throw file.Wrong(at, $"the columns {string.Join(", ", names)}", "one named text");
                continue;
            }

            Dictionary<string, string> row = [];
            for (int i = 0; i < Math.Min(names.Length, fields.Count); i++)
            {
                if (_fields.Contains(names[i]) && !string.IsNullOrWhiteSpace(fields[i]))
                    row[names[i]] = fields[i].Trim();
            }

            foreach (SpokenLine line in Row(file, at, row, ref timed))
                yield return line;
        }
    }

    // Rows as RFC 4180 has them, each with the line that it begins at; a quoted field may go on over lines.
    private static IEnumerable<(int Line, List<string> Fields)> CsvRows(TranscriptText file, char separator)
    {
        List<string> fields = [];
        StringBuilder field = new();
        bool quoted = false;
        int first = 0;
        for (int at = 0; at < file.Lines.Length; at++)
        {
            string line = file.Lines[at];
            if (!quoted && line.Trim().Length == 0)
                continue;
            first = quoted ? first : at;
            for (int i = 0; i < line.Length; i++)
            {
                if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                    field.Append(line[++i]);
                else if (line[i] == '"' && (quoted || field.Length == 0))
                    quoted = !quoted;
                else if (line[i] == separator && !quoted)
                    EndField();
                else
                    field.Append(line[i]);
            }

            if (quoted)
            {
                field.Append('\n');
                continue;
            }

            EndField();
            yield return (first, fields);
            fields = [];
        }

        if (quoted)
            throw file.Wrong(first, "a quote that is never closed", "two quotes around a field");

        void EndField()
        {
            fields.Add(field.ToString());
            field.Clear();
        }
    }

    // Nothing for a row without words. All rows have times, or none has.
    private static IEnumerable<SpokenLine> Row(TranscriptText file, int at, Dictionary<string, string> row, ref bool? timed)
    {
        TimeSpan? start = Time(file, at, row, "start"), end = Time(file, at, row, "end");
        if (start is null != end is null)
            throw file.Wrong(at, start is null ? "an end without a start" : "a start without an end", "both or neither");
        if (end <= start)
            throw file.Wrong(at, $"an end of {end} after a start of {start}", "an end later than the start");
        if (timed is not null && timed != start is not null)
            throw file.Wrong(at, start is null ? "no times" : "times", "times in every row, or in none");
        timed = start is not null;
        TimeRange? time = start is null ? null : new TimeRange(start.Value, end!.Value);
        string words = row.GetValueOrDefault("text") ?? "";
        if (SpokenText.Name(row.GetValueOrDefault("speaker")) is not { } speaker)
            return SpokenText.Split(time, words);
        string text = SpokenText.Plain(words);
        return text.Length == 0 ? [] : [new SpokenLine(time, speaker, text)];
    }

    private static TimeSpan? Time(TranscriptText file, int at, Dictionary<string, string> row, string field)
    {
        if (row.TryGetValue($"{field}_ms", out string? milliseconds))
        {
            return Number(milliseconds) is { } ms
                ? TimeSpan.FromMilliseconds(ms)
                : throw file.Wrong(at, $"{field}_ms {TranscriptException.Quote(milliseconds)}", "milliseconds from 0");
        }

        if (!row.TryGetValue(field, out string? text))
            return null;
        return ClockTime.Parse(text) ?? (Number(text) is { } seconds
            ? TimeSpan.FromSeconds(seconds)
            : throw file.Wrong(at, $"{field} {TranscriptException.Quote(text)}", $"seconds from 0, or {ClockTime.Form}"));
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and < 3.6e9
            ? value
            : null;

    private static Dictionary<string, string> JsonRow(TranscriptText file, int at)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(file.Lines[at]);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw file.Wrong(at, $"a JSON {document.RootElement.ValueKind}", "a JSON object with the field text");
            Dictionary<string, string> row = [];
            foreach (JsonProperty field in document.RootElement.EnumerateObject())
            {
                if (!_fields.Contains(field.Name) || field.Value.ValueKind == JsonValueKind.Null)
                    continue;
                row[field.Name] = field.Value.ValueKind switch
                {
                    JsonValueKind.String => field.Value.GetString()!,
                    JsonValueKind.Number when field.Name is not ("text" or "speaker") => field.Value.GetRawText(),
                    _ => throw file.Wrong(at, $"{field.Name} {TranscriptException.Quote(field.Value.GetRawText())}", "a string or a time"),
                };
            }

            return row.ContainsKey("text") ? row : throw file.Wrong(at, "no field text", "a JSON object with the field text");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw file.Wrong(at, TranscriptException.Quote(file.Lines[at]), "one JSON object", error);
        }
    }
}
