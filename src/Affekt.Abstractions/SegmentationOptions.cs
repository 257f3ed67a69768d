namespace Affekt.Models.Speech;

/// <summary>Where a recording is cut into utterances. The defaults follow the detector's
/// authors; <c>affekt bench speech</c> measures them on joined clips. A value that an option cannot have is an
/// <see cref="ArgumentOutOfRangeException"/>.</summary>
public sealed record SegmentationOptions
{
    /// <summary>The probability of speech at which an utterance begins, in (0, 1]. Default 0.5.</summary>
    public double StartAt
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(StartAt), value, "expected a number in (0, 1]");
    } = 0.5;

    /// <summary>The probability below which speech pauses, in (0, <see cref="StartAt"/>]. Default 0.35.</summary>
    public double PauseBelow
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(PauseBelow), value, "expected a number in (0, StartAt]");
    } = 0.35;

    /// <summary>
    /// Whether a loud voice is speech where the detector hears none, see <c>LoudVoice</c>: the detector misses many who shout or
    /// cry. Default true.
    /// </summary>
    public bool LoudVoices { get; init; } = true;

    /// <summary>A pause so long ends an utterance; above 0. Default 0.5 s.</summary>
    public TimeSpan Pause
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Pause), value, "expected more than 0");
    } = TimeSpan.FromSeconds(0.5);

    /// <summary>Speech shorter than this is none: a click, a cough. Default 0.2 s.</summary>
    public TimeSpan ShortestSpeech
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(ShortestSpeech), value, "expected 0 or more");
    } = TimeSpan.FromSeconds(0.2);

    /// <summary>What is kept on both sides of the speech, as far as the neighbors leave room. Default 0.1 s.</summary>
    public TimeSpan Margin
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Margin), value, "expected 0 or more");
    } = TimeSpan.FromSeconds(0.1);

    /// <summary>
    /// An utterance that gets so long is cut at the quietest place of its second half; at most 30 s, which the encoders read.
    /// Default 15 s.
    /// </summary>
    public TimeSpan Longest
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromSeconds(30) ? value : throw new ArgumentOutOfRangeException(nameof(Longest), value, "expected more than 0, and at most 30 s");
    } = TimeSpan.FromSeconds(15);
}
