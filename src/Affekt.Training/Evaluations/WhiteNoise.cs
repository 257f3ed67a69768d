using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Affekt.Training.Evaluations;

/// <summary>White Gaussian noise that is the same for the same utterance and seed, on every machine.</summary>
public static class WhiteNoise
{
    /// <summary>The samples with noise on top; silence stays silent.</summary>
    /// <param name="samples">A sound.</param>
    /// <param name="decibels">How far the mean power of the whole sound lies above that of the noise.</param>
    /// <param name="id">The utterance's id.</param>
    /// <param name="seed">Another seed gives every utterance other noise.</param>
    public static float[] Add(ReadOnlySpan<float> samples, double decibels, string id, int seed)
    {
        double power = 0;
        foreach (float sample in samples)
            power += (double)sample * sample / samples.Length;
        double deviation = Math.Sqrt(power / Math.Pow(10, decibels / 10));
        NormalNumbers normal = new(id, seed);
        float[] noisy = new float[samples.Length];
        for (int i = 0; i < noisy.Length; i++)
            noisy[i] = (float)(samples[i] + (deviation * normal.Next()));
        return noisy;
    }

    private sealed class NormalNumbers
    {
        private readonly SplitMix64 _numbers;
        private double? _spare;

        public NormalNumbers(string id, int seed) =>
            _numbers = new(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {id}"))));

        // Box and Muller (1958): two uniform numbers make two normal ones.
        public double Next()
        {
            if (_spare is { } spare)
            {
                _spare = null;
                return spare;
            }

            double radius = Math.Sqrt(-2 * Math.Log(Uniform()));
            double angle = 2 * Math.PI * Uniform();
            _spare = radius * Math.Sin(angle);
            return radius * Math.Cos(angle);
        }

        // In (0, 1].
        private double Uniform() => ((_numbers.Next() >> 11) + 1) * (1.0 / (1UL << 53));
    }
}
