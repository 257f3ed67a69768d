namespace Affekt.Media.Transcripts;

/// <summary>
/// Reads SubRip and WebVTT: captions under a line of times. What the formats demand beyond that, and players do not, is
/// not demanded here either: numbers, order, hours, a dot or a comma.
/// </summary>
internal static class CueFile
{
    private const string Arrow = "-->";
    private const string Header = "WEBVTT";

    public static IEnumerable<SpokenLine> ReadSrt(TranscriptText file) => ReadCues(file, 0, isVtt: false);

    public static IEnumerable<SpokenLine> ReadVtt(TranscriptText file)
    {
        string first = file.Lines[0];
        if (!first.StartsWith(Header, StringComparison.Ordinal) || (first.Length > Header.Length && !char.IsWhiteSpace(first[Header.Length])))
            throw file.Wrong(0, TranscriptException.Quote(first), $"{Header}, the first line of every WebVTT file");
        int start = 1;
        while (start < file.Lines.Length && file.Lines[start].Trim().Length > 0)
            start++;
        return ReadCues(file, start, isVtt: true);
    }

    private static IEnumerable<SpokenLine> ReadCues(TranscriptText file, int start, bool isVtt)
    {
        string[] lines = file.Lines;
        int at = start;
        while (at < lines.Length)
        {
            if (lines[at].Trim().Length == 0)
            {
                at++;
                continue;
            }

            if (isVtt && IsNote(lines[at]))
            {
                at = EndOfBlock(lines, at);
                continue;
            }

            // A number or an identifier may stand above the times.
            int times = lines[at].Contains(Arrow, StringComparison.Ordinal) ? at : at + 1;
            if (times >= lines.Length || !lines[times].Contains(Arrow, StringComparison.Ordinal))
                throw file.Wrong(at, TranscriptException.Quote(lines[at]), $"a number or a line of times with {Arrow}");
            TimeRange time = Times(file, times);
            int end = EndOfCaption(lines, times + 1);
            foreach (SpokenLine line in SpokenText.Split(time, string.Join('\n', lines[(times + 1)..end])))
                yield return line;
            at = end;
        }
    }

    private static TimeRange Times(TranscriptText file, int line)
    {
        string[] sides = file.Lines[line].Split(Arrow, 2);

        // Behind the end there may be where to show it.
        string[] behind = sides[1].Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        TimeSpan start = Time(sides[0].Trim());
        TimeSpan end = Time(behind.Length == 0 ? "" : behind[0]);
        return end > start
            ? new TimeRange(start, end)
            : throw file.Wrong(line, $"an end of {end} after a start of {start}", "an end later than the start");

        TimeSpan Time(string text) =>
            ClockTime.Parse(text) ?? throw file.Wrong(line, TranscriptException.Quote(text), ClockTime.Form);
    }

    private static bool IsNote(string line) =>
        line is "NOTE" or "STYLE" or "REGION" || line.StartsWith("NOTE ", StringComparison.Ordinal)
            || line.StartsWith("NOTE\t", StringComparison.Ordinal);

    private static int EndOfBlock(string[] lines, int at)
    {
        while (at < lines.Length && lines[at].Trim().Length > 0)
            at++;
        return at;
    }

    // A caption ends at a blank line, or where the next one begins without; what follows a blank line and heads no times
    // belongs to it still.
    private static int EndOfCaption(string[] lines, int at)
    {
        while (true)
        {
            while (at < lines.Length && lines[at].Trim().Length > 0 && !HeadsCue(lines, at))
                at++;
            int next = at;
            while (next < lines.Length && lines[next].Trim().Length == 0)
                next++;
            if (next >= lines.Length || HeadsCue(lines, next) || IsNote(lines[next]))
                return next;
            at = next;
        }
    }

    private static bool HeadsCue(string[] lines, int at) =>
        lines[at].Contains(Arrow, StringComparison.Ordinal)
        || (at + 1 < lines.Length && lines[at + 1].Contains(Arrow, StringComparison.Ordinal)
            && (lines[at].Trim().All(char.IsAsciiDigit) || at == 0 || lines[at - 1].Trim().Length == 0));
}
