using System.Numerics.Tensors;

namespace Affekt.Models.Persons;

/// <summary>A voice, and how it expresses itself.</summary>
/// <param name="Voice">Who speaks: a vector of length 1 that lies near others of the same speaker.</param>
/// <param name="Expression">
/// A score for each emotion, of which the same speaker has many: two groups of utterances that differ in it may be one speaker's in
/// two moods. Null where it is not known.
/// </param>
public sealed record VoiceVectors(float[] Voice, float[]? Expression);

/// <summary>Voices that are taken for one speaker's.</summary>
internal sealed class VoiceGroup
{
    // What two utterances of one speaker are alike in the mean, for groups of few.
    private const double UsualLikeness = 0.4;
    private const double UsualPairs = 3;

    // How much one speaker's expression varies, for groups of few, and what is added for both that none is without variance.
    private const double UsualVariance = 0.03;
    private const double UsualMembers = 2;
    private const double LeastVariance = 0.01;

    private readonly float[] _sum;

    // The mean of each expression's score, and its variance.
    private readonly (double Mean, double Variance)[]? _expression;

    public VoiceGroup(IReadOnlyList<VoiceVectors> members)
    {
        Count = members.Count;
        _sum = new float[members[0].Voice.Length];
        foreach (VoiceVectors member in members)
            TensorPrimitives.Add(_sum, member.Voice, _sum);
        if (members.All(member => member.Expression is not null))
            _expression = [.. Enumerable.Range(0, members[0].Expression!.Length).Select(i => Spread([.. members.Select(member => (double)member.Expression![i])]))];
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>How alike a voice is to the group's mean, by their angle.</summary>
    public double Likeness(float[] voice) => Dot(voice, _sum) / Math.Max(1e-9, Math.Sqrt(Dot(_sum, _sum)));

    /// <summary>How alike two groups' voices are, as a share of how alike the members of each are: about 1 for those of one speaker.</summary>
    public static double Alike(VoiceGroup a, VoiceGroup b) => Dot(a._sum, b._sum) / a.Count / b.Count / Math.Sqrt(a.Within() * b.Within());

    /// <summary>How far apart two groups' expressions are, in standard deviations; null where they are not known.</summary>
    public static double? ExpressionApart(VoiceGroup a, VoiceGroup b) => a._expression is null || b._expression is null
        ? null
        : Math.Sqrt(a._expression.Zip(b._expression, (one, other) =>
            (one.Mean - other.Mean) * (one.Mean - other.Mean) / (one.Variance + other.Variance + LeastVariance)).Sum());

    // How alike two of its members are in the mean.
    private double Within()
    {
        double pairs = Count * (Count - 1) / 2.0;
        return Math.Max(0.01, (((Dot(_sum, _sum) - Count) / 2) + (UsualPairs * UsualLikeness)) / (pairs + UsualPairs));
    }

    private static (double Mean, double Variance) Spread(double[] values)
    {
        double mean = values.Average();
        return (mean, (values.Sum(value => (value - mean) * (value - mean)) + (UsualMembers * UsualVariance)) / (values.Length + UsualMembers));
    }

    private static double Dot(float[] a, float[] b) => TensorPrimitives.Dot<float>(a, b);
}
