using System.Text.Json.Serialization;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>One speaker's stretch of speech and its emotion.</summary>
public sealed record RecognizedUtterance
{
    /// <summary>Where it begins in the file, in ms.</summary>
    public required int StartMs { get; init; }

    /// <summary>Where it ends in the file, in ms.</summary>
    public required int EndMs { get; init; }

    /// <summary>
    /// Who speaks: as the transcript or the caller says, else a voice as it was told apart ("speaker 1"); null where that is not known.
    /// </summary>
    public string? Speaker { get; init; }

    /// <summary>
    /// The share of the utterance in which two people speak at once, in [0, 1]; 0 where none is heard. Null, and left out of the JSON,
    /// where there is no usable sound or the bundle's audio encoder does not tell.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Overlap { get; init; }

    /// <summary>The words; null where they are not known.</summary>
    public string? Text { get; init; }

    /// <summary>Where the words come from.</summary>
    public required TextSource TextSource { get; init; }

    /// <summary>
    /// The most probable emotion, or label of a bundle that has others; also given where <see cref="Abstained"/> says not to rely on it.
    /// </summary>
    [JsonPropertyName("emotion")]
    public string Label => Probabilities.TopLabel;

    /// <summary>The same as one of the seven.</summary>
    /// <exception cref="InvalidOperationException">The bundle's labels are not the seven emotions.</exception>
    [JsonIgnore]
    public Emotion Emotion => Probabilities.Top;

    /// <summary>Its probability, in [0, 1].</summary>
    public required double Confidence { get; init; }

    /// <summary>Whether the confidence is below the bundle's threshold, so that the answer counts as withheld.</summary>
    public required bool Abstained { get; init; }

    /// <summary>The calibrated probabilities.</summary>
    public required EmotionProbabilities Probabilities { get; init; }

    /// <summary>
    /// What the bundle estimates beside its labels, such as valence, by name and in its corpus's units; null, and left out of the JSON, where it
    /// estimates nothing or had neither words nor sound to go by.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Dimensions { get; init; }

    /// <summary>
    /// How often each emotion was expected before anything was heard or seen; null, and left out of the JSON, for a bundle that
    /// fuses branches. The answer follows from it and from what the modalities say by themselves:
    /// p(e) = prior(e) * product over the modalities of (p_m(e) / prior(e))^weight_m, divided by its sum over e.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EmotionProbabilities? Prior { get; init; }

    /// <summary>What was used, and what each says by itself.</summary>
    public required ModalityUses Modalities { get; init; }

    /// <summary>
    /// What the speaker's voice was heard against, and the face seen; null, and left out of the JSON, where neither was used or the
    /// bundle goes by no baseline.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsedBaseline? Baseline { get; init; }

    /// <summary>
    /// The faces in each picture that was looked at, the one that was followed first; null, and left out of the JSON, where no
    /// faces were looked for.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PictureFaces>? Faces { get; init; }

    /// <summary>
    /// Whose face was read for this utterance; null, and left out of the JSON, where no face was looked for or none was seen.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UtteranceFace? Face { get; init; }

    /// <summary>What the other faces express meanwhile; null, and left out of the JSON, where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ListenerAnswer>? Listeners { get; init; }

    /// <summary>What each branch says by itself; empty where none could be asked.</summary>
    public required BranchAnswers Branches { get; init; }

    /// <summary>What each modality adds to <see cref="Confidence"/>.</summary>
    public required ModalityContributions Contribution { get; init; }
}

/// <summary>How a speaker's voice usually sounds and the face looks, as far as it was known.</summary>
/// <param name="Utterances">How many earlier or enrolled utterances the voice was heard against, 0 or more.</param>
public sealed record UsedBaseline(int Utterances)
{
    /// <summary>
    /// How many earlier or enrolled utterances the face was seen against, 0 or more; null, and left out of the JSON, where no face was
    /// used or the bundle does not do so.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Faces { get; init; }
}

/// <summary>Where an utterance's words come from.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<TextSource>))]
public enum TextSource
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>The caller gave them for this utterance.</summary>
    Given,

    /// <summary>A transcript with times.</summary>
    Transcript,

    /// <summary>Automatic speech recognition.</summary>
    Asr,
}

