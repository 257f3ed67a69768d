using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>
/// Reads SubRip and WebVTT: captions under a line of times. What the formats demand beyond that, and players do not, is
/// not demanded here either: numbers, order, hours, a dot or a comma.
/// </summary>
internal static partial class CueFile
{
    private const string Arrow = "-->";
    private const string Header = "WEBVTT";
    private const int LongestTimes = 80;

    /// <summary>What becomes of an entry that cannot be read.</summary>
    public const string LeftOut = "left out";

    /// <summary>The captions of SubRip; of WebVTT too, where the file is that under another name.</summary>
    public static IEnumerable<Cue> ReadSrt(TranscriptText file) =>
        HasHeader(file.Lines[0]) ? ReadVtt(file) : ReadCues(file with { Lines = [.. file.Lines.Select(LineOfTimes)] }, 0, isVtt: false);

    /// <summary>Whether captions under lines of times begin here, whatever the file is called.</summary>
    public static bool Is(string[] lines)
    {
        int first = Array.FindIndex(lines, line => !string.IsNullOrWhiteSpace(line));
        return first >= 0 && (HasHeader(lines[first]) || new CueBorders([.. lines.Skip(first).Take(4).Select(LineOfTimes)], isVtt: false).HeadsCue(0));
    }

    /// <summary>Whether lines begin with a time in brackets, as Whisper prints them, half of them at least.</summary>
    public static bool IsBracketed(string[] lines) =>
        2 * lines.Count(line => Bracketed(line) is not null) is > 0 and var twice && twice >= lines.Count(line => !string.IsNullOrWhiteSpace(line));

    /// <summary>Lines with their times in brackets before them: "[00:01.000 --> 00:02.500]  words", "[0.00s -> 2.50s] words", or "[00:01.00]words".</summary>
    public static IEnumerable<Cue> ReadBracketed(TranscriptText file)
    {
        foreach ((int at, string line) in file.Lines.Index())
        {
            if (Bracketed(line) is var (start, end, words))
                yield return new Cue(at, start, end, words.Length == 0 ? [] : [words]);
            else if (!string.IsNullOrWhiteSpace(line))
                file.Notes.Add(at, TranscriptException.Quote(line), "a time in brackets before the words", LeftOut);
        }
    }

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

    /// <summary>A line as its parts: line breaks and hard blanks of SubStation Alpha, which players show as such in SubRip too.</summary>
    public static string[] Breaks(string line) =>
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

    // What translators and editors make of a line of times, as it was: blanks within times, other arrows, a comma.
    private static string LineOfTimes(string line)
    {
        if (line.Length > LongestTimes || AnyArrow().Match(line) is not { Success: true } match)
            return line;
        string from = Blanks().Replace(match.Groups[1].Value, ""), to = Blanks().Replace(match.Groups[2].Value, "");
        return Time(from) is null || Time(to) is null ? line : $"{from} {Arrow} {to}";
    }

    private static (TimeSpan Start, TimeSpan? End, string Words)? Bracketed(string line) =>
        InBrackets().Match(line) is { Success: true } match && ClockOrSeconds(match.Groups[1].Value) is { } start
            ? (start, ClockOrSeconds(match.Groups[2].Value), match.Groups[3].Value.Trim())
            : null;

    // A number alone is no time: it may be that of a footnote.
    private static TimeSpan? ClockOrSeconds(string text) => ClockTime.Parse(text)
        ?? (text.EndsWith('s') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds < 3.6e6
            ? TimeSpan.FromSeconds(seconds)
            : null);

    // Shifted captions may begin before the recording does.
    private static TimeSpan? Time(string text)
    {
        bool early = text.StartsWith('-');
        return ClockTime.Parse(early ? text[1..] : text) is { } time ? early ? TimeSpan.Zero : time : null;
    }

    [GeneratedRegex(@"^\s*(-?[0-9][0-9:., ]*?)\s*(?:[-–—−]{1,3}\s?>|→|(?<=\.[0-9]{1,3}),)\s*(-?[0-9][0-9:., ]*)$")]
    private static partial Regex AnyArrow();

    [GeneratedRegex(@"^\s*\[\s?([0-9:.,]+s?)(?:\s*(?:-{1,2}>|[-–])\s*([0-9:.,]+s?)\s?)?\](.*)$")]
    private static partial Regex InBrackets();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
