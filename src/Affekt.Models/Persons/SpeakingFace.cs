namespace Affekt.Models.Persons;

/// <summary>Which of some faces speaks: the one whose mouth moves, and moves with the sound.</summary>
public static class SpeakingFace
{
    // How much a mouth moves that speaks as likely as not: as a share of the distance from eyes to mouth, within some ms.
    private const double Even = 0.023;
    private const double Within = 120;
    private const double MovementWeight = 5;

    // How far mouth and sound go together by chance, which fewer pictures than enough tell less of; a mouth that moves less than a share
    // of the even movement goes with the sound by chance alone.
    private const double ByChance = 0.25;
    private const double AtRest = 0.8;
    private const double TogetherWeight = 4;
    private const double Enough = 24;

    // What moves less than this share moves by the detector's unrest.
    private const double Unrest = 0.5;

    /// <summary>Tells which face speaks.</summary>
    /// <param name="mouths">
    /// For each face how far its mouth is open in each picture, as <see cref="FacePoints.MouthOpening"/> says; no number where it is not
    /// seen.
    /// </param>
    /// <param name="loudness">How loud the sound is around each picture, as a logarithm; empty where there is no sound.</param>
    /// <param name="apartMs">How far pictures are apart, in ms.</param>
    /// <returns>
    /// The face's number, -1 where none of them seems to speak; and how sure that is, in [0, 1].
    /// </returns>
    public static (int Face, double Confidence) Choose(IReadOnlyList<double[]> mouths, IReadOnlyList<double> loudness, double apartMs)
    {
        double[] scores =
        [
            .. mouths.Select(mouth => (Movement: Movement(mouth, apartMs), Mouth: mouth)).Select(one =>
                (MovementWeight * Math.Log(Math.Max(Unrest, one.Movement / Even)))
                + (one.Movement > AtRest * Even ? TogetherWeight * Math.Min(1, loudness.Count / Enough) * (Together(one.Mouth, loudness) - ByChance) : 0)),
            0,
        ];
        int best = Array.IndexOf(scores, scores.Max());
        return (best == mouths.Count ? -1 : best, Softmax.Of(scores)[best]);
    }

    /// <summary>
    /// How much a mouth moves within about an eighth of a second, however close pictures are: what nine tenths of the ways are below.
    /// </summary>
    /// <param name="mouth">For each picture how far it is open, as for <see cref="Choose"/>.</param>
    /// <param name="apartMs">As there.</param>
    public static double Movement(double[] mouth, double apartMs)
    {
        int later = Math.Max(1, (int)Math.Round(Within / apartMs));
        double[] steps = [.. mouth.Zip(mouth.Skip(later)).Select(pair => Math.Abs(pair.Second - pair.First)).Where(double.IsFinite)];

        // A face that was seen for a moment only is not compared.
        if (steps.Length < Math.Max(3, mouth.Length / 5))
            return 0;
        Array.Sort(steps);
        return steps[(int)(0.9 * (steps.Length - 1))];
    }

    /// <summary>
    /// How far mouth and sound go together, from 0 to 1: the correlation of opening and loudness, where either may be a picture late.
    /// </summary>
    /// <param name="mouth">For each picture how far it is open, as for <see cref="Choose"/>.</param>
    /// <param name="loudness">As there.</param>
    public static double Together(double[] mouth, IReadOnlyList<double> loudness)
    {
        double best = 0;
        for (int late = -1; late <= 1 && loudness.Count == mouth.Length; late++)
        {
            (double Mouth, double Sound)[] pairs =
            [
                .. Enumerable.Range(0, mouth.Length).Where(i => i + late >= 0 && i + late < mouth.Length && double.IsFinite(mouth[i + late]))
                    .Select(i => (mouth[i + late], loudness[i])),
            ];
            if (pairs.Length >= 5)
                best = Math.Max(best, Correlation(pairs));
        }

        return best;
    }

    private static double Correlation((double Mouth, double Sound)[] pairs)
    {
        double meanA = pairs.Average(pair => pair.Mouth), meanB = pairs.Average(pair => pair.Sound), a = 0, b = 0, both = 0;
        foreach ((double mouth, double sound) in pairs)
        {
            a += (mouth - meanA) * (mouth - meanA);
            b += (sound - meanB) * (sound - meanB);
            both += (mouth - meanA) * (sound - meanB);
        }

        return a > 1e-9 && b > 1e-9 ? both / Math.Sqrt(a * b) : 0;
    }
}
