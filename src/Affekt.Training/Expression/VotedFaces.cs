namespace Affekt.Training.Expression;

/// <summary>Faces for which most people's votes are known.</summary>
/// <param name="Majorities">A face's place among all and what most people see in it.</param>
internal sealed record VotedFaces(IReadOnlyList<(int Face, int Majority)> Majorities)
{
    public int Count => Majorities.Count;

    /// <summary>Those of some faces that were voted on, with one emotion ahead of the others.</summary>
    public static VotedFaces Of(Faces faces, IReadOnlyDictionary<string, IReadOnlyList<float>>? votes)
    {
        List<(int, int)> majorities = [];
        for (int i = 0; i < faces.Count; i++)
        {
            if (votes?.GetValueOrDefault(faces.Ids[i]) is { } shares && shares.Count(share => share == shares.Max()) == 1)
                majorities.Add((i, shares.Index().MaxBy(share => share.Item).Index));
        }

        return new VotedFaces(majorities);
    }

    /// <summary>The share of them in which answers, one for each of all faces, are what most people see; 0 without any.</summary>
    public double Agreement(IReadOnlyList<int> answers) =>
        Count == 0 ? 0 : Majorities.Count(face => answers[face.Face] == face.Majority) / (double)Count;
}
