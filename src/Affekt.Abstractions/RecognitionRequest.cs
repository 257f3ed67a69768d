using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models.Fusion;
using Affekt.Models.Speech;

namespace Affekt.Recognition;

/// <summary>
/// What is to be recognized. With <see cref="Text"/> the file is one utterance; with <see cref="Transcript"/> the
/// utterances are its lines; with neither the sound is cut at pauses. A value that a property cannot have is an
/// <see cref="ArgumentOutOfRangeException"/>.
/// </summary>
/// <param name="File">Path of a sound, video or picture file; the result repeats it as it is written here.</param>
public sealed record RecognitionRequest(string File)
{
    /// <summary>The recording, where it lies in memory; then no file is read, and <see cref="File"/> is only what the result calls it.</summary>
    public MemoryRecording? Recording { get; init; }

    /// <summary>The words that are spoken in the whole file; null, or blanks only, where they are not known.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// Who says what, as <c>Transcript.Read</c> gives it: in the order of times, all with times or
    /// none. Used before <see cref="Text"/>; null where there is none.
    /// </summary>
    public IReadOnlyList<SpokenLine>? Transcript { get; init; }

    /// <summary>
    /// What a reader of the result should know of what was asked, such as lines of the transcript that were left out; it joins the
    /// result's warnings.
    /// </summary>
    public IReadOnlyList<MediaWarning> Warnings { get; init; } = [];

    /// <summary>Who speaks, where the transcript does not say; null where that is not known.</summary>
    public string? Speaker { get; init; }

    /// <summary>
    /// Whether speakers are told apart by their voices where nobody says who speaks, in a recording of more than one utterance. Default
    /// true.
    /// </summary>
    public bool TellVoicesApart { get; init; } = true;

    /// <summary>
    /// Whether faces are told apart where there are several: the face that speaks is read then, and the others by themselves. Where
    /// not, the largest is read. Default true.
    /// </summary>
    public bool TellFacesApart { get; init; } = true;

    /// <summary>Whether the result holds a small picture of each person's face, where faces are told apart. Default false.</summary>
    public bool Thumbnails { get; init; }

    /// <summary>How many speakers there are, 1 or more, where voices are told apart; null where that is not known.</summary>
    public int? SpeakerCount
    {
        get;
        init => field = value is null or >= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SpeakerCount), value, "expected 1 or more, or null");
    }

    /// <summary>
    /// Where sound without words is cut; null to hear the whole file as one utterance. A file of at most 30 s in which
    /// there is only one stretch of speech is not cut.
    /// </summary>
    public SegmentationOptions? Segmentation { get; init; } = new();

    /// <summary>Whether words that are not given are found by speech recognition, where the recognizer has it. Default true.</summary>
    public bool Transcribe { get; init; } = true;

    /// <summary>Answers below this confidence are withheld, in [0, 1]; null for the bundle's own threshold.</summary>
    public double? MinConfidence
    {
        get;
        init => field = value is null or (>= 0 and <= 1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MinConfidence), value, "expected a number in [0, 1], or null");
    }

    /// <summary>How often each emotion is expected; null for what the bundle says. For bundles of experts only.</summary>
    public EmotionPrior? Prior { get; init; }

    /// <summary>
    /// Recordings of how the speaker usually sounds and looks, by path; every speaker is taken for the one who is heard and seen there.
    /// For bundles that go by either; none by default.
    /// </summary>
    public IReadOnlyList<string> Baseline { get; init; } = [];

    /// <summary>
    /// Which of the file's audio streams is heard, from 0; null for the one that the file marks, or another where that one is silent.
    /// </summary>
    public int? AudioStream { get; init; }

    /// <summary>What <c>MediaTools.ProbeAsync</c> said of the file; null to have it asked.</summary>
    public MediaInfo? Media { get; init; }
}
