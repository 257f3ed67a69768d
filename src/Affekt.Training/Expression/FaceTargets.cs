using Affekt.Models.Video;
using Affekt.Training.Recipes;

namespace Affekt.Training.Expression;

/// <summary>What each face is to be taken for: its label, softened by people's votes and by what a network says of it.</summary>
internal static class FaceTargets
{
    /// <summary>The targets of some faces, [n, 7]; each row sums to 1.</summary>
    /// <param name="faces">The faces.</param>
    /// <param name="shares">How much each voice counts.</param>
    /// <param name="votes">The votes by the faces' ids; null where there are none.</param>
    /// <param name="teacher">The network that is asked; null where none is.</param>
    public static float[] Of(
        Faces faces, FaceTargetShares shares, IReadOnlyDictionary<string, IReadOnlyList<float>>? votes, ExpressionEncoder? teacher)
    {
        const int Classes = Emotions.Count;
        float[] targets = new float[faces.Count * Classes];
        for (int i = 0; i < faces.Count; i++)
        {
            Span<float> target = targets.AsSpan(i * Classes, Classes);
            target[faces.Labels[i]] = 1;
            if (votes?.GetValueOrDefault(faces.Ids[i]) is { } seen)
                Mix(target, [.. seen], (float)shares.Votes);
        }

        if (teacher is not null && shares.Teacher > 0)
        {
            float[] answers = Probabilities(teacher.Logits(faces.Pixels()));
            for (int i = 0; i < faces.Count; i++)
                Mix(targets.AsSpan(i * Classes, Classes), answers.AsSpan(i * Classes, Classes), (float)shares.Teacher);
        }

        return targets;
    }

    private static void Mix(Span<float> target, ReadOnlySpan<float> other, float share)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] += share * (other[i] - target[i]);
    }

    private static float[] Probabilities(float[] logits)
    {
        foreach (int start in Enumerable.Range(0, logits.Length / Emotions.Count).Select(i => i * Emotions.Count))
        {
            Span<float> row = logits.AsSpan(start, Emotions.Count);
            float most = row.ToArray().Max(), sum = 0;
            foreach (ref float value in row)
                sum += value = MathF.Exp(value - most);
            foreach (ref float value in row)
                value /= sum;
        }

        return logits;
    }
}
