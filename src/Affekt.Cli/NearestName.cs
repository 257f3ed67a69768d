namespace Affekt.Cli;

/// <summary>Finds what was probably meant by a name that there is not.</summary>
internal static class NearestName
{
    /// <summary>Of some names the one that a mistyped or shortened one is nearest to, with a question mark; empty where none is near.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="names">What there is.</param>
    public static string Asked(string word, IEnumerable<string> names)
    {
        // Of a short word two letters may be wrong, for two that changed places.
        int most = (word.Length / 3) + 1;
        string? nearest = names.Where(name => word.Length > 2 && (name.StartsWith(word, StringComparison.Ordinal) || Distance(word, name) <= most))
            .MinBy(name => Distance(word, name));
        return nearest is null || nearest == word ? "" : $"; did you mean {nearest}?";
    }

    // How many letters to put in, take away or change.
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 0; i < one.Length; i++)
        {
            int diagonal = row[0]++;
            for (int k = 0; k < other.Length; k++)
            {
                int changed = diagonal + (one[i] == other[k] ? 0 : 1);
                diagonal = row[k + 1];
                row[k + 1] = Math.Min(changed, Math.Min(row[k], row[k + 1]) + 1);
            }
        }

        return row[^1];
    }
}
