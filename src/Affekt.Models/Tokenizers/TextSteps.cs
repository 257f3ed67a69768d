using System.Text.RegularExpressions;

namespace Affekt.Models.Tokenizers;

/// <summary>Steps between a text and its pieces, as tokenizer.json names them.</summary>
internal static class TextSteps
{
    /// <summary>Stands for the space before a word.</summary>
    public const char Mark = '\u2581';

    /// <summary>Words between white space.</summary>
    public static IEnumerable<string> Words(string text)
    {
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool space = i == text.Length || char.IsWhiteSpace(text[i]);
            if (!space && start < 0)
                start = i;
            if (space && start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
        }
    }

    /// <summary>Stretches with marks for spaces, cut before each mark.</summary>
    public static IEnumerable<string> Marked(IEnumerable<string> stretches, bool prepend, bool split = true, char mark = Mark)
    {
        foreach (string stretch in stretches)
        {
            string text = stretch.Replace(' ', mark);
            if (prepend && (text.Length == 0 || text[0] != mark))
                text = mark + text;
            int start = 0;
            while (split && start + 1 < text.Length && text.IndexOf(mark, start + 1) is > 0 and int next)
            {
                yield return text[start..next];
                start = next;
            }

            if (start < text.Length)
                yield return text[start..];
        }
    }

    /// <summary>What a "normalizer" does, or null for none.</summary>
    /// <exception cref="ModelException">It is one that is not known here.</exception>
    public static Func<string, string> Normalizer(JsonField? part)
    {
        if (part is not { } step)
            return text => text;
        switch (step.Get("type").Text())
        {
            case "Sequence":
                Func<string, string>[] steps = [.. step.Get("normalizers").Elements().Select(inner => Normalizer(inner))];
                return text => steps.Aggregate(text, (result, next) => next(result));
            case "Precompiled":
                return step.Find("precompiled_charsmap") is { } table ? Map(table).ApplyTo : text => text;
            case "Strip":
                bool left = step.Find("strip_left")?.Flag() ?? true, right = step.Find("strip_right")?.Flag() ?? true;
                return text => left ? right ? text.Trim() : text.TrimStart() : right ? text.TrimEnd() : text;
            case "Replace":
                return Replace(step);
            case "Prepend":
                string prefix = step.Get("prepend").Text();
                return text => text.Length == 0 ? text : prefix + text;
            case "Lowercase":
                return text => string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0x130 ? "i\u0307" : System.Text.Rune.ToLowerInvariant(rune).ToString()));
            case var other:
                throw step.Get("type").Wrong($"\"{other}\"", "Sequence, Precompiled, Strip, Replace, Prepend or Lowercase");
        }
    }

    private static CharacterMap Map(JsonField part)
    {
        try
        {
            return new CharacterMap(Convert.FromBase64String(part.Text()));
        }
        catch (FormatException e)
        {
            throw part.Wrong(e.Message, "a table of characters in base64");
        }
    }

    private static string ApplyTo(this CharacterMap map, string text) => map.Apply(text);

    private static Func<string, string> Replace(JsonField step)
    {
        string content = step.Get("content").Text();
        JsonField pattern = step.Get("pattern");
        if (pattern.Find("String") is { } plain)
        {
            string wanted = plain.Text();
            return wanted.Length == 0 ? throw plain.Wrong("nothing", "what to replace") : text => text.Replace(wanted, content, StringComparison.Ordinal);
        }

        JsonField expression = pattern.Get("Regex");
        try
        {
            // No backtracking: an untrusted pattern cannot take exponential time.
            Regex regex = new(expression.Text(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return text => regex.Replace(text, content.Replace("$", "$$", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw expression.Wrong(e.Message, "a regular expression without looking around");
        }
    }
}
