using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>Gathers the rows of a table or the entries of a JSON list as cues.</summary>
/// <param name="file">What they are read from.</param>
internal sealed partial class TableRows(TranscriptText file)
{
    // Nobody needs longer for a word, and nobody speaks faster than a word in as many milliseconds.
    private const double SlowestSecondsPerWord = 100;

    private const int LongestName = 80;

    private static readonly string[] _fields = ["text", "speaker", "start_ms", "end_ms", "start", "end", "duration_ms", "duration"];

    // As other programs name them: their letters alone, in lower case.
    private static readonly Dictionary<string, string> _synonyms = new()
    {
        ["startms"] = "start_ms",
        ["beginms"] = "start_ms",
        ["endms"] = "end_ms",
        ["starttimems"] = "start_ms",
        ["endtimems"] = "end_ms",
        ["beginoffsetmillis"] = "start_ms",
        ["endoffsetmillis"] = "end_ms",
        ["durationms"] = "duration_ms",
        ["dur"] = "duration",
        ["starttime"] = "start",
        ["begintime"] = "start",
        ["onset"] = "start",
        ["tmin"] = "start",
        ["tmax"] = "end",
        ["stop"] = "end",
        ["begin"] = "start",
        ["from"] = "start",
        ["endtime"] = "end",
        ["to"] = "end",
        ["transcript"] = "text",
        ["transcription"] = "text",
        ["utterance"] = "text",
        ["sentence"] = "text",
        ["content"] = "text",
        ["annotation"] = "text",
        ["speakerlabel"] = "speaker",
        ["speakername"] = "speaker",
        ["participant"] = "speaker",
        ["participantrole"] = "speaker",
    };

    private readonly List<Cue> _cues = [];

    // Whether all times are whole numbers without a unit.
    private bool _wholeNumbers = true;

    /// <summary>Which field each name stands for; null where none. A field under its own name goes before others, the first before the rest.</summary>
    public static string?[] FieldsOf(IReadOnlyList<string> names)
    {
        string[] plain = [.. names.Select(name => name.Trim().ToLowerInvariant())];
        string?[] fields = [.. plain.Select(name => _fields.Contains(name) ? name : null)];
        HashSet<string?> taken = [.. fields];
        string[] letters = [.. plain.Select(Letters)];
        for (int at = 0; at < fields.Length; at++)
        {
            string? field = _synonyms.GetValueOrDefault(letters[at]) ?? (_fields.Contains(letters[at]) ? letters[at] : null);
            if (fields[at] is null && field is not null && taken.Add(field))
                fields[at] = field;
        }

        // What these mean depends on the names beside them: an offset ends what an onset begins, and is a start elsewhere.
        foreach ((string name, string field) in ((string, string)[])[("offset", letters.Contains("onset") ? "end" : "start"), ("tier", "speaker")])
        {
            int at = Array.IndexOf(letters, name);
            if (at >= 0 && fields[at] is null && !taken.Contains($"{field}_ms") && taken.Add(field))
                fields[at] = field;
        }

        return fields;
    }

    // "Start (ms)", "Begin Time - hh:mm:ss.ms", "start_sec": a unit or a form may stand behind a name.
    private static string Letters(string name)
    {
        if (name.Length > LongestName)
            return "";
        Match unit = Unit().Match(name);
        string letters = string.Concat((unit.Success ? name[..unit.Index] : name).Where(char.IsLetterOrDigit));
        return unit.Groups["unit"].Value is "ms" or "msec" or "milliseconds" ? letters.Replace("time", "", StringComparison.Ordinal) + "ms" : letters;
    }

    /// <summary>The fields of a JSON object that are read, as text; null where one has a value of another kind, which is told.</summary>
    public static Dictionary<string, string>? RowOf(JsonElement entry, out string? wrong)
    {
        Dictionary<string, string> row = [];
        wrong = null;
        JsonProperty[] properties = [.. entry.EnumerateObject()];
        foreach ((string? field, JsonProperty property) in FieldsOf([.. properties.Select(property => property.Name)]).Zip(properties))
        {
            if (field is null || property.Value.ValueKind == JsonValueKind.Null)
                continue;
            string? value = property.Value.ValueKind switch
            {
                JsonValueKind.String => property.Value.GetString(),
                JsonValueKind.Number when field != "text" => property.Value.GetRawText(),
                _ => null,
            };
            // Under another name it may be something else, and a length is not needed.
            if (value is null && (field.StartsWith("duration", StringComparison.Ordinal) || !property.Name.Trim().Equals(field, StringComparison.OrdinalIgnoreCase)))
                continue;
            if (value is null)
            {
                wrong = $"{property.Name} {TranscriptException.Quote(property.Value.GetRawText())}";
                return null;
            }

            row[field] = value;
        }

        return row;
    }

