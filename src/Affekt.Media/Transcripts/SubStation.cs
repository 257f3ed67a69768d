using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>Reads SubStation Alpha (.ass, .ssa): the lines of dialogue among its events.</summary>
internal static partial class SubStation
{
    /// <summary>Whether a file is of this kind, by its first line.</summary>
    public static bool Is(string firstLine) => firstLine.StartsWith("[Script Info]", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is said, and by whom where the name's field tells it.</summary>
    public static IEnumerable<Cue> Read(TranscriptText file)
    {
        const string Dialogue = "Dialogue:", Format = "Format:";
        string[] fields = ["Layer", "Start", "End", "Style", "Name", "MarginL", "MarginR", "MarginV", "Effect", "Text"];
        bool inEvents = false;
        foreach ((int at, string raw) in file.Lines.Index())
        {
            string line = raw.Trim();
            if (line.StartsWith('['))
                inEvents = line.Equals("[Events]", StringComparison.OrdinalIgnoreCase);
            else if (inEvents && line.StartsWith(Format, StringComparison.OrdinalIgnoreCase))
                fields = [.. line[Format.Length..].Split(',').Select(name => name.Trim())];
            else if (inEvents && line.StartsWith(Dialogue, StringComparison.OrdinalIgnoreCase) && Entry(file, at, fields, line[Dialogue.Length..]) is { } cue)
                yield return cue;
        }
    }

    // The last field is the text, whose commas are its own.
    private static Cue? Entry(TranscriptText file, int at, string[] fields, string line)
    {
        string[] values = line.Split(',', fields.Length);
        string start = Value("Start"), end = Value("End"), text = Value("Text");
        if (ClockTime.Parse(start) is { } from && ClockTime.Parse(end) is { } to)
        {
            // What is drawn is written as text too.
            return Drawing().IsMatch(text)
                ? null
                : new Cue(at, from, to, CueFile.Breaks(text)) { Speaker = SpokenText.Name(Value("Name")) };
        }

        file.Notes.Add(at, TranscriptException.Quote(ClockTime.Parse(start) is null ? start : end), ClockTime.Form, CueFile.LeftOut);
        return null;

        string Value(string field) => Array.IndexOf(fields, field) is var place and >= 0 && place < values.Length ? values[place].Trim() : "";
    }

    [GeneratedRegex(@"\\p[1-9]")]
    private static partial Regex Drawing();
}
