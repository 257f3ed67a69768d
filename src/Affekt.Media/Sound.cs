using Affekt.Recognition;

namespace Affekt.Media;

/// <summary>Decoded sound: 16 kHz, one channel.</summary>
public sealed class Sound
{
    /// <summary>Samples per second.</summary>
    public const int SampleRate = MemoryRecording.SampleRate;

    internal Sound(float[] samples, IReadOnlyList<MediaWarning> warnings)
    {
        Samples = samples;
        Warnings = warnings;
    }

    /// <summary>
    /// The samples; full scale is [-1, 1], which lossy codecs may overshoot; always finite. The first is at the
    /// start of the stretch; where the file's sound starts later or has a gap, silence keeps the time.
    /// </summary>
    public float[] Samples { get; }

    /// <summary>What went less than well.</summary>
    public IReadOnlyList<MediaWarning> Warnings { get; }

    /// <summary>Whether there is no sound; <see cref="Warnings"/> says why.</summary>
    public bool IsMissing => Samples.Length == 0;

    /// <summary>How long so many samples last, in whole milliseconds.</summary>
    public static int Milliseconds(int samples) => (int)(samples * 1000L / SampleRate);
}
