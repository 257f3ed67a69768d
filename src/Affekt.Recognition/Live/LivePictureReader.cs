using Affekt.Models.Video;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>What a live session makes of its pictures.</summary>
internal sealed class LivePictureReader(LiveServices parts, LivePictures pictures, FaceNames? names = null)
{
    // Where faces are only shown, not read, smaller pictures do.
    private static readonly FrameRequest _shown = new(1, 320, Whole: true);

    private readonly FaceEncoder? _reader = parts.Bundle.VideoEncoder as FaceEncoder;
    private readonly FollowedFaces? _followed = names is null ? null : new FollowedFaces(names);

    /// <summary>The pictures that are of use.</summary>
    public FrameRequest Wanted => parts.Bundle.VideoEncoder?.Frames ?? _shown;

    /// <summary>A picture with the faces in it.</summary>
    public LivePicture Look(int width, int height, byte[] rgb, double atMs)
    {
        VideoFrames frame = new(rgb, 1, width, height);
        IReadOnlyList<FaceBox>? faces = null;
        IReadOnlyList<string?> persons = [];

        // A square from the middle is not what the sender sees: boxes in it would lie elsewhere in the picture.
        if (Wanted.Whole)
        {
            using (parts.Models.Take())
            {
                faces = _reader?.FindFaces(frame)[0] ?? parts.Faces?.Find(frame, FaceEncoder.LeastScore)[0];
                if (_followed is not null && faces is not null)
                    persons = _followed.Follow(frame, faces, atMs);
            }
        }

        return new LivePicture(atMs, width, height, rgb, faces) { Persons = persons };
    }

    /// <summary>The faces in a picture; none where there is none.</summary>
    public static IReadOnlyList<RecognizedFace> Faces(LivePicture? picture) =>
        [.. (picture?.Faces ?? []).Select((face, i) => new RecognizedFace(face.Left, face.Top, face.Width, face.Height, face.Score) { Person = picture!.Persons.ElementAtOrDefault(i) })];

    /// <summary>An utterance with the pictures of its stretch, as a file's are taken.</summary>
    public UtteranceMaterial Gather(UtteranceMaterial material)
    {
        if (parts.Bundle.VideoEncoder is not { } encoder)
            return material;
        IReadOnlyList<LivePicture> seen = pictures.SampleEvenly(material.StartMs, material.EndMs, encoder.Frames.Count);
        if (seen.Count == 0)
            return material;
        return material with
        {
            Pictures = LivePictures.Join(seen),
            Faces = _reader is null ? null : [.. seen.Select(picture => picture.Faces!)],
            Closer = _reader is not null && seen.Any(MayShowListener) ? Closer(material) : null,
        };
    }

    // One of several faces, a face where several persons were seen or heard, or the face of another than whoever is known.
    private bool MayShowListener(LivePicture picture) =>
        picture.Faces!.Count > 1 || (names is { Count: var known and > 0 } && picture.Faces.Count > 0 && (known > 1 || names.HeardOthers || picture.Persons.Contains(null)));

    // The session's pictures go on, so those of the utterance are copied.
    private Func<DensePictures?>? Closer(UtteranceMaterial material)
    {
        IReadOnlyList<LivePicture> all = pictures.Within(material.StartMs, material.EndMs);
        if (all.Count <= FaceEncoder.FrameCount)
            return null;
        DensePictures closer = new(LivePictures.Join(all), [.. all.Select(picture => picture.AtMs)], [.. all.Select(picture => picture.Faces!)]);
        return () => closer;
    }

    /// <summary>
    /// What the pictures of a stretch say by now: each is read by itself and only once, where an utterance's end follows one face
    /// through all of them.
    /// </summary>
    public (FrameFeatures? Features, ModalityUse Use) Watch(double startMs, double endMs)
    {
        if (!parts.Bundle.Config.ReadsPictures)
            return (null, ModalityUse.Missing("no branch in this bundle"));
        if (parts.Bundle.VideoEncoder is not { } encoder)
            return (null, ModalityUse.Missing("The frame encoder's weights are not loaded."));
        if (_reader is null)
            return (null, ModalityUse.Missing("this bundle reads pictures at the utterance's end only"));
        IReadOnlyList<LivePicture> seen = pictures.SampleEvenly(startMs, endMs, encoder.Frames.Count);
        if (seen.Count == 0)
            return (null, ModalityUse.Missing("no picture was given"));
        using (parts.Models.Take())
        {
            foreach (LivePicture picture in seen)
                picture.Features ??= _reader.Encode(picture.Frame, [picture.Faces!]);
        }

        int width = encoder.Width;
        if (seen.All(picture => picture.Features!.Values is null))
        {
            string reason = seen[^1].Features!.Reason!;
            return (null, ModalityUse.Unusable(reason[..reason.IndexOf(" in ", StringComparison.Ordinal)]));
        }

        float[] values = new float[seen.Count * width];
        for (int i = 0; i < seen.Count; i++)
            seen[i].Features!.Values?.CopyTo(values, i * width);
        return (new FrameFeatures(values, [.. seen.Select(picture => picture.Features!.Present[0])], null, []), ModalityUse.Used);
    }
}
