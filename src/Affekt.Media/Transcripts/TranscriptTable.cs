using System.Text;
using System.Text.Json;

namespace Affekt.Media.Transcripts;

/// <summary>Reads transcripts with one spoken line in each row: JSON lines and CSV.</summary>
internal static class TranscriptTable
{
    private static readonly char[] _separators = [',', ';', '\t'];

    public static IEnumerable<Cue> ReadJsonl(TranscriptText file)
    {
        TableRows rows = new(file);
        for (int i = 0; i < file.Lines.Length; i++)
        {
            if (file.Lines[i].Trim().Length > 0)
                rows.Add(i, JsonRow(file, i));
        }

        return rows.Cues();
    }

    public static IEnumerable<Cue> ReadCsv(TranscriptText file)
    {
        string?[]? names = null;
        TableRows rows = new(file);
        (char separator, int first) = Separator(file);

        // Whisper writes tables with tabs without quoting.
        bool plain = separator == '\t' && file.File.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase);
        foreach ((int at, List<string> fields) in plain ? PlainRows(file, first) : CsvRows(file, separator, first))
        {
            if (names is null)
            {
                names = TableRows.FieldsOf(fields);
                if (!names.Contains("text"))
                    throw file.Wrong(at, $"the columns {string.Join(", ", fields.Select(name => name.Trim()))}", "one named text");
                if (names.FirstOrDefault(field => field is not null && names.Count(field.Equals) > 1) is { } twice)
                    throw file.Wrong(at, $"{names.Count(twice.Equals)} columns named {twice}", "one");
                continue;
            }

            Dictionary<string, string> row = [];
            for (int i = 0; i < Math.Min(names.Length, fields.Count); i++)
            {
                if (names[i] is { } name && !string.IsNullOrWhiteSpace(fields[i]))
                    row[name] = fields[i].Trim();
            }

            rows.Add(at, row);
        }

        return rows.Cues();
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

    private static IEnumerable<(int Line, List<string> Fields)> PlainRows(TranscriptText file, int start) => file.Lines.Index().Skip(start)
        .Where(line => !string.IsNullOrWhiteSpace(line.Item))
        .Select(line => (line.Index, line.Item.Split('\t').Select(Unquoted).ToList()));

    private static string Unquoted(string field) => field.Length > 1 && field.StartsWith('"') && field.EndsWith('"')
        ? field[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal)
        : field;

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

    private static Dictionary<string, string> JsonRow(TranscriptText file, int at)
    {
        try
        {
            using JsonDocument document = TranscriptJson.Parse(file.Lines[at]);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw file.Wrong(at, $"a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}", "a JSON object with the field text");
            Dictionary<string, string> row = TableRows.RowOf(document.RootElement, out string? wrong)
                ?? throw file.Wrong(at, wrong!, "a string or a time");
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
