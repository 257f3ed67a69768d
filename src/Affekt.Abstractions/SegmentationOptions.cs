namespace Affekt.Models.Speech;

/// <summary>Where a recording is cut into utterances. The defaults follow the detector's
/// authors; <c>affekt bench speech</c> measures them on joined clips.</summary>
public sealed record SegmentationOptions
{
    /// <summary>The probability of speech at which an utterance begins, in (0, 1]. Default 0.5.</summary>
    public double StartAt { get; init; } = 0.5;

    /// <summary>The probability below which speech pauses, in (0, <see cref="StartAt"/>]. Default 0.35.</summary>
    public double PauseBelow { get; init; } = 0.35;

    /// <summary>
    /// Whether a loud voice is speech where the detector hears none, see <c>LoudVoice</c>: the detector misses many who shout or
    /// cry. Default true.
    /// </summary>
    public bool LoudVoices { get; init; } = true;

    /// <summary>A pause so long ends an utterance; above 0. Default 0.5 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Speech shorter than this is none: a click, a cough. Default 0.2 s.</summary>
    public TimeSpan ShortestSpeech { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>What is kept on both sides of the speech, as far as the neighbors leave room. Default 0.1 s.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(0.1);

    /// <summary>
    /// An utterance that gets so long is cut at the quietest place of its second half; at most 30 s, which the encoders read.
    /// Default 15 s.
    /// </summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(15);
}
