using Affekt.Media;
using Affekt.Models.Video;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>An utterance before any model has seen it.</summary>
/// <param name="StartMs">Where it begins in the recording, in ms.</param>
/// <param name="EndMs">Where it ends, in ms.</param>
internal sealed record UtteranceMaterial(int StartMs, int EndMs)
{
    /// <summary>Who speaks; null where that is not known.</summary>
    public string? Speaker { get; init; }

    /// <summary>Whether others may speak in the same recording or session, so that voices and faces are told apart.</summary>
    public bool IsOneOfMany { get; init; }

    /// <summary>Whether speakers are named, if not this one: then voices are not told apart.</summary>
    public bool IsNamed { get; init; }

    /// <summary>The words; null where they are not known.</summary>
    public string? Text { get; init; }

    /// <summary>Where the words come from.</summary>
    public TextSource TextSource { get; init; }

    /// <summary>Why there are no words; null where there are, or where none were given.</summary>
    public string? NoText { get; init; }

    /// <summary>Its sound, 16 kHz mono; null where there is none.</summary>
    public ReadOnlyMemory<float>? Sound { get; init; }

    /// <summary>Why there is no sound; null where there is.</summary>
    public string? NoSound { get; init; }

    /// <summary>Why the sound that there is may not be gone by; null where it may, or where there is none.</summary>
    public string? UnusableSound { get; init; }

    /// <summary>Its pictures as the frame encoder wants them; null where there are none, or nothing reads them.</summary>
    public VideoFrames? Pictures { get; init; }

    /// <summary>For each picture the faces in it, where they were found before; null where not.</summary>
    public IReadOnlyList<IReadOnlyList<FaceBox>>? Faces { get; init; }

    /// <summary>
    /// Reads pictures of it that are closer together, where that has to be looked at; waits until they are there, and gives null where
    /// there are none. Null where there is nothing to read.
    /// </summary>
    public Func<DensePictures?>? Closer { get; init; }

    /// <summary>Why there are no pictures; null where there are, or nothing reads them.</summary>
    public string? NoPictures { get; init; }

    /// <summary>What went less than well with its pictures.</summary>
    public IReadOnlyList<MediaWarning> PictureWarnings { get; init; } = [];

    /// <summary>The utterance with its pictures, which are still being decoded; null where all that there is of them is here.</summary>
    public Task<UtteranceMaterial>? Seeing { get; init; }

    /// <summary>The utterance as it is here, with its pictures, once they are decoded.</summary>
    /// <exception cref="MediaException">Nothing here can decode.</exception>
    public async Task<UtteranceMaterial> SeenAsync()
    {
        if (Seeing is null)
            return this;
        UtteranceMaterial seen = await Seeing.ConfigureAwait(false);
        return this with
        {
            Seeing = null,
            Pictures = seen.Pictures,
            Closer = seen.Closer,
            NoPictures = seen.NoPictures,
            PictureWarnings = seen.PictureWarnings,
        };
    }
}
