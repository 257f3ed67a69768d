using System.Text;

namespace Affekt.Training.Stress;

/// <summary>What happens to words on their way into a text.</summary>
internal static class StressedWords
{
    /// <summary>Without what people mark with capitals.</summary>
    public static string LowerCase(string text) => text.ToLowerInvariant();

    /// <summary>Without punctuation; apostrophes inside words stay.</summary>
    public static string WithoutPunctuation(string text)
    {
        StringBuilder plain = new();
        foreach ((int i, char character) in text.Index())
        {
            bool inside = character is '\'' or '’' && i > 0 && i + 1 < text.Length && char.IsLetter(text[i - 1]) && char.IsLetter(text[i + 1]);
            plain.Append(char.IsLetterOrDigit(character) || inside ? character : ' ');
        }

        return string.Join(' ', plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>
    /// As speech recognition leaves it: lower case, without punctuation, and of the words a share wrong, of which half are other words,
    /// three in ten are gone and the rest has a word too many.
    /// </summary>
    /// <param name="text">The words as they were spoken.</param>
    /// <param name="share">The share of words that are wrong.</param>
    /// <param name="vocabulary">Words to take others from.</param>
    /// <param name="random">Draws.</param>
    public static string Misheard(string text, double share, IReadOnlyList<string> vocabulary, Random random)
    {
        List<string> heard = [];
        foreach (string word in WithoutPunctuation(LowerCase(text)).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            double fate = random.NextDouble() / share;
            if (fate is >= 0.5 and < 0.8)
                continue;
            heard.Add(fate < 0.5 ? vocabulary[random.Next(vocabulary.Count)] : word);
            if (fate is >= 0.8 and < 1)
                heard.Add(vocabulary[random.Next(vocabulary.Count)]);
        }

        return heard.Count > 0 ? string.Join(' ', heard) : text;
    }
}
