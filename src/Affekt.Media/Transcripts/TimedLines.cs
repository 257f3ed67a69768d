using System.Globalization;
using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>Reads plain text in which times stand bare: labels that editors of sound export, and transcripts copied from a player.</summary>
internal static partial class TimedLines
{
    /// <summary>Whether these are labels: a start, an end and the words, with tabs between them.</summary>
    public static bool AreLabels(string[] lines) => Written(lines).Any() && Written(lines).All(line => IsBand(line) || LabelOf(line) is not null);

    /// <summary>The labels. Audacity writes a line more, of frequencies, below one that is for a part of them.</summary>
    public static IEnumerable<Cue> ReadLabels(TranscriptText file)
    {
        foreach ((int at, string line) in file.Lines.Index())
        {
            if (LabelOf(line) is var (start, end, words))
                yield return new Cue(at, start, end, words.Length == 0 ? [] : [words]);
        }
    }

    /// <summary>
    /// Whether each line begins with a time, or the text with one that has a line of its own; several times at least, and none before an earlier one.
    /// </summary>
    public static bool AreTimed(string[] lines)
    {
        string[] written = [.. Written(lines)];
        if (written.Length == 0 || Timed().Match(written[0]) is not { Success: true } first)
            return false;
        bool alone = first.Groups["words"].Length == 0;
        TimeSpan last = TimeSpan.Zero;
        int times = 0;
        foreach (string line in written)
        {
            if (TimeOf(line, alone) is var (start, _))
            {
                if (start < last)
                    return false;
                last = start;
                times++;
            }
            else if (!alone)
            {
                return false;
            }
        }

        return times > 1 && (!alone || written.Length > times);
    }

    /// <summary>What is said from each time on: behind it, or in the lines below it.</summary>
    public static IEnumerable<Cue> ReadTimed(TranscriptText file)
    {
        bool alone = Timed().Match(Written(file.Lines).First()).Groups["words"].Length == 0;
        Cue? cue = null;
        List<string> words = [];
        foreach ((int at, string line) in file.Lines.Index())
        {
            if (TimeOf(line, alone) is var (start, said))
            {
                if (cue is { Text.Count: > 0 })
                    yield return cue;
                cue = new Cue(at, start, null, words = said.Length == 0 ? [] : [said]);
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                words.Add(line.Trim());
            }
        }

        if (cue is { Text.Count: > 0 })
            yield return cue;
    }

    private static IEnumerable<string> Written(string[] lines) => lines.Where(line => !string.IsNullOrWhiteSpace(line));

    private static bool IsBand(string line) => line.StartsWith("\\\t", StringComparison.Ordinal);

    private static (TimeSpan Start, TimeSpan End, string Words)? LabelOf(string line) =>
        Label().Match(line) is { Success: true } match && Seconds(match.Groups["start"].Value) is { } start && Seconds(match.Groups["end"].Value) is { } end
            ? (start, end, match.Groups["words"].Value.Trim())
            : null;

    private static TimeSpan? Seconds(string text) =>
        double.TryParse(text.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds < 3.6e6
            ? TimeSpan.FromSeconds(seconds)
            : null;

    // Where times have lines of their own, one before words is spoken.
    private static (TimeSpan Start, string Words)? TimeOf(string line, bool alone) =>
        Timed().Match(line) is { Success: true } match && (match.Groups["words"].Length == 0) == alone && ClockTime.Parse(match.Groups["time"].Value) is { } start
            ? (start, match.Groups["words"].Value)
            : null;

    [GeneratedRegex(@"^(?<start>[0-9]+[.,][0-9]+)\t(?<end>[0-9]+[.,][0-9]+)(?:\t(?<words>.*))?$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\s*(?<time>(?:[0-9]{1,2}:)?[0-9]{1,2}:[0-9]{2}(?:[.,][0-9]{1,3})?)(?:\s+(?:[-–]\s+)?(?<words>\S.*?))?\s*$")]
    private static partial Regex Timed();
}
