namespace Affekt.Tests.Audio;

/// <summary>
/// A rising tone with noise: loud, then 37 dB and 33 dB below that, then 10 dB below. The same formula stands in
/// the scripts that made the fixtures.
/// </summary>
internal static class SyntheticSound
{
    public static float[] Make()
    {
        float[] samples = new float[35200];
        uint state = 12345;
        for (int i = 0; i < samples.Length; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            double t = i / 16000.0;
            double loudness = t < 0.9 ? 0.3 : t < 1.3 ? 0.0042 : t < 1.7 ? 0.0067 : 0.1;
            double sweep = Math.Sin(2 * Math.PI * ((120 * t) + (400 * t * t)));
            samples[i] = (float)(loudness * (sweep + (0.2 * ((state / 2147483648.0) - 1))));
        }

        return samples;
    }

    public static float[] Sine(int samples, double amplitude) =>
        [.. Enumerable.Range(0, samples).Select(i => (float)(amplitude * Math.Sin(2 * Math.PI * 200 * i / 16000)))];
}
