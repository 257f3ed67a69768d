using Affekt.Training.Evaluations;

namespace Affekt.Training.Tests.Evaluations;

public sealed class WhiteNoiseTests
{
    private static readonly float[] _tone = [.. Enumerable.Range(0, 32_000).Select(i => 0.3f * MathF.Sin(i * 0.1f))];

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(15)]
    public void The_noise_lies_as_many_decibels_below_the_signal_as_was_asked(double decibels)
    {
        float[] noise = Noise(decibels, "u", 0);

        double ratio = _tone.Sum(x => (double)x * x) / noise.Sum(x => (double)x * x);

        Assert.Equal(decibels, 10 * Math.Log10(ratio), 0.15);
    }

    [Fact]
    public void The_noise_is_gaussian_and_white()
    {
        float[] noise = Noise(10, "u", 0);

        double mean = noise.Average();
        double deviation = Math.Sqrt(noise.Average(x => (x - mean) * (x - mean)));
        double within = noise.Count(x => Math.Abs(x - mean) < deviation) / (double)noise.Length;
        double neighbors = noise.Zip(noise.Skip(1), (a, b) => (double)a * b).Average() / (deviation * deviation);

        // Five standard errors of 32,000 independent draws.
        Assert.InRange(mean / deviation, -0.028, 0.028);
        Assert.InRange(within, 0.6827 - 0.013, 0.6827 + 0.013);
        Assert.InRange(neighbors, -0.028, 0.028);
    }

    [Fact]
    public void An_utterance_and_a_seed_always_give_the_same_noise()
    {
        Assert.Equal(Noise(10, "u", 1), Noise(10, "u", 1));
        Assert.NotEqual(Noise(10, "u", 1), Noise(10, "u", 2));
        Assert.NotEqual(Noise(10, "u", 1), Noise(10, "v", 1));
    }

    [Fact]
    public void Silence_stays_silent()
    {
        Assert.All(WhiteNoise.Add(new float[100], 10, "u", 0), sample => Assert.Equal(0, sample));
        Assert.Empty(WhiteNoise.Add([], 10, "u", 0));
    }

    private static float[] Noise(double decibels, string id, int seed) =>
        [.. WhiteNoise.Add(_tone, decibels, id, seed).Zip(_tone, (noisy, clean) => noisy - clean)];
}
