namespace Affekt.Models.Text;

/// <summary>Texts that go through a network together, padded to the longest.</summary>
/// <param name="Ids">Token ids [B, T].</param>
/// <param name="Mask">1 for a token, 0 for padding after it [B, T].</param>
/// <param name="Longest">T, at least 1.</param>
internal sealed record TextBatch(long[] Ids, long[] Mask, int Longest)
{
    // Texts share a batch while at most about a third of it is padding: larger products, less work for nothing.
    private const int TextsAtOnce = 64;
    private const double LongestToShortest = 1.5;

    /// <summary>Puts texts beside each other; one of them may be empty.</summary>
    public static TextBatch Of(IReadOnlyList<long[]> texts)
    {
        int longest = Math.Max(1, texts.Max(text => text.Length));
        long[] ids = new long[texts.Count * longest], mask = new long[ids.Length];
        for (int row = 0; row < texts.Count; row++)
        {
            texts[row].CopyTo(ids, row * longest);
            mask.AsSpan(row * longest, texts[row].Length).Fill(1);
        }

        return new TextBatch(ids, mask, longest);
    }

    /// <summary>The numbers of texts of about one length, for each batch.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Group(IReadOnlyList<long[]> texts)
    {
        List<List<int>> groups = [];
        foreach (int i in Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length))
        {
            if (groups.Count == 0 || groups[^1].Count == TextsAtOnce || texts[i].Length > LongestToShortest * texts[groups[^1][0]].Length)
                groups.Add([]);
            groups[^1].Add(i);
        }

        return groups;
    }
}