    /// <summary>Adds a row; one whose times cannot be read is left out and told.</summary>
    /// <param name="at">The line that it begins at, counted from 0.</param>
    /// <param name="row">What its fields hold.</param>
    public void Add(int at, Dictionary<string, string> row)
    {
        (TimeSpan? Value, bool IsWrong) start = Time(at, row, "start"), end = Time(at, row, "end");
        if (start.IsWrong || end.IsWrong)
            return;
        if (start.Value is null && end.Value is not null)
        {
            file.Notes.Add(at, "an end without a start", "both, or a start alone", CueFile.LeftOut);
            return;
        }

        // A length may stand in place of the end.
        (TimeSpan? Value, bool IsWrong) length = start.Value is null || end.Value is not null ? default : Time(at, row, "duration");
        if (length.IsWrong)
            return;
        end.Value ??= start.Value + length.Value;
        string? words = row.GetValueOrDefault("text");
        string[] text = string.IsNullOrWhiteSpace(words) ? [] : [words];
        if (text.Length > 0 || start.Value is not null)
            _cues.Add(new Cue(at, start.Value, end.Value, text) { Speaker = SpokenText.Name(row.GetValueOrDefault("speaker")) });
    }

    /// <summary>The rows. Where some have times, those without are left out and told.</summary>
    public IEnumerable<Cue> Cues()
    {
        if (_cues.All(cue => cue.Start is null))
            return _cues;

        foreach (Cue cue in _cues.Where(cue => cue.Start is null))
            file.Notes.Add(cue.Line, "no times", "times in every row, or in none", CueFile.LeftOut);
        IEnumerable<Cue> timed = _cues.Where(cue => cue.Start is not null);
        if (!_wholeNumbers || !AreMilliseconds(timed))
            return timed;

        file.Notes.Add(_cues[0].Line, "times that are milliseconds by their size", "seconds, or fields named start_ms and end_ms", "read as milliseconds");
        return timed.Select(cue => cue with { Start = cue.Start / 1000, End = cue.End / 1000 });
    }

    // Whisper's tables and some services write whole milliseconds without saying so.
    private static bool AreMilliseconds(IEnumerable<Cue> cues)
    {
        double seconds = 0, words = 0;
        foreach (Cue cue in cues)
        {
            seconds += cue.Text.Count > 0 && cue.Time is { } time ? Math.Max(0, time.Length.TotalSeconds) : 0;
            words += cue.Time is null ? 0 : cue.Text.Sum(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);
        }

        return seconds > words * SlowestSecondsPerWord;
    }

    // A time that cannot be read costs its row alone.
    private (TimeSpan? Value, bool IsWrong) Time(int at, Dictionary<string, string> row, string field)
    {
        if (row.TryGetValue($"{field}_ms", out string? milliseconds))
        {
            _wholeNumbers = false;
            return Number(milliseconds) is { } ms
                ? (TimeSpan.FromMilliseconds(ms), false)
                : Wrong($"{field}_ms {TranscriptException.Quote(milliseconds)}", "milliseconds from 0");
        }

        if (!row.TryGetValue(field, out string? text))
            return (null, false);
        _wholeNumbers &= text.All(char.IsAsciiDigit);
        if (ClockTime.Parse(text) is { } time)
            return (time, false);

        // Spreadsheets of many countries write a comma where the others have a dot.
        return Number(text.Replace(',', '.')) is { } seconds
            ? (TimeSpan.FromSeconds(seconds), false)
            : Wrong($"{field} {TranscriptException.Quote(text)}", $"seconds from 0, or {ClockTime.Form}");

        (TimeSpan? Value, bool IsWrong) Wrong(string found, string expected)
        {
            file.Notes.Add(at, found, expected, CueFile.LeftOut);
            return (null, true);
        }
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and < 3.6e9
            ? value
            : null;

    [GeneratedRegex(@"\s*(?:\((?<unit>[^()]*)\)|\[(?<unit>[^\[\]]*)\]|\s-\s(?<unit>.*)|_(?<unit>s|secs?|seconds|msec|milliseconds))$")]
    private static partial Regex Unit();
}
