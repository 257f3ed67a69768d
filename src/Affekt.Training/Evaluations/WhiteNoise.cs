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

    // Own generator, because System.Random does not promise the same numbers in every version of .NET.
    private sealed class NormalNumbers
    {
        private ulong _state;
        private double? _spare;

        public NormalNumbers(string id, int seed) =>
            _state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {id}")));

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

        // SplitMix64, to (0, 1].
        private double Uniform()
        {
            _state += 0x9E3779B97F4A7C15;
            ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
            return ((mixed >> 11) + 1) * (1.0 / (1UL << 53));
        }
    }
}
