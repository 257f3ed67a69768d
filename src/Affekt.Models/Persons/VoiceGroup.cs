using System.Numerics.Tensors;

namespace Affekt.Models.Persons;

/// <summary>A voice as two views of it, vectors of length 1.</summary>
/// <param name="Voice">What tells speakers apart best.</param>
/// <param name="Sound">
/// Another, which groups were not made by, so that it tells without favor whether two groups are two speakers; null where there is
/// none.
/// </param>
public sealed record VoiceVectors(float[] Voice, float[]? Sound);

/// <summary>Voices that are taken for one speaker's, in one view.</summary>
internal sealed class VoiceGroup
{
    // What two utterances of one speaker are alike in the mean, for groups of few.
    private const double UsualLikeness = 0.4;
    private const double UsualPairs = 3;

    // The variance that goes with it, for groups of few.
    private const double UsualVariance = 0.012;
    private const double UsualMembers = 4;

    private readonly IReadOnlyList<float[]> _voices;
    private readonly float[] _sum;

    public VoiceGroup(IEnumerable<float[]> voices)
    {
        _voices = [.. voices];
        _sum = new float[_voices[0].Length];
        foreach (float[] voice in _voices)
            TensorPrimitives.Add(_sum, voice, _sum);
    }

    /// <summary>How many there are.</summary>
    public int Count => _voices.Count;

    /// <summary>How alike a voice is to the group's mean, by their angle.</summary>
    public double Likeness(float[] voice) => Dot(voice, _sum) / Math.Max(1e-9, Math.Sqrt(Dot(_sum, _sum)));

    /// <summary>How alike two groups are, as a share of how alike the members of each are: about 1 for those of one speaker.</summary>
    public static double Alike(VoiceGroup a, VoiceGroup b) =>
        Dot(a._sum, b._sum) / a._voices.Count / b._voices.Count / Math.Sqrt(a.Within() * b.Within());

    /// <summary>
    /// How far the members of two groups stand apart along the line between their means, in standard deviations, each measured
    /// against the others only.
    /// </summary>
    /// <param name="a">One group.</param>
    /// <param name="b">The other.</param>
    /// <param name="ofOne">What is said where a group has one member, who has no others.</param>
    public static double Separation(VoiceGroup a, VoiceGroup b, double ofOne)
    {
        int countA = a._voices.Count, countB = b._voices.Count;
        if (countA < 2 || countB < 2)
            return ofOne;
        double[] sidesA = [.. a._voices.Select(voice => ((Dot(voice, a._sum) - 1) / (countA - 1)) - (Dot(voice, b._sum) / countB))];
        double[] sidesB = [.. b._voices.Select(voice => (Dot(voice, a._sum) / countA) - ((Dot(voice, b._sum) - 1) / (countB - 1)))];
        double variance = (Squares(sidesA) + Squares(sidesB) + (UsualMembers * UsualVariance)) / (countA + countB - 2 + UsualMembers);
        return (sidesA.Average() - sidesB.Average()) / Math.Sqrt(variance);
    }

    // How alike two of its members are in the mean.
    private double Within()
    {
        int count = _voices.Count;
        double pairs = count * (count - 1) / 2.0;
        return Math.Max(0.01, (((Dot(_sum, _sum) - count) / 2) + (UsualPairs * UsualLikeness)) / (pairs + UsualPairs));
    }

    private static double Squares(double[] values)
    {
        double mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean));
    }

    private static double Dot(float[] a, float[] b) => TensorPrimitives.Dot<float>(a, b);
}
