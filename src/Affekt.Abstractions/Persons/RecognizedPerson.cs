using System.Text.Json.Serialization;

namespace Affekt.Recognition.Persons;

/// <summary>Someone in a recording: a voice, a face, or both, with what they express over time.</summary>
public sealed record RecognizedPerson
{
    /// <summary>What names the person in this result: "p1" for the one who came first, and so on.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// What people call the person: as the transcript or the caller named the speaker, else "speaker 1" for a voice that was told apart,
    /// "face 1" for a face without a voice.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>What was heard of the person; null where nothing was.</summary>
    public PersonVoice? Voice { get; init; }

    /// <summary>What was seen of the person; null where nothing was.</summary>
    public PersonFace? Face { get; init; }

    /// <summary>
    /// The mean of what the person's utterances express, weighted by their lengths; of a person who was never heard the mean of what
    /// the face expressed while others spoke. Null where there is neither.
    /// </summary>
    public EmotionProbabilities? Emotions { get; init; }

    /// <summary>The same by stretches of the recording; stretches in which there is nothing of the person are left out.</summary>
    public IReadOnlyList<PersonMoment> OverTime { get; init; } = [];

    /// <summary>Where what the person's utterances express changes, those left out that count as withheld.</summary>
    public IReadOnlyList<EmotionChange> Changes { get; init; } = [];
}

/// <summary>A person's voice in a recording.</summary>
/// <param name="Utterances">How many utterances are the person's.</param>
/// <param name="SpeechMs">How long they are together, in ms.</param>
/// <param name="Share">Their share of all speech in the recording, in [0, 1].</param>
public sealed record PersonVoice(int Utterances, int SpeechMs, double Share);

/// <summary>A person's face in a recording.</summary>
/// <param name="SeenMs">For how long it was seen, in ms, as far as pictures were looked at.</param>
/// <param name="Stretches">When it was seen, in their order.</param>
public sealed record PersonFace(int SeenMs, IReadOnlyList<PersonStretch> Stretches)
{
    /// <summary>The face, a PNG picture of 64 x 64 pixels in Base64; null, and left out of the JSON, where none was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thumbnail { get; init; }
}

/// <summary>A stretch of a recording.</summary>
/// <param name="StartMs">Where it begins, in ms.</param>
/// <param name="EndMs">Where it ends, in ms.</param>
public sealed record PersonStretch(int StartMs, int EndMs);

/// <summary>What a person expresses in a stretch of a recording.</summary>
/// <param name="StartMs">Where the stretch begins, in ms.</param>
/// <param name="EndMs">Where it ends, in ms.</param>
/// <param name="Probabilities">The mean over it.</param>
public sealed record PersonMoment(int StartMs, int EndMs, EmotionProbabilities Probabilities);

/// <summary>Where what a person expresses changes from one utterance to the next.</summary>
/// <param name="AtMs">Where the later utterance begins, in ms.</param>
/// <param name="From">What the earlier one expresses, by its label.</param>
/// <param name="To">What the later one expresses, by its label.</param>
public sealed record EmotionChange(int AtMs, string From, string To);

/// <summary>Whose face was read for an utterance.</summary>
/// <param name="Status">How the face was chosen.</param>
/// <param name="Person">Whose it is, a <see cref="RecognizedPerson.Id"/>; null where no face was chosen or it was not told apart.</param>
/// <param name="Confidence">How sure the choice is, in [0, 1]; null where nothing was compared.</param>
public sealed record UtteranceFace(UtteranceFaceStatus Status, string? Person, double? Confidence);

/// <summary>How an utterance's face was chosen.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<UtteranceFaceStatus>))]
public enum UtteranceFaceStatus
{
    /// <summary>Its mouth moves with the sound, more than any other's.</summary>
    Speaking,

    /// <summary>It is the only one, and was taken for the speaker's without a look at its mouth.</summary>
    Only,

    /// <summary>None of the faces seems to speak: the speaker is not in the picture.</summary>
    NotSeen,
}

/// <summary>What the face of somebody else expresses during an utterance, by itself: neither sound nor words are theirs.</summary>
/// <param name="Person">Whose face it is, a <see cref="RecognizedPerson.Id"/>.</param>
/// <param name="Label">The most probable emotion, or label of a bundle that has others.</param>
/// <param name="Confidence">Its probability, in [0, 1].</param>
/// <param name="Probabilities">Of all labels.</param>
public sealed record ListenerAnswer(
    string Person, [property: JsonPropertyName("emotion")] string Label, double Confidence, EmotionProbabilities Probabilities);
