using Affekt.Recognition;

namespace Affekt.Models.Audio;

/// <summary>What every audio encoder asks of a sound at 16 kHz.</summary>
internal static class SoundCheck
{
    public const int SampleRate = MemoryRecording.SampleRate;

    // Attention's memory grows with the square of the time; half a minute is far beyond an utterance.
    public const int LongestSound = 30 * SampleRate;

    // -90 dB: less than the last bit of 16-bit sound.
    public const double SilentPower = 1e-9;

    public const string Silent = "sound is silent";

    // Far beyond full scale, and small enough that nothing computed from it overflows.
    private const float LargestSample = 1e6f;

    /// <summary>The middle of a sound that is too long to be read whole.</summary>
    public static ReadOnlySpan<float> Middle(ReadOnlySpan<float> samples) => samples.Length <= LongestSound
        ? samples
        : samples.Slice((samples.Length - LongestSound) / 2, LongestSound);

    /// <summary>Why a sound cannot be used, or null.</summary>
    public static string? Problem(ReadOnlySpan<float> samples, int shortest)
    {
        if (samples.Length < shortest)
            return $"sound of {samples.Length * 1000L / SampleRate} ms is too short";
        foreach (float sample in samples)
        {
            // Not "above": what is no number must end here too.
            if (!(MathF.Abs(sample) <= LargestSample))
                return "sound holds values that are no samples";
        }

        return null;
    }

    /// <summary>Says that a sound is silent, or null.</summary>
    public static string? Silence(ReadOnlySpan<float> samples)
    {
        double sum = 0, squares = 0;
        foreach (float sample in samples)
        {
            sum += sample;
            squares += (double)sample * sample;
        }

        double mean = sum / samples.Length;
        return (squares / samples.Length) - (mean * mean) <= SilentPower ? Silent : null;
    }
}
