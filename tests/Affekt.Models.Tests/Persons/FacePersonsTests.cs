using Affekt.Models.Persons;

namespace Affekt.Tests.Persons;

/// <summary>Which face speaks, and whose face it is, from numbers as the networks give them.</summary>
public sealed class FacePersonsTests
{
    // Of pictures, in ms.
    private const double Apart = 100;

    [Fact]
    public void The_face_whose_mouth_moves_with_the_sound_speaks()
    {
        double[] loud = [.. Enumerable.Range(0, 30).Select(i => Math.Sin(i * 0.9))];
        double[] speaking = [.. loud.Select(value => 0.2 + (0.1 * value))], still = [.. loud.Select((_, i) => 0.05 + (0.002 * (i % 2)))];

        (int face, double confidence) = SpeakingFace.Choose([still, speaking], loud, Apart);

        Assert.Equal(1, face);
        Assert.InRange(confidence, 0.8, 1);
    }

    [Fact]
    public void Of_two_mouths_that_move_the_one_that_goes_with_the_sound_speaks()
    {
        double[] loud = [.. Enumerable.Range(0, 40).Select(i => Math.Sin(i * 0.9))];
        double[] speaking = [.. loud.Select(value => 0.2 + (0.08 * value))], chewing = [.. Enumerable.Range(0, 40).Select(i => 0.2 + (0.08 * Math.Sin((i * 1.7) + 1)))];

        Assert.Equal(0, SpeakingFace.Choose([speaking, chewing], loud, Apart).Face);
    }

    [Fact]
    public void Where_no_mouth_moves_the_speaker_is_not_seen()
    {
        double[] still = [.. Enumerable.Range(0, 30).Select(i => 0.05 + (0.002 * (i % 2)))];

        Assert.Equal(-1, SpeakingFace.Choose([still, still], [.. still.Select((_, i) => Math.Sin(i))], Apart).Face);
    }

    [Fact]
    public void A_mouth_moves_as_much_in_pictures_that_are_twice_as_close()
    {
        double[] close = [.. Enumerable.Range(0, 80).Select(i => 0.2 + (0.05 * Math.Sin(i * 0.5)))];

        Assert.Equal(SpeakingFace.Movement([.. close.Where((_, i) => i % 2 == 0)], 120), SpeakingFace.Movement(close, 60), 1e-3);
    }

    [Fact]
    public void A_face_that_was_seen_for_a_moment_is_not_taken_for_the_speaker()
    {
        double[] seen = [.. Enumerable.Repeat(double.NaN, 30)];
        (seen[3], seen[4]) = (0.1, 0.4);

        Assert.Equal(0, SpeakingFace.Movement(seen, Apart));
    }

    [Fact]
    public void A_face_is_known_again_behind_a_cut_and_two_in_one_picture_are_two_persons()
    {
        FaceIdentities identities = new();
        float[] ann = Descriptor(1), bob = Descriptor(2), twin = Near(ann, 0.2f);

        Assert.Equal([0, 1], identities.Find([ann, bob], (_, _) => true));
        Assert.Equal([1, 0], identities.Find([Near(bob, 0.3f), Near(ann, 0.3f)], (_, _) => true));
        Assert.Equal([0, 0], identities.Find([Near(ann, 0.2f), twin], (_, _) => false));
        Assert.Equal([0, 2], identities.Find([ann, twin], (_, _) => true).Order());
        Assert.Equal(3, identities.Count);
    }

    [Fact]
    public void In_one_picture_a_person_is_recognized_once()
    {
        FaceIdentities identities = new();
        float[] ann = Descriptor(1), bob = Descriptor(2);
        identities.Find([ann, bob], (_, _) => true);

        Assert.Equal([null, 1, 0, null], identities.Recognize([Near(ann, 0.3f), bob, Near(ann, 0.1f), Descriptor(3)]));
        Assert.Equal(2, identities.Count);
    }

    // Of two persons they are farther apart than 0.6.
    private static float[] Descriptor(int person) => [.. Enumerable.Range(0, 128).Select(i => i % 8 == person ? 0.3f : 0)];

    private static float[] Near(float[] of, float distance)
    {
        float[] near = [.. of];
        near[0] += distance;
        return near;
    }
}
