using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>Gathers how a speaker usually sounds and looks from utterances given for that. For one thread at a time.</summary>
/// <param name="bundle">The models; they stay open as long as this is used.</param>
/// <param name="models">Taken while a model computes.</param>
internal sealed class SpeakerEnrollment(Bundle bundle, ModelTurns models)
{
    /// <summary>Whether the bundle goes by how a voice usually sounds.</summary>
    public bool Hears => bundle is { Sound: not null, AudioEncoder: not null };

    /// <summary>Whether the bundle goes by how a face usually looks.</summary>
    public bool Sees => PictureExpert is not null && bundle is { Video: not null, VideoEncoder: not null };

    /// <summary>What is known so far.</summary>
    public SpeakerBaseline Speaker { get; private set; } = SpeakerBaseline.None;

    private ExpertConfig? PictureExpert => bundle.Config.Fusion?.Experts?.Video is { Resting: not null } expert ? expert : null;

    /// <summary>Adds an utterance; one without usable sound, or without a face, adds to the other alone.</summary>
    public void Add(UtteranceMaterial material)
    {
        if (Hears && material is { Sound: { } sound, UnusableSound: null })
        {
            using (models.Take())
            {
                if (bundle.AudioEncoder!.Encode(sound.Span).Values is { } features)
                    Speaker = Speaker with { Voice = Speaker.Voice.With(features) };
            }
        }

        if (Sees && material.Pictures is { } pictures)
        {
            using (models.Take())
            {
                FrameFeatures frames = bundle.VideoEncoder is FaceEncoder reader && material.Faces is { } faces
                    ? reader.Encode(pictures, faces)
                    : bundle.VideoEncoder!.Encode(pictures);
                using DialogueMemory memory = new(bundle);
                if (memory.AskFace(new UtteranceFeatures(null, null, new MetadataTracker(bundle.Metadata).Peek(null, null)) { Frames = frames }) is { } answer)
                    Speaker = Speaker with { Face = Speaker.Face.With(answer, PictureExpert!) };
            }
        }
    }
}
