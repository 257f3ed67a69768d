using System.Text.RegularExpressions;

namespace Affekt.Cli.Benchmarks;

/// <summary>Words that were wrong, missing or too many, against the words that were said.</summary>
internal sealed partial record WordErrors(int Errors, int Words)
{
    public static WordErrors None { get; } = new(0, 0);

    public double Rate => Words == 0 ? 0 : (double)Errors / Words;

    public static WordErrors operator +(WordErrors left, WordErrors right) =>
        new(left.Errors + right.Errors, left.Words + right.Words);

    /// <summary>Counts without regard to case and punctuation (Levenshtein, 1966).</summary>
    public static WordErrors Count(string? heard, string said)
    {
        string[] found = Split(heard ?? ""), expected = Split(said);
        int[] row = [.. Enumerable.Range(0, found.Length + 1)];
        for (int i = 1; i <= expected.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= found.Length; j++)
            {
                int substituted = diagonal + (expected[i - 1] == found[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return new WordErrors(row[^1], expected.Length);
    }

    private static string[] Split(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}']+")]
    private static partial Regex Word();
}
