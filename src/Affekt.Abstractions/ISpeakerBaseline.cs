namespace Affekt.Recognition;

/// <summary>
/// How a speaker usually sounds and looks, as a recognizer learned it from recordings (<see cref="IEmotionRecognizer.EnrollAsync"/>): to be
/// kept, and given to a recognizer of the same bundle.
/// </summary>
public interface ISpeakerBaseline
{
    /// <summary>How many utterances what is known of the voice rests on, 0 or more.</summary>
    int HeardUtterances { get; }

    /// <summary>How many utterances what is known of the face rests on, 0 or more.</summary>
    int SeenUtterances { get; }
}
