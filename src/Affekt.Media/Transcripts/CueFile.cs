namespace Affekt.Media.Transcripts;

/// <summary>
/// Reads SubRip and WebVTT: captions under a line of times. What the formats demand beyond that, and players do not, is
/// not demanded here either: numbers, order, hours, a dot or a comma.
/// </summary>
internal static class CueFile
{
    private const string Arrow = "-->";
    private const string Header = "WEBVTT";
    private const string LeftOut = "left out";

    /// <summary>The captions of SubRip; of WebVTT too, where the file is that under another name.</summary>
    public static IEnumerable<Cue> ReadSrt(TranscriptText file) =>
        HasHeader(file.Lines[0]) ? ReadVtt(file) : ReadCues(file, 0, isVtt: false);

    /// <summary>The captions of WebVTT.</summary>
    public static IEnumerable<Cue> ReadVtt(TranscriptText file)
    {
        if (!HasHeader(file.Lines[0]))
            throw file.Wrong(0, TranscriptException.Quote(file.Lines[0]), $"{Header}, the first line of every WebVTT file");

        // The header ends at an empty line, or where the first caption begins without one.
        int start = 1;
        while (start < file.Lines.Length && file.Lines[start].Length > 0 && !file.Lines[start].Contains(Arrow, StringComparison.Ordinal))
            start++;
        return ReadCues(file, start, isVtt: true);
    }

    private static bool HasHeader(string line) => line.StartsWith(Header, StringComparison.Ordinal)
        && (line.Length == Header.Length || char.IsWhiteSpace(line[Header.Length]));

    private static IEnumerable<Cue> ReadCues(TranscriptText file, int start, bool isVtt)
    {
        string[] lines = file.Lines;
        CueBorders borders = new(lines, isVtt);
        int at = start;
        while (at < lines.Length)
        {
            if (string.IsNullOrWhiteSpace(lines[at]))
            {
                at++;
                continue;
            }

            if (isVtt && CueBorders.IsNote(lines[at]))
            {
                at = borders.EndOfBlock(at);
                continue;
            }

            // A number or an identifier may stand above the times.
            if (borders.TimesOf(at) is not { } times)
            {
                file.Notes.Add(
                    at, TranscriptException.Quote(lines[at]), $"a number or a line of times with {Arrow}", LeftOut);
                at = borders.EndOfBlock(at);
                continue;
            }

            int end = borders.EndOfCaption(times + 1);
            if (Times(file, times) is var (from, to))
                yield return new Cue(times, from, to, [.. lines[(times + 1)..end].SelectMany(Breaks)]);
            at = end;
        }
    }

    // Line breaks and hard blanks of SubStation Alpha, which players show as such in SubRip too.
    private static string[] Breaks(string line) =>
        line.Replace("\\h", " ", StringComparison.Ordinal).Replace("\\N", "\n", StringComparison.Ordinal)
            .Replace("\\n", "\n", StringComparison.Ordinal).Split('\n');

    private static (TimeSpan Start, TimeSpan End)? Times(TranscriptText file, int line)
    {
        string[] sides = file.Lines[line].Split(Arrow, 2);

        // Behind the end there may be where to show it.
        string[] behind = sides[1].Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        string from = sides[0].Trim(), to = behind.Length == 0 ? "" : behind[0];
        if (Time(from) is { } start && Time(to) is { } end)
            return (start, end);
        file.Notes.Add(line, TranscriptException.Quote(Time(from) is null ? from : to), ClockTime.Form, LeftOut);
        return null;
    }

    // Shifted captions may begin before the recording does.
    private static TimeSpan? Time(string text)
    {
        bool early = text.StartsWith('-');
        return ClockTime.Parse(early ? text[1..] : text) is { } time ? early ? TimeSpan.Zero : time : null;
    }
}
