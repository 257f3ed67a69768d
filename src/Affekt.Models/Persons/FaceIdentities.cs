using System.Numerics.Tensors;

namespace Affekt.Models.Persons;

/// <summary>
/// Knows faces again, by their descriptors, across cuts and utterances. What it remembers of a person is a mean of 128 numbers. For use
/// by one thread at a time.
/// </summary>
public sealed class FaceIdentities
{
    // Descriptors of one person are nearer to each other than this, as a rule: dlib's own threshold for pairs; a mean lies nearer.
    private const double SamePerson = 0.55;

    // Later faces change the mean less and less, but never not at all.
    private const int SlowestAfter = 30;

    private readonly List<(float[] Mean, int Seen)> _persons = [];

    /// <summary>How many persons were seen.</summary>
    public int Count => _persons.Count;

    /// <summary>Whose faces these are, that are seen at the same time or one after another.</summary>
    /// <param name="descriptors">Their descriptors, as <see cref="FaceReader.Describe"/> gives them.</param>
    /// <param name="together">Whether two of them are in one picture, by their places: then they are two persons.</param>
    /// <returns>A person's number for each, from 0; those who were not seen before get new ones.</returns>
    public int[] Find(IReadOnlyList<float[]> descriptors, Func<int, int, bool> together)
    {
        int[] persons = [.. Enumerable.Repeat(-1, descriptors.Count)];
        foreach ((_, int face, int person) in Alike(descriptors))
        {
            if (persons[face] < 0 && IsFree(person, face))
                persons[face] = person;
        }

        for (int face = 0; face < descriptors.Count; face++)
        {
            if (persons[face] < 0)
            {
                // Another of the new ones may be the same, before and after a cut.
                int same = Enumerable.Range(0, face).Where(other => TensorPrimitives.Distance<float>(descriptors[other], descriptors[face]) < SamePerson && IsFree(persons[other], face))
                    .Select(other => persons[other]).FirstOrDefault(-1);
                if (same < 0)
                {
                    same = _persons.Count;
                    _persons.Add((descriptors[face], 0));
                }

                persons[face] = same;
            }

            Remember(persons[face], descriptors[face]);
        }

        return persons;

        bool IsFree(int person, int face) => !Enumerable.Range(0, descriptors.Count).Any(other => other != face && persons[other] == person && together(other, face));
    }

    /// <summary>
    /// Whose faces these are in one picture, of those who were seen before; null where one is nobody's. Nothing is remembered.
    /// </summary>
    /// <param name="descriptors">As for <see cref="Find"/>.</param>
    public int?[] Recognize(IReadOnlyList<float[]> descriptors)
    {
        int?[] persons = new int?[descriptors.Count];
        foreach ((_, int face, int person) in Alike(descriptors))
        {
            if (persons[face] is null && !persons.Contains(person))
                persons[face] = person;
        }

        return persons;
    }

    // Faces and those whose they may be, the nearest first.
    private IEnumerable<(float Distance, int Face, int Person)> Alike(IReadOnlyList<float[]> descriptors) =>
        descriptors.SelectMany((descriptor, face) => _persons.Select((person, number) => (Distance: TensorPrimitives.Distance<float>(person.Mean, descriptor), face, number)))
            .Where(pair => pair.Distance < SamePerson).OrderBy(pair => pair.Distance);

    private void Remember(int person, float[] descriptor)
    {
        (float[] mean, int seen) = _persons[person];
        float share = 1f / (Math.Min(seen, SlowestAfter) + 1);
        _persons[person] = ([.. mean.Zip(descriptor, (old, now) => old + ((now - old) * share))], seen + 1);
    }
}
