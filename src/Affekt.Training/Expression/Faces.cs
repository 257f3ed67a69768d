using Affekt.Corpora;

namespace Affekt.Training.Expression;

/// <summary>Labeled faces of FER2013, decoded.</summary>
/// <param name="Gray">Gray values [n, 48, 48].</param>
/// <param name="Labels">The emotion's index for each face.</param>
/// <param name="Ids">Each face's id in the corpus.</param>
internal sealed record Faces(byte[] Gray, IReadOnlyList<int> Labels, IReadOnlyList<string> Ids)
{
    /// <summary>Pixels of a face's side.</summary>
    public const int Side = 48;

    // Fixed: which faces are held out must not depend on the run's seed, or runs of several seeds would not compare.
    private const int HoldOutSeed = 2013;

    public int Count => Labels.Count;

    /// <summary>All gray values as numbers.</summary>
    public float[] Pixels()
    {
        float[] pixels = new float[Gray.Length];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Gray[i];
        return pixels;
    }

    public ReadOnlySpan<byte> Face(int index) => Gray.AsSpan(index * Side * Side, Side * Side);

    /// <summary>The first of them.</summary>
    public Faces First(int count) =>
        new(Gray[..(count * Side * Side)], [.. Labels.Take(count)], [.. Ids.Take(count)]);

    /// <summary>Reads train/, and takes a share of it out by chance.</summary>
    /// <param name="root">FER2013's folder or zip file.</param>
    /// <param name="heldOut">The share that is taken out.</param>
    /// <param name="tell">Told of pictures that cannot be read.</param>
    /// <param name="cancellation">Ends it.</param>
    public static (Faces Train, Faces HeldOut) Read(string root, double heldOut, Action<string> tell, CancellationToken cancellation)
    {
        Utterance[] all = [.. Fer2013Corpus.Read(root).Utterances.Where(face => face.Split == Split.Train)];
        if (all.Length == 0)
            throw new CorpusException("no face", "faces in train/", root);
        new Random(HoldOutSeed).Shuffle(all);
        int held = (int)(all.Length * heldOut);
        return (Decode(root, all[held..], tell, cancellation), Decode(root, all[..held], tell, cancellation));
    }

    private static Faces Decode(string root, IReadOnlyList<Utterance> faces, Action<string> tell, CancellationToken cancellation)
    {
        FacePictures pictures = FacePictures.ReadAsync(root, faces, Side, cancellation).GetAwaiter().GetResult();
        if (pictures.Complaint() is { } complaint)
            tell($"{root}: {complaint}");
        return new Faces(pictures.Gray, [.. pictures.Faces.Select(face => face.Label!.Value)], [.. pictures.Faces.Select(face => face.Id)]);
    }
}
