using Affekt.Models.Branches;
using Affekt.Models.Fusion;

namespace Affekt.Tests.Branches;

/// <summary>What a face is seen against.</summary>
public sealed class FaceBaselineTests
{
    private static readonly double[] s_atRest = [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];
    private static readonly double[] s_looksSad = [0.4, 0.05, 0.25, 0.1, 0.1, 0.05, 0.05];
    private static readonly ExpertConfig s_expert = new(1) { Resting = s_atRest };

    [Fact]
    public void Somebody_who_looks_sad_at_rest_is_not_taken_to_be_sad()
    {
        double[] answer = [0.3, 0.05, 0.4, 0.1, 0.05, 0.05, 0.05];
        FaceBaseline usual = FaceBaseline.None;
        for (int i = 0; i < 30; i++)
            usual = usual.With(s_looksSad, s_expert);

        // By hand: 12 neutral looks count for 12/14; each probability times (at rest / usual) to that power, divided by the sum.
        double[] factors = [1, Math.Pow(2, 6.0 / 7), Math.Pow(0.4, 6.0 / 7), 1, 1, Math.Pow(2, 6.0 / 7), Math.Pow(2, 6.0 / 7)];
        double[] expected = [.. answer.Zip(factors, (p, factor) => p * factor)];
        double[] seen = usual.Against(answer, s_expert);
        Assert.Equal(30, usual.Utterances);
        for (int i = 0; i < seen.Length; i++)
            Assert.Equal(expected[i] / expected.Sum(), seen[i], 1e-12);
        Assert.Equal(Emotion.Neutral, (Emotion)Array.IndexOf(seen, seen.Max()));
    }

    [Fact]
    public void Somebody_who_is_angry_all_the_time_still_is()
    {
        double[] angry = [0.01, 0.01, 0.01, 0.94, 0.01, 0.01, 0.01];
        FaceBaseline usual = FaceBaseline.None;
        for (int i = 0; i < 20; i++)
            usual = usual.With(angry, s_expert);
        Assert.InRange(usual.Against(angry, s_expert)[(int)Emotion.Anger], 0.75, 0.94);
    }

    [Fact]
    public void An_answer_stays_as_it_is_where_nothing_is_known_or_people_at_rest_are_not()
    {
        Assert.Equal(s_looksSad, FaceBaseline.None.Against(s_looksSad, s_expert));
        ExpertConfig unknowing = new(1);
        Assert.Equal(s_looksSad, FaceBaseline.None.With(s_atRest, unknowing).Against(s_looksSad, unknowing));
    }

    [Fact]
    public void A_face_that_usually_looks_as_others_do_at_rest_changes_nothing()
    {
        double[] seen = FaceBaseline.None.With(s_atRest, s_expert).Against(s_looksSad, s_expert);
        for (int i = 0; i < seen.Length; i++)
            Assert.Equal(s_looksSad[i], seen[i], 1e-12);
    }

    [Fact]
    public void Without_an_utterance_a_baseline_is_what_the_others_make_it()
    {
        double[] joy = [0.2, 0.7, 0.02, 0.02, 0.02, 0.02, 0.02];
        FaceBaseline two = FaceBaseline.None.With(s_looksSad, s_expert).With(joy, s_expert);
        double[] one = FaceBaseline.None.With(s_looksSad, s_expert).Against(joy, s_expert);
        Assert.Equal(1, two.Without(joy, s_expert).Utterances);
        Assert.All(two.Without(joy, s_expert).Against(joy, s_expert).Zip(one), pair => Assert.Equal(pair.Second, pair.First, 1e-12));
        Assert.Equal(0, FaceBaseline.None.With(joy, s_expert).Without(joy, s_expert).Utterances);
        Assert.Throws<InvalidOperationException>(() => FaceBaseline.None.Without(joy, s_expert));
    }

    [Fact]
    public void How_neutral_a_face_looks_does_not_follow_from_what_the_expert_favors()
    {
        ExpertConfig favors = new(1) { Usual = [0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05] };
        Assert.Equal(1.0 / 7, FaceBaseline.Neutrality(favors.Usual, favors), 1e-12);
        Assert.Equal(0.4, FaceBaseline.Neutrality(s_atRest, s_expert), 1e-12);
    }
}
