namespace Affekt.Cli.Benchmarks;

/// <summary>How well beginnings and ends of utterances were found.</summary>
/// <param name="Found">Boundaries that were found.</param>
/// <param name="Known">Boundaries that there are.</param>
/// <param name="Matched">Pairs of one and the other, near enough, each in one pair at most.</param>
internal sealed record BoundaryScore(int Found, int Known, int Matched)
{
    public double Precision => Found == 0 ? 0 : (double)Matched / Found;

    public double Recall => Known == 0 ? 0 : (double)Matched / Known;

    /// <summary>Beginnings are compared with beginnings, ends with ends.</summary>
    public static BoundaryScore Of(IReadOnlyList<SpokenStretch> found, IReadOnlyList<SpokenStretch> known, int toleranceMs) => new(
        2 * found.Count,
        2 * known.Count,
        Matches([.. found.Select(one => one.StartMs)], [.. known.Select(one => one.StartMs)], toleranceMs)
            + Matches([.. found.Select(one => one.EndMs)], [.. known.Select(one => one.EndMs)], toleranceMs));

    // Both sorted: the earliest that fits is taken, which leaves the most for those that come.
    private static int Matches(int[] found, int[] known, int tolerance)
    {
        int matched = 0, at = 0;
        foreach (int one in known)
        {
            while (at < found.Length && found[at] < one - tolerance)
                at++;
            if (at < found.Length && found[at] <= one + tolerance)
            {
                matched++;
                at++;
            }
        }

        return matched;
    }
}
