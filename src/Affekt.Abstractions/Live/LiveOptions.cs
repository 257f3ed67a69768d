using Affekt.Models.Fusion;
using Affekt.Models.Speech;

namespace Affekt.Recognition;

/// <summary>How live sound is heard and live pictures are seen. A value that an option cannot have is an <see cref="ArgumentOutOfRangeException"/>.</summary>
public sealed record LiveOptions
{
    /// <summary>Where the sound is cut; not null.</summary>
    public SegmentationOptions Segmentation
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Segmentation));
    } = new();

    /// <summary>Whether words are found by speech recognition, where the recognizer has it. Default true.</summary>
    public bool Transcribe { get; init; } = true;

    /// <summary>Whether speakers are told apart by their voices where nobody says who speaks. Default true.</summary>
    public bool TellVoicesApart { get; init; } = true;

    /// <summary>
    /// Whether faces are told apart where there are several: the face that speaks is read then, and the others by themselves. Default
    /// true.
    /// </summary>
    public bool TellFacesApart { get; init; } = true;

    /// <summary>Whether persons are told with a small picture of the face, where faces are told apart. Default false.</summary>
    public bool Thumbnails { get; init; }

    /// <summary>How many speakers there are, 1 or more, where voices are told apart; null where that is not known.</summary>
    public int? SpeakerCount
    {
        get;
        init => field = value is null or >= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SpeakerCount), value, "expected 1 or more, or null");
    }

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
    /// How the speakers usually sound and look, from <see cref="IEmotionRecognizer.EnrollAsync"/>; null where only what is heard and seen
    /// in the session tells. For bundles that go by either only.
    /// </summary>
    public ISpeakerBaseline? Baseline { get; init; }

    /// <summary>Pixels that a picture may have, before it is scaled. Default 16,777,216: 4096 x 4096.</summary>
    public int MostPixels
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MostPixels), value, "expected 1 or more");
    } = 1 << 24;

    /// <summary>
    /// How much of an utterance has to be heard before its sound has a part in running answers; 0 or more. Default 1.25 s: on less
    /// the answers are often wrong (`affekt bench running`).
    /// </summary>
    public TimeSpan LeastSound
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(LeastSound), value, "expected 0 or more");
    } = TimeSpan.FromSeconds(1.25);

    /// <summary>
    /// How much of the utterance's newest sound a running answer reads, above 0: its cost does not grow with the utterance.
    /// Default 6 s.
    /// </summary>
    public TimeSpan RunningSound
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(RunningSound), value, "expected more than 0");
    } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// The least time between two looks for the words of an utterance that goes on; 0 or more. Where a look takes longer than a
    /// third of this, the next one waits three times as long as it took. Default 0.7 s.
    /// </summary>
    public TimeSpan RunningWords
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(RunningWords), value, "expected 0 or more");
    } = TimeSpan.FromSeconds(0.7);
}
