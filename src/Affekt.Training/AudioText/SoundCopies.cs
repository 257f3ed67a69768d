namespace Affekt.Training.AudioText;

/// <summary>Altered copies of a sound, so that training hears more rooms and voices than a corpus holds.</summary>
internal static class SoundCopies
{
    // White noise at a signal-to-noise ratio drawn evenly from this range, in dB.
    private const double LeastSnr = 5;
    private const double MostSnr = 25;

    // Resampling changes pace and pitch together, as another voice would. Speeds are these over SpeedParts.
    private const int SpeedParts = 25;

    private static readonly int[] _speeds = [22, 23, 27, 28];

    // Points on each side that the interpolation reads.
    private const int HalfKernel = 16;

    /// <summary>Whether a name is one that <see cref="Make"/> knows.</summary>
    public static bool IsKnown(string copy) => Parts(copy).All(part => part is "clean" or "noise" or "speed" or "room" or "phone");

    /// <summary>
    /// A copy as its name says: "noise", "speed", "room" (an echoing room), "phone" (a telephone's band and steps), or some of
    /// them in turn, such as "speed+noise"; "clean" is the sound itself. A number after a hyphen ("noise-2") tells several
    /// copies of a kind apart.
    /// </summary>
    public static float[] Make(string copy, float[] sound, Random random)
    {
        foreach (string part in Parts(copy))
        {
            sound = part switch
            {
                "clean" => sound,
                "noise" => WithNoise(sound, LeastSnr + (random.NextDouble() * (MostSnr - LeastSnr)), random),
                "speed" => AtSpeed(sound, _speeds[random.Next(_speeds.Length)]),
                "room" => AcousticSimulation.InRoom(sound, random),
                "phone" => AcousticSimulation.OverPhone(sound),
                _ => throw new ArgumentException($"no copy is called \"{part}\"", nameof(copy)),
            };
        }

        return sound;
    }

    /// <summary>The sound with white Gaussian noise at a ratio of mean powers, in dB.</summary>
    public static float[] WithNoise(float[] sound, double snr, Random random)
    {
        double power = sound.Sum(sample => (double)sample * sample) / Math.Max(1, sound.Length);
        double deviation = Math.Sqrt(power / Math.Pow(10, snr / 10));
        return Array.ConvertAll(sound, sample => (float)(sample + (deviation * Normal(random))));
    }

    /// <summary>The sound played at a speed in 25ths of its own, by windowed-sinc interpolation.</summary>
    public static float[] AtSpeed(float[] sound, int speed)
    {
        float[][] kernels = [.. Enumerable.Range(0, SpeedParts).Select(phase => Kernel(phase, speed))];
        var result = new float[(long)sound.Length * SpeedParts / speed];
        for (int i = 0; i < result.Length; i++)
        {
            // The position in the sound is i * speed / 25: a whole sample and a phase.
            int first = (int)((long)i * speed / SpeedParts) - HalfKernel + 1;
            float[] kernel = kernels[(long)i * speed % SpeedParts];
            float sum = 0;
            for (int k = Math.Max(0, -first); k < Math.Min(kernel.Length, sound.Length - first); k++)
                sum += sound[first + k] * kernel[k];
            result[i] = sum;
        }

        return result;
    }

    private static float[] Kernel(int phase, int speed)
    {
        // Playing faster moves frequencies up: those that would pass half the rate are filtered out.
        double cutoff = Math.Min(1, (double)SpeedParts / speed);
        var kernel = new float[2 * HalfKernel];
        for (int k = 0; k < kernel.Length; k++)
        {
            double x = k - HalfKernel + 1 - ((double)phase / SpeedParts);
            double window = 0.5 + (0.5 * Math.Cos(Math.PI * x / HalfKernel));
            kernel[k] = (float)(cutoff * Sinc(cutoff * x) * window);
        }

        return kernel;
    }

    private static string[] Parts(string copy) => copy.Split('-')[0].Split('+');

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    /// <summary>A number from the standard normal distribution (Box and Muller, 1958).</summary>
    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
