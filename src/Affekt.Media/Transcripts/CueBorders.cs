namespace Affekt.Media.Transcripts;

/// <summary>Where captions begin and end among a file's lines, all counted from 0.</summary>
/// <param name="lines">The file.</param>
/// <param name="isVtt">Whether it is WebVTT, whose captions end at the first empty line.</param>
internal sealed class CueBorders(string[] lines, bool isVtt)
{
    private const string Arrow = "-->";

    // Files whose line ends were doubled on the way have an empty line after each.
    private readonly bool _spaced = !isVtt && IsSpaced(lines);

    /// <summary>Whether a block of WebVTT begins that nobody says.</summary>
    public static bool IsNote(string line) =>
        line.TrimEnd() is "NOTE" or "STYLE" or "REGION" || line.StartsWith("NOTE ", StringComparison.Ordinal)
            || line.StartsWith("NOTE\t", StringComparison.Ordinal);

    /// <summary>The line of times of the caption that begins here; null where none does.</summary>
    public int? TimesOf(int at)
    {
        if (IsTimes(at))
            return at;
        if (IsTimes(at + 1))
            return at + 1;
        int next = SkipBlank(at + 1);
        return _spaced && IsNumber(at) && IsTimes(next) ? next : null;
    }

    /// <summary>The first blank line from here, or the end.</summary>
    public int EndOfBlock(int at)
    {
        while (at < lines.Length && !IsBlank(at) && !(IsTimes(at) && !IsNote(lines[at])))
            at++;
        return at;
    }

    /// <summary>
    /// The line behind a caption's words. In SubRip what follows a blank line and heads no times belongs to it still.
    /// </summary>
    public int EndOfCaption(int at)
    {
        while (true)
        {
            while (at < lines.Length && !IsBlank(at) && !HeadsCue(at))
                at++;
            int next = SkipBlank(at);
            if (isVtt || next >= lines.Length || HeadsCue(next))
                return isVtt ? at : next;
            at = next;
        }
    }

    private static bool IsSpaced(string[] lines)
    {
        int first = Array.FindIndex(lines, line => !string.IsNullOrWhiteSpace(line));
        return first >= 0 && first + 2 < lines.Length && lines[first].Trim().All(char.IsAsciiDigit)
            && string.IsNullOrWhiteSpace(lines[first + 1]) && IsTimes(lines[first + 2]);
    }

    // Somebody may say an arrow; times begin with a digit.
    private static bool IsTimes(string line)
    {
        int arrow = line.IndexOf(Arrow, StringComparison.Ordinal);
        ReadOnlySpan<char> start = arrow < 0 ? default : line.AsSpan(0, arrow).Trim();
        return start.Length > 0 && (char.IsAsciiDigit(start[0]) || (start.Length > 1 && start[0] == '-' && char.IsAsciiDigit(start[1])));
    }

    private bool IsTimes(int at) => at < lines.Length && IsTimes(lines[at]);

    private bool IsNumber(int at) => lines[at].Trim() is { Length: > 0 } text && text.All(char.IsAsciiDigit);

    // In WebVTT blanks alone are a line of a caption; YouTube writes such.
    private bool IsBlank(int at) => isVtt ? lines[at].Length == 0 : string.IsNullOrWhiteSpace(lines[at]);

    private int SkipBlank(int at)
    {
        while (at < lines.Length && string.IsNullOrWhiteSpace(lines[at]))
            at++;
        return at;
    }

    /// <summary>Whether a caption begins here.</summary>
    public bool HeadsCue(int at) => IsTimes(at)
        || (IsTimes(at + 1) && (IsNumber(at) || at == 0 || string.IsNullOrWhiteSpace(lines[at - 1])))
        || (_spaced && IsNumber(at) && IsTimes(SkipBlank(at + 1)));
}
