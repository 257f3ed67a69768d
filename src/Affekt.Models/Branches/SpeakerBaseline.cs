namespace Affekt.Models.Branches;

/// <summary>How a speaker usually is: what utterances are heard and seen against.</summary>
/// <param name="Voice">How the voice usually sounds.</param>
/// <param name="Face">How the face usually looks.</param>
public sealed record SpeakerBaseline(VoiceBaseline Voice, FaceBaseline Face)
{
    /// <summary>Nothing known.</summary>
    public static SpeakerBaseline None { get; } = new(VoiceBaseline.None, FaceBaseline.None);
}
