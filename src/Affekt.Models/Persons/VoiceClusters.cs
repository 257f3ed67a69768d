using System.Numerics.Tensors;

namespace Affekt.Models.Persons;

/// <summary>Groups voices by speaker, without knowing how many there are.</summary>
internal static class VoiceClusters
{
    // More speakers are not told apart.
    private const int MostSpeakers = 8;
    private const int MostRounds = 10;

    // Two groups that are the same by more are one speaker's: they are alike, or their expressions differ enough to explain why they are
    // not. Of the numbers that leave one speaker of RAVDESS's actors 1 to 14 and of Spanish, Mandarin and Polish voices alone (2 % of what
    // such a speaker says goes to another), those that confuse several least; see docs/results/log.md.
    private const double SameSpeaker = 0.88;
    private const double ExpressionWeight = 0.25;

    // The same where expressions are not known.
    private const double SameSpeakerByVoice = 0.58;

    // Few utterances differ by chance: of m only the share sqrt(m / (m + this)) of it counts.
    private const double FewMembers = 5;

    // In a recording of at least so many utterances a speaker has more than this share of them; cries and whispers are no one else's.
    private const int EnoughUtterances = 12;
    private const double LeastShare = 0.1;

    // More than anything else says.
    private const double Certain = 1000;

    /// <summary>
    /// For each voice the number of its group: Ward's (1963) clusters to begin with, each voice then moved to the mean it is nearest to,
    /// and those two groups that are most likely one speaker's joined, until none are.
    /// </summary>
    /// <param name="voices">The voices.</param>
    /// <param name="count">How many speakers there are; null where that is not known.</param>
    public static int[] Find(IReadOnlyList<VoiceVectors> voices, int? count)
    {
        int[] groups = Move(voices, Ward([.. voices.Select(one => one.Voice)], count ?? MostSpeakers));
        while (count is null)
        {
            int[] numbers = [.. groups.Distinct()];
            VoiceGroup[] members = Members(voices, groups, numbers);
            (double Sameness, int A, int B) most = (double.NegativeInfinity, 0, 0);
            for (int a = 0; a < members.Length; a++)
            {
                for (int b = 0; b < a; b++)
                {
                    double sameness = Sameness(members[a], members[b], voices.Count);
                    if (sameness > most.Sameness)
                        most = (sameness, a, b);
                }
            }

            if (most.Sameness < 0)
                break;
            groups = Move(voices, Array.ConvertAll(groups, group => group == numbers[most.A] ? numbers[most.B] : group));
        }

        return groups;
    }

    // At least 0 where two groups are one speaker's.
    private static double Sameness(VoiceGroup a, VoiceGroup b, int utterances)
    {
        double few = Math.Min(a.Count, b.Count);
        double sameness = VoiceGroup.ExpressionApart(a, b) is { } apart
            ? VoiceGroup.Alike(a, b) + (ExpressionWeight * Math.Sqrt(few / (few + FewMembers)) * apart) - SameSpeaker
            : VoiceGroup.Alike(a, b) - SameSpeakerByVoice;
        return utterances >= EnoughUtterances && few < LeastShare * utterances ? sameness + Certain : sameness;
    }

    private static VoiceGroup[] Members(IReadOnlyList<VoiceVectors> voices, int[] groups, int[] numbers) =>
        [.. numbers.Select(number => new VoiceGroup([.. voices.Where((_, i) => groups[i] == number)]))];

    private static int[] Move(IReadOnlyList<VoiceVectors> voices, int[] groups)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            int[] numbers = [.. groups.Distinct()];
            VoiceGroup[] members = Members(voices, groups, numbers);
            int[] moved = [.. voices.Select(voice => numbers[IndexOfMost(members, voice.Voice)])];
            if (moved.AsSpan().SequenceEqual(groups))
                break;
            groups = moved;
        }

        return groups;
    }

    private static int IndexOfMost(VoiceGroup[] groups, float[] voice)
    {
        int best = 0;
        double most = double.NegativeInfinity;
        for (int i = 0; i < groups.Length; i++)
        {
            double likeness = groups[i].Likeness(voice);
            if (likeness > most)
                (best, most) = (i, likeness);
        }

        return best;
    }

    // Joins the two clusters whose joining adds least to the squared distances from their means, until so many are left.
    private static int[] Ward(float[][] voices, int most)
    {
        int count = voices.Length;
        double[][] distances = new double[count][];
        for (int i = 0; i < count; i++)
        {
            distances[i] = new double[count];
            for (int j = 0; j < i; j++)
                distances[i][j] = distances[j][i] = 2 - (2 * TensorPrimitives.Dot<float>(voices[i], voices[j]));
        }

        int[] groups = [.. Enumerable.Range(0, count)], sizes = [.. Enumerable.Repeat(1, count)], nearest = new int[count];
        List<int> open = [.. Enumerable.Range(0, count)];
        foreach (int i in open)
            nearest[i] = Nearest(i);
        while (open.Count > most)
        {
            int a = open.MinBy(i => distances[i][nearest[i]]), b = nearest[a];
            (a, b) = (Math.Min(a, b), Math.Max(a, b));
            open.Remove(b);
            foreach (int k in open)
            {
                if (k != a)
                {
                    double joined = (((sizes[a] + sizes[k]) * distances[a][k]) + ((sizes[b] + sizes[k]) * distances[b][k]) - (sizes[k] * distances[a][b]))
                        / (sizes[a] + sizes[b] + sizes[k]);
                    distances[a][k] = distances[k][a] = joined;
                }
            }

            sizes[a] += sizes[b];
            for (int i = 0; i < count; i++)
                groups[i] = groups[i] == b ? a : groups[i];
            if (open.Count <= most)
                break;
            foreach (int k in open)
            {
                // Ward's distances never shrink by joining, so only those who lost their nearest look again.
                if (k == a || nearest[k] == a || nearest[k] == b)
                    nearest[k] = Nearest(k);
            }
        }

        return groups;

        int Nearest(int i)
        {
            int best = -1;
            foreach (int k in open)
            {
                if (k != i && (best < 0 || distances[i][k] < distances[i][best]))
                    best = k;
            }

            return best;
        }
    }
}
