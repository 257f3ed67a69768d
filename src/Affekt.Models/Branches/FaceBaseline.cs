using Affekt.Models.Fusion;

namespace Affekt.Models.Branches;

/// <summary>
/// How a face usually looks: the mean logarithm of what the picture's expert said of a person's utterances, each counted by how
/// neutral the face looked in it. Somebody who looks sad at rest is then not taken to be sad; somebody who is angry all the time
/// still is. Immutable; it holds eight numbers and no picture.
/// </summary>
public sealed class FaceBaseline
{
    // The baseline counts for w / (w + this), where w is how many neutral looks it rests on (MAP adaptation; Gauvain and Lee, 1994).
    private const double Shrinkage = 2;

    private readonly double[] _sum;
    private readonly double _weight;

    private FaceBaseline(double[] sum, double weight, int utterances)
    {
        _sum = sum;
        _weight = weight;
        Utterances = utterances;
    }

    /// <summary>Nothing known.</summary>
    public static FaceBaseline None { get; } = new(new double[Emotions.Count], 0, 0);

    /// <summary>How many utterances in which the face was seen it rests on, 0 or more.</summary>
    public int Utterances { get; }

    /// <summary>The same after one more utterance of the person.</summary>
    /// <param name="answer">What the expert said of it, seven probabilities in label order, not yet seen against a baseline.</param>
    /// <param name="expert">The expert's numbers.</param>
    public FaceBaseline With(IReadOnlyList<double> answer, ExpertConfig expert) => Moved(answer, expert, 1);

    /// <summary>The same without one of its utterances.</summary>
    /// <param name="answer">As for <see cref="With"/>.</param>
    /// <param name="expert">The expert's numbers.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public FaceBaseline Without(IReadOnlyList<double> answer, ExpertConfig expert) => Utterances switch
    {
        0 => throw new InvalidOperationException("found a baseline of no utterance, expected one at least"),
        1 => None,
        _ => Moved(answer, expert, -1),
    };

    /// <summary>An answer seen against the baseline, as far as that is known.</summary>
    /// <param name="answer">What the expert says of an utterance that the baseline does not rest on, seven probabilities in label order.</param>
    /// <param name="expert">The expert's numbers; without <see cref="ExpertConfig.Resting"/> the answer stays as it is.</param>
    /// <returns>Seven probabilities.</returns>
    public double[] Against(IReadOnlyList<double> answer, ExpertConfig expert)
    {
        if (expert.Resting is not { } resting || _weight <= 0)
            return [.. answer];
        double known = _weight / (_weight + Shrinkage);
        double[] seen = [.. answer.Select((p, i) => p * Math.Exp(known * (Math.Log(resting[i]) - (_sum[i] / _weight))))];
        double sum = seen.Sum();
        return Array.ConvertAll(seen, p => p / sum);
    }

    /// <summary>How neutral a face looks: the probability of neutral with the expert's bias divided out, in [0, 1].</summary>
    /// <param name="answer">What the expert says of it, seven probabilities in label order.</param>
    /// <param name="expert">The expert's numbers.</param>
    public static double Neutrality(IReadOnlyList<double> answer, ExpertConfig expert)
    {
        IReadOnlyList<double> favored = expert.Usual ?? expert.Prior ?? EmotionPrior.Uniform.Values;
        return answer[(int)Emotion.Neutral] / favored[(int)Emotion.Neutral] / answer.Zip(favored, (p, q) => p / q).Sum();
    }

    private FaceBaseline Moved(IReadOnlyList<double> answer, ExpertConfig expert, int sign)
    {
        double weight = sign * Neutrality(answer, expert);
        return new FaceBaseline(
            [.. _sum.Select((sum, i) => sum + (weight * Math.Log(Math.Max(answer[i], BranchFusion.LeastProbability))))],
            _weight + weight, Utterances + sign);
    }
}
