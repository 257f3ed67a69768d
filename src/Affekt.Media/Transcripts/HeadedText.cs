using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>Reads plain text in which something else stands before what is said: exported chats, and transcripts whose paragraphs have a head.</summary>
internal static partial class HeadedText
{
    /// <summary>Whether these are a chat's messages, as WhatsApp exports them, half of the lines at least.</summary>
    public static bool IsChat(string[] lines) =>
        2 * lines.Count(line => Message().IsMatch(line)) is > 0 and var twice && twice >= lines.Count(line => !string.IsNullOrWhiteSpace(line));

    /// <summary>
    /// Messages behind date, time and name: "[12/03/2023, 14:05:33] Ann: Hello", or "12.03.23, 14:05 - Ann: Hello". A line without a date belongs
    /// to the message before it. What nobody wrote is left out. The dates are no times of a recording.
    /// </summary>
    public static IEnumerable<Cue> ReadChat(TranscriptText file)
    {
        Cue? last = null;
        List<string> words = [];
        foreach ((int at, string line) in file.Lines.Index())
        {
            if (Message().Match(line) is { Success: true } match)
            {
                if (last is not null)
                    yield return last;
                string text = match.Groups["text"].Value;
                bool said = match.Groups["name"].Success && !NoWords().IsMatch(text);
                if (!said)
                    file.Notes.Add(at, TranscriptException.Quote(line), "a name and what was written", CueFile.LeftOut);
                last = said ? new Cue(at, null, null, words = [text]) { Speaker = SpokenText.Name(match.Groups["name"].Value) } : null;
            }
            else if (last is not null && !string.IsNullOrWhiteSpace(line))
            {
                words.Add(line);
            }
        }

        if (last is not null)
            yield return last;
    }

    /// <summary>Whether paragraphs begin with a name and a time, as Otter and Rev write them, and say something.</summary>
    public static bool HasHeads(string[] lines)
    {
        IEnumerable<string> written = lines.Where(line => !string.IsNullOrWhiteSpace(line));
        return written.FirstOrDefault() is { } first && HeadOf(first) is not null && written.Any(line => HeadOf(line) is null);
    }

    /// <summary>Paragraphs below a line such as "Ann Smith  0:15", or "Speaker 1 (00:15):".</summary>
    public static IEnumerable<Cue> ReadHeads(TranscriptText file)
    {
        Cue? paragraph = null;
        List<string> words = [];
        bool first = true, close = StandsClose(file.Lines, Array.FindIndex(file.Lines, line => HeadOf(line) is not null));
        foreach ((int at, string line) in file.Lines.Index())
        {
            // "See you there (10:30)" is said: where words follow heads at once, nothing follows it.
            if (first && HeadOf(line) is var (name, start) && (!close || StandsClose(file.Lines, at)))
            {
                if (paragraph is { Text.Count: > 0 })
                    yield return paragraph;
                paragraph = new Cue(at, start, null, words = []) { Speaker = SpokenText.Name(name) };
            }
            else if (line.Trim() is { Length: > 0 } said && !Colophon().IsMatch(said))
            {
                words.Add(said);
            }

            first = string.IsNullOrWhiteSpace(line);
        }

        if (paragraph is { Text.Count: > 0 })
            yield return paragraph;
    }

    private static bool StandsClose(string[] lines, int head) => head + 1 < lines.Length && !string.IsNullOrWhiteSpace(lines[head + 1]);

    private static (string Name, TimeSpan Start)? HeadOf(string line) =>
        Head().Match(line) is { Success: true } match && ClockTime.Parse(match.Groups["time"].Value) is { } start
            ? (match.Groups["name"].Value, start)
            : null;

    // Two blanks, or brackets: a time that is spoken has neither.
    [GeneratedRegex(@"^\s*(?<name>\S.{0,59}?)(?:(?:\s{2,}|\t)(?<time>[0-9:]{4,9})|\s+\((?<time>[0-9:]{4,9})\)\s?:?)\s*$")]
    private static partial Regex Head();

    [GeneratedRegex(@"^Transcribed by https?://\S+$")]
    private static partial Regex Colophon();

    [GeneratedRegex(@"^[\u200e\u200f]?\[?[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4},?\s[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?:\s?[AaPp]\.?\s?[Mm]\.?)?(?:\]|\s[-–])\s"
        + @"(?:[\u200e\u200f]*(?<name>[^:]{1,60}):\s)?(?<text>.*)$")]
    private static partial Regex Message();

    // What stands there for a picture or a recording, in whatever language: "<Media omitted>", "image omitted" behind a mark of direction.
    [GeneratedRegex(@"^(?:\s*[\u200e\u200f]|\s*<[^<>]+>\s*$)")]
    private static partial Regex NoWords();
}
