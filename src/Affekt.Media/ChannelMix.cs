namespace Affekt.Media;

/// <summary>Tells whether a mix of several channels lost what each of them holds: one recorded upside down cancels the other.</summary>
internal static class ChannelMix
{
    /// <summary>So many channels are listened to one by one: arrays of microphones and mixing desks have 16 or 32.</summary>
    public const int MostChannels = 32;

    // -40 dB of full scale, on average. What is louder did not cancel, or not so that it matters.
    private const double Quiet = 1e-4;

    // 16 dB: more than a voice in one channel of eight loses in the mix.
    private const double LeastGain = 40;

    /// <summary>What is told of a file that is read so.</summary>
    public static MediaWarning Warning { get; } = new(
        MediaWarning.ChannelsCancel, "The channels of the sound cancel each other when they are mixed: one of them was taken alone.");

    /// <summary>Whether there is so little to hear that the channels may have canceled each other.</summary>
    public static bool IsQuiet(ReadOnlySpan<float> mixed) => Power(mixed) < Quiet;

    /// <summary>Whether a channel alone is louder than what there is by now.</summary>
    public static bool IsLouder(ReadOnlySpan<float> alone, ReadOnlySpan<float> than, bool thanMix) =>
        Power(alone) > Math.Max(Quiet / 100, (thanMix ? LeastGain : 1) * Power(than));

    private static double Power(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (float sample in samples)
            sum += (double)sample * sample;
        return sum / Math.Max(1, samples.Length);
    }
}
