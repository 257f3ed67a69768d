using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>What a live session has to say.</summary>
/// <param name="AtMs">Up to when it has heard, in ms.</param>
/// <param name="SpeakingSinceMs">Where the current utterance began, in ms; null where nobody speaks.</param>
/// <param name="Utterance">An utterance that ended before and has been answered; null where somebody began or ceased to speak.</param>
/// <param name="Warnings">The warnings that came of it.</param>
public sealed record LiveUpdate(
    int AtMs, int? SpeakingSinceMs, RecognizedUtterance? Utterance, IReadOnlyList<RecognitionWarning> Warnings)
{
    /// <summary>
    /// Who speaks in each utterance that was told, this one included, where all that was heard by now tells otherwise than was said
    /// before: two voices may turn out to be one, and one two. Null where nothing changed.
    /// </summary>
    public IReadOnlyList<string?>? Speakers { get; init; }

    /// <summary>
    /// Who is there by now, with how much was heard of each, where that or a name changed; <see cref="Speakers"/> is told with it. What
    /// they express over time is left to whoever keeps the utterances. Null where nothing changed.
    /// </summary>
    public IReadOnlyList<RecognizedPerson>? Persons { get; init; }
}

/// <summary>
/// What can be said before an utterance has ended, from what has been heard and seen of it so far; where nobody speaks, what
/// can be said of the last two seconds' pictures. Not yet what will be said of the whole.
/// </summary>
public sealed record RunningAnswer
{
    /// <summary>Up to when the session has heard, or seen where it hears nothing, in ms.</summary>
    public required int AtMs { get; init; }

    /// <summary>Where the current utterance began, in ms; null where nobody speaks.</summary>
    public required int? SpeakingSinceMs { get; init; }

    /// <summary>The calibrated probabilities of all modalities together; null where there is nothing to go by.</summary>
    public required EmotionProbabilities? Probabilities { get; init; }

    /// <summary>The most probable emotion, or label of a bundle that has others; null where there is nothing to go by.</summary>
    public string? Label => Probabilities?.TopLabel;

    /// <summary>Its probability, in [0, 1]; null where there is nothing to go by.</summary>
    public double? Confidence => Probabilities?.Confidence;

    /// <summary>What each modality says by itself.</summary>
    public required RunningModalities Modalities { get; init; }

    /// <summary>The faces in the newest picture, the surest first; none where there is no picture, or nothing finds faces.</summary>
    public required IReadOnlyList<RecognizedFace> Faces { get; init; }

    /// <summary>The newest picture's time, in ms; null where there is none.</summary>
    public required int? FacesAtMs { get; init; }

    /// <summary>The words as far as they were found; null where there are none yet.</summary>
    public required string? Text { get; init; }

    /// <summary>Who speaks; null where that is not known.</summary>
    public required string? Speaker { get; init; }
}

/// <summary>What one modality says by itself while an utterance goes on.</summary>
/// <param name="Status">Whether it has a part in the answer.</param>
/// <param name="Probabilities">Calibrated; null where it has none.</param>
/// <param name="Reason">Why not, for a person to read; null where it has.</param>
public sealed record RunningModality(ModalityStatus Status, EmotionProbabilities? Probabilities, string? Reason)
{
    internal static RunningModality Of(ModalityUse use, EmotionProbabilities? probabilities) => new(use.Status, probabilities, use.Reason);
}

/// <summary>The three modalities while an utterance goes on.</summary>
/// <param name="Audio">The sound.</param>
/// <param name="Text">The words.</param>
/// <param name="Video">The picture.</param>
public sealed record RunningModalities(RunningModality Audio, RunningModality Text, RunningModality Video);
