using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Affekt.Media.Transcripts;

/// <summary>Reads transcripts with one spoken line in each row: JSON lines and CSV.</summary>
internal static class TranscriptTable
{
    private static readonly string[] _fields = ["text", "speaker", "start_ms", "end_ms", "start", "end"];
    private static readonly char[] _separators = [',', ';', '\t'];

    public static IEnumerable<Cue> ReadJsonl(TranscriptText file)
    {
        bool? timed = null;
        for (int i = 0; i < file.Lines.Length; i++)
        {
            if (file.Lines[i].Trim().Length == 0)
                continue;
            Dictionary<string, string> row = JsonRow(file, i);
            if (Row(file, i, row, ref timed) is { } entry)
                yield return entry;
        }
    }

    public static IEnumerable<Cue> ReadCsv(TranscriptText file)
    {
        string[]? names = null;
        bool? timed = null;
        (char separator, int first) = Separator(file);
        foreach ((int at, List<string> fields) in CsvRows(file, separator, first))
        {
            if (names is null)
            {
                names = [.. fields.Select(name => name.Trim().ToLowerInvariant())];
                if (!names.Contains("text"))
                    throw file.Wrong(at, $"the columns {string.Join(", ", names)}", "one named text");
                if (_fields.FirstOrDefault(field => names.Count(field.Equals) > 1) is { } twice)
                    throw file.Wrong(at, $"{names.Count(twice.Equals)} columns named {twice}", "one");
                continue;
            }

            Dictionary<string, string> row = [];
            for (int i = 0; i < Math.Min(names.Length, fields.Count); i++)
            {
                if (_fields.Contains(names[i]) && !string.IsNullOrWhiteSpace(fields[i]))
                    row[names[i]] = fields[i].Trim();
            }

            if (Row(file, at, row, ref timed) is { } entry)
                yield return entry;
        }
    }

    // What parts the fields, and the first line of the table: a spreadsheet may say "sep=;" above the names.
    private static (char Separator, int First) Separator(TranscriptText file)
    {
        int first = Math.Max(0, Array.FindIndex(file.Lines, line => !string.IsNullOrWhiteSpace(line)));
        string line = file.Lines[first].Trim(' ');
        return line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && line.Length == "sep=".Length + 1
            ? (line[^1], first + 1)
            : (_separators.MaxBy(candidate => line.Count(letter => letter == candidate)), first);
    }

    // Rows as RFC 4180 has them, each with the line that it begins at; a quoted field may go on over lines.
    private static IEnumerable<(int Line, List<string> Fields)> CsvRows(TranscriptText file, char separator, int start)
    {
        List<string> fields = [];
        StringBuilder field = new();
        bool quoted = false;
        int first = start;
        for (int at = start; at < file.Lines.Length; at++)
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

    // Nothing for a row without words and times. All rows have times, or none has.
    private static Cue? Row(TranscriptText file, int at, Dictionary<string, string> row, ref bool? timed)
    {
        (TimeSpan? Value, bool IsWrong) start = Time(file, at, row, "start"), end = Time(file, at, row, "end");
        if (start.IsWrong || end.IsWrong)
            return null;
        if (start.Value is null && end.Value is not null)
            throw file.Wrong(at, "an end without a start", "both, or a start alone");
        if (timed is not null && timed != start.Value is not null)
            throw file.Wrong(at, start.Value is null ? "no times" : "times", "times in every row, or in none");
        timed = start.Value is not null;
        string? words = row.GetValueOrDefault("text");
        string[] text = string.IsNullOrWhiteSpace(words) ? [] : [words];
        return text.Length == 0 && start.Value is null
            ? null
            : new Cue(at, start.Value, end.Value, text) { Speaker = SpokenText.Name(row.GetValueOrDefault("speaker")) };
    }

    // A time that cannot be read costs its row alone.
    private static (TimeSpan? Value, bool IsWrong) Time(TranscriptText file, int at, Dictionary<string, string> row, string field)
    {
        if (row.TryGetValue($"{field}_ms", out string? milliseconds))
        {
            return Number(milliseconds) is { } ms
                ? (TimeSpan.FromMilliseconds(ms), false)
                : Wrong($"{field}_ms {TranscriptException.Quote(milliseconds)}", "milliseconds from 0");
        }

        if (!row.TryGetValue(field, out string? text))
            return (null, false);
        if (ClockTime.Parse(text) is { } time)
            return (time, false);
        return Number(text) is { } seconds
            ? (TimeSpan.FromSeconds(seconds), false)
            : Wrong($"{field} {TranscriptException.Quote(text)}", $"seconds from 0, or {ClockTime.Form}");

        (TimeSpan? Value, bool IsWrong) Wrong(string found, string expected)
        {
            file.Notes.Add(at, found, expected, "left out");
            return (null, true);
        }
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

            return row.ContainsKey("text") || row.ContainsKey("start") || row.ContainsKey("start_ms")
                ? row
                : throw file.Wrong(at, "neither a text nor times", "a JSON object with the field text");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw file.Wrong(at, TranscriptException.Quote(file.Lines[at]), "one JSON object", error);
        }
    }
}
