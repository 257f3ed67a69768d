using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Affekt.Media.Transcripts;

/// <summary>What a caption says, and who says it, once styling is removed.</summary>
internal static partial class SpokenText
{
    /// <summary>
    /// The spoken lines of one caption: it is split where voice tags, speaker prefixes or leading dashes say that another
    /// speaker goes on, and its time is shared out by the number of characters.
    /// </summary>
    /// <param name="time">When the caption is shown; null where that is not known.</param>
    /// <param name="caption">Its text, with styling, over any number of lines.</param>
    public static IEnumerable<SpokenLine> Split(TimeRange? time, string caption)
    {
        List<(string? Speaker, string Text)> parts = [.. Parts(caption).Where(part => part.Text.Length > 0)];
        int all = parts.Sum(part => part.Text.Length), before = 0;
        foreach ((string? speaker, string text) in parts)
        {
            TimeRange? share = time is not { } whole
                ? null
                : new TimeRange(
                    whole.Start + (whole.Length * ((double)before / all)),
                    whole.Start + (whole.Length * ((double)(before + text.Length) / all)));
            before += text.Length;
            yield return new SpokenLine(share, speaker, text);
        }
    }

    /// <summary>A name on one line; a name in capitals as it is usually written, so that a model that knows it finds it.</summary>
    public static string? Name(string? name)
    {
        string plain = Blanks().Replace(name ?? "", " ").Trim();
        if (plain.Length == 0)
            return null;
        return plain.Any(char.IsLower) ? plain : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(plain.ToLowerInvariant());
    }

    /// <summary>Text on one line, without tags and entities; "" for a sound that nobody says, such as "[door slams]".</summary>
    public static string Plain(string text)
    {
        string plain = Blanks().Replace(WebUtility.HtmlDecode(Styling().Replace(text, "")), " ").Trim(' ', '♪', '♫', '\u200e', '\u200f');
        return NotSaid().IsMatch(plain) ? "" : plain;
    }

    private static IEnumerable<(string? Speaker, string Text)> Parts(string caption)
    {
        string[] voices = Voice().Split(caption);

        // Regex.Split gives text, name, text, name, text ...
        for (int i = 0; i < voices.Length; i += 2)
        {
            string? voice = i == 0 ? null : Name(WebUtility.HtmlDecode(voices[i - 1]));
            foreach ((string? speaker, string text) in Turns(voices[i]))
                yield return (speaker ?? voice, text);
        }
    }

    private static IEnumerable<(string? Speaker, string Text)> Turns(string text)
    {
        string? speaker = null;
        List<string> words = [];
        foreach (string raw in text.Split('\n'))
        {
            string line = Plain(raw);
            bool dashed = Dash().Match(line) is { Success: true } dash && (line = line[dash.Length..]).Length > 0;
            Match prefix = Prefix().Match(line);
            if (dashed || prefix.Success)
            {
                yield return (speaker, string.Join(' ', words));
                words.Clear();
                speaker = prefix.Success ? Name(prefix.Groups["name"].Value) : null;
                line = line[prefix.Length..];
            }

            if (line.Length > 0)
                words.Add(line);
        }

        yield return (speaker, string.Join(' ', words));
    }

    // HTML and WebVTT tags, with how a word is pronounced (ruby), WebVTT times within a caption, and the braces of SubStation Alpha.
    [GeneratedRegex(@"<rt>[^<>]*(?:</rt>|(?=</ruby>))|</?[a-zA-Z][^<>]*>|<[0-9][0-9:.]*>|\{\\[^{}]*\}")]
    private static partial Regex Styling();

    [GeneratedRegex(@"<v(?:\.[^<>\s]*)?[ \t]+([^<>]*)>")]
    private static partial Regex Voice();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^(?:\[[^\[\]]*\]|\([^()]*\)|[-–—\s])*$")]
    private static partial Regex NotSaid();

    // Captions of live broadcasts put two or three angle brackets where another speaker begins.
    [GeneratedRegex(@"^(?:[-–—]|>{2,3})\s*")]
    private static partial Regex Dash();

    // One to four words that begin with a capital or a number: "JOEY:", "Mr. Geller:", "Nurse #1:"; in brackets, as diarizing
    // transcribers write, anything with a colon behind: "[SPEAKER_00]: ", "(Ann): ".
    [GeneratedRegex(@"^(?:(?<name>(?:\p{Lu}[\p{L}\p{N}.'’/-]*)(?: (?:\p{Lu}|#?\p{N})[\p{L}\p{N}.'’/-]*){0,3})\s?:"
        + @"|\[(?<name>[^\[\]:]{1,40})\]\s?:|\((?<name>[^():]{1,40})\)\s?:|\[(?<name>(?i:speaker)[ _]?[0-9A-Z]{1,3})\])(?:\s+|$)")]
    private static partial Regex Prefix();
}
