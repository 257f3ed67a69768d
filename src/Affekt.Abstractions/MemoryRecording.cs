using Affekt.Media.Transcripts;
using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>
/// A recording that lies in memory, decoded: sound, pictures, or both, which begin and end together. Nothing is decoded, so that no
/// ffmpeg is needed. With neither, a request's words are recognized alone.
/// </summary>
public sealed record MemoryRecording
{
    /// <summary>Samples a second that sound must have.</summary>
    public const int SampleRate = 16_000;

    /// <summary>Mono, 16 kHz, within [-1, 1], so those of 16 bits divided by 32768; null where there is no sound.</summary>
    public ReadOnlyMemory<float>? Samples { get; init; }

    /// <summary>
    /// Pictures, evenly spread over the recording; null where there are none. Their longer side is at most
    /// <see cref="LargestSide"/> pixels for a bundle that looks for faces; MC3-18 wants squares of the size that it was trained on.
    /// </summary>
    public VideoFrames? Pictures { get; init; }

    /// <summary>
    /// How long pictures without sound last; with sound its length counts, and of words alone the end of the last line that has a time.
    /// Default 1 s; above 0, or it is an <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    public TimeSpan Duration
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Duration), value, "expected more than 0");
    } = TimeSpan.FromSeconds(1);

    /// <summary>The largest side of a picture in which faces are looked for, in pixels.</summary>
    public const int LargestSide = 640;

    /// <summary>Whether there is neither a sample of sound nor a picture.</summary>
    internal bool IsEmpty => this is { Samples: null or { IsEmpty: true }, Pictures: null or { Count: 0 } };

    /// <summary>
    /// Words alone, as long as their lines are: to the end of the last one that has a time; lines without times follow each other, each
    /// for as long as one would last.
    /// </summary>
    internal MemoryRecording AsLongAs(IReadOnlyList<SpokenLine>? lines) => this with
    {
        Duration = lines switch
        {
            null or [] => Duration,
            [{ Time: null }, ..] => lines.Count * Duration,
            _ => lines.Max(line => line.Time!.Value is var time && time.Length < _openEnd ? time.End : time.Start + Duration),
        },
    };

    // A line that is to last for so long is one whose end is not known.
    private static readonly TimeSpan _openEnd = TimeSpan.FromHours(24);

    internal int DurationMs => Samples is { } sound
        ? (int)Math.Clamp(sound.Length * 1000L / SampleRate, 1, int.MaxValue)
        : (int)Math.Clamp(Duration.TotalMilliseconds, 1, int.MaxValue);
}
