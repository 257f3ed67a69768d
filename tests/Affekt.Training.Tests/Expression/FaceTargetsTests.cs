using Affekt.Training.Expression;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Expression;

public sealed class FaceTargetsTests
{
    private static readonly Dictionary<string, IReadOnlyList<float>> s_votes = new()
    {
        ["train/angry/1.jpg"] = [0.6f, 0, 0, 0.4f, 0, 0, 0],
    };

    [Fact]
    public void A_face_that_people_voted_on_is_taken_for_a_mix_of_label_and_votes_and_another_for_its_label()
    {
        Faces faces = new(new byte[2 * Faces.Side * Faces.Side], [3, 2], ["train/angry/1.jpg", "train/sad/1.jpg"]);

        float[] targets = FaceTargets.Of(faces, new FaceTargetShares { Votes = 0.5 }, s_votes, null);

        float[] expected = [0.3f, 0, 0, 0.7f, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        foreach ((int i, float target) in targets.Index())
            Assert.Equal(expected[i], target, 1e-6f);
    }

    [Fact]
    public void Agreement_counts_faces_with_votes_only()
    {
        Faces faces = new(new byte[2 * Faces.Side * Faces.Side], [3, 2], ["train/angry/1.jpg", "train/sad/1.jpg"]);

        VotedFaces voted = VotedFaces.Of(faces, s_votes);

        Assert.Equal(1, voted.Count);
        Assert.Equal(1, voted.Agreement([0, 1]));
        Assert.Equal(0, voted.Agreement([3, 2]));
    }
}
