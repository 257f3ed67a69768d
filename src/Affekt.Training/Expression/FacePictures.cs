using Affekt.Corpora;
using Affekt.Media;

namespace Affekt.Training.Expression;

/// <summary>The pictures of FER2013's faces, decoded; one that cannot be read costs no other.</summary>
/// <param name="Faces">Those that could be read, in their order.</param>
/// <param name="Gray">Gray values [n, side, side].</param>
/// <param name="Unreadable">The others.</param>
internal sealed record FacePictures(IReadOnlyList<Utterance> Faces, byte[] Gray, IReadOnlyList<Utterance> Unreadable)
{
    /// <summary>Reads them.</summary>
    /// <param name="root">FER2013's folder or zip file.</param>
    /// <param name="faces">Utterances of that corpus.</param>
    /// <param name="side">Pixels of a picture's side.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CorpusException">None can be read.</exception>
    public static async Task<FacePictures> ReadAsync(string root, IReadOnlyList<Utterance> faces, int side, CancellationToken cancellation)
    {
        MediaTools tools = MediaTools.Find();
        List<Utterance> kept = [], unreadable = [];
        List<byte[]> gray = [];
        await AddAsync(faces.ToArray()).ConfigureAwait(false);
        if (kept.Count == 0 && faces.Count > 0)
            throw new CorpusException($"{faces.Count} pictures, none of which can be read", "JPEG or PNG pictures", root);
        byte[] all = new byte[gray.Sum(part => (long)part.Length)];
        int at = 0;
        foreach (byte[] part in gray)
        {
            part.CopyTo(all, at);
            at += part.Length;
        }

        return new FacePictures(kept, all, unreadable);

        // All pictures are read in one run of the tool, which does not say which one is damaged: halves tell.
        async Task AddAsync(ArraySegment<Utterance> some)
        {
            try
            {
                GrayPictures pictures = await tools.ReadPicturesAsync(root, Fer2013Corpus.ReadFiles(root, some), side, side, cancellation).ConfigureAwait(false);
                gray.Add(pictures.Gray);
                kept.AddRange(some);
            }
            catch (MediaException e) when (e.Kind == MediaError.Damaged)
            {
                if (some.Count == 1)
                {
                    unreadable.Add(some[0]);
                    return;
                }

                await AddAsync(some[..(some.Count / 2)]).ConfigureAwait(false);
                await AddAsync(some[(some.Count / 2)..]).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Names those that could not be read, the first few of them; null where all could.</summary>
    public string? Complaint()
    {
        const int Named = 3;
        return Unreadable.Count == 0
            ? null
            : $"{Unreadable.Count} of {Faces.Count + Unreadable.Count} pictures cannot be read and are left out: "
                + $"{string.Join(", ", Unreadable.Take(Named).Select(face => face.Media))}{(Unreadable.Count > Named ? ", ..." : "")}";
    }
}