/// <summary>Whether a modality had a part in an answer.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ModalityStatus>))]
public enum ModalityStatus
{
    /// <summary>It had.</summary>
    Used,

    /// <summary>It is not there, or nothing can read it.</summary>
    Missing,

    /// <summary>It is there, but says nothing: silence, too short, no word.</summary>
    Unusable,
}

/// <summary>A modality's part.</summary>
/// <param name="Status">Whether it was used.</param>
/// <param name="Reason">Why not, for a person to read; null where it was.</param>
public sealed record ModalityUse(ModalityStatus Status, string? Reason)
{
    /// <summary>What it says by itself, calibrated; null, and left out of the JSON, where it was not used.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EmotionProbabilities? Probabilities { get; init; }

    /// <summary>
    /// What its evidence was multiplied by, above 0; null, and left out of the JSON, where it was not used or the bundle fuses
    /// branches.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Weight { get; init; }

    internal static ModalityUse Used { get; } = new(ModalityStatus.Used, null);

    internal static ModalityUse Missing(string reason) => new(ModalityStatus.Missing, reason);

    internal static ModalityUse Unusable(string reason) => new(ModalityStatus.Unusable, reason);

    internal ModalityUse Saying(double[]? probabilities, double? weight, LabelSet labels) => probabilities is null
        ? this
        : this with { Probabilities = new EmotionProbabilities(probabilities, labels), Weight = weight };
}

/// <summary>The three modalities' parts.</summary>
/// <param name="Audio">The sound.</param>
/// <param name="Text">The words.</param>
/// <param name="Video">The picture.</param>
public sealed record ModalityUses(ModalityUse Audio, ModalityUse Text, ModalityUse Video)
{
    internal bool RestsOnSoundAlone =>
        (Audio.Status, Text.Status == ModalityStatus.Used, Video.Status == ModalityStatus.Used) == (ModalityStatus.Used, false, false);
}

/// <summary>The faces in one picture.</summary>
/// <param name="TimeMs">When the picture is on screen, in ms.</param>
/// <param name="Boxes">The faces.</param>
public sealed record PictureFaces(int TimeMs, IReadOnlyList<RecognizedFace> Boxes);

/// <summary>Where a face is, in fractions of the picture's width and height; (0, 0) is its upper left corner.</summary>
/// <param name="Left">The left edge.</param>
/// <param name="Top">The upper edge.</param>
/// <param name="Width">The width.</param>
/// <param name="Height">The height.</param>
/// <param name="Score">How sure the detector is, in [0, 1].</param>
public sealed record RecognizedFace(double Left, double Top, double Width, double Height, double Score)
{
    /// <summary>
    /// Whose face it is in a live session's running answers, a <see cref="RecognizedPerson.Id"/>; null, and left out of the JSON, where
    /// that is not known. An utterance tells it in <see cref="RecognizedUtterance.Face"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Person { get; init; }
}

/// <summary>What the branches say; a branch that was not asked is null, and left out of the JSON.</summary>
/// <param name="AudioText">The audio-text branch.</param>
/// <param name="Video">The video branch.</param>
public sealed record BranchAnswers(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BranchAnswer? AudioText,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BranchAnswer? Video = null);

/// <summary>What a branch says.</summary>
/// <param name="Weight">
/// Its share in the answer, the shares summing to 1; of a bundle of experts what its evidence was multiplied by.
/// </param>
/// <param name="Probabilities">Its own answer.</param>
public sealed record BranchAnswer(double Weight, EmotionProbabilities Probabilities);

/// <summary>
/// By how much the winning emotion's probability drops when a modality is taken away; below 0 where the modality speaks
/// against the winner, 0 where it was not used. Where nothing else is left, the drop is to 1/7 of seven labels: all that can be said
/// without any modality.
/// </summary>
/// <param name="Audio">The sound's.</param>
/// <param name="Text">The words'.</param>
/// <param name="Video">The picture's.</param>
public sealed record ModalityContributions(double Audio, double Text, double Video);
