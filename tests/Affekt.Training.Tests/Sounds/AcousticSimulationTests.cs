using Affekt.Training.AudioText;

namespace Affekt.Tests.Sounds;

/// <summary>What rooms and telephones make of a sound.</summary>
public sealed class AcousticSimulationTests
{
    private const int Rate = 16_000;

    [Fact]
    public void A_convolution_is_the_sum_of_shifted_copies()
    {
        float[] found = AcousticSimulation.Convolve([1, 2, 0, -1, 3], [0.5f, 0, -2]);
        float[] expected = [0.5f, 1, -2, -4.5f, 1.5f];
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(1_000, 1)]
    [InlineData(6_000, 0)]
    public void A_telephone_carries_the_middle_of_the_band_only(int frequency, double kept)
    {
        float[] tone = Tone(frequency);
        Assert.Equal(kept, Power(AcousticSimulation.InBand(tone, 300, 3_400)) / Power(tone), 0.01);
        Assert.Equal(kept, Power(AcousticSimulation.OverPhone(Mixed(tone, Tone(2_000), 1)).Zip(Tone(2_000), (heard, other) => heard - other).ToArray()) / Power(tone), 0.05);
    }

    [Fact]
    public void In_a_room_a_click_is_followed_by_an_echo_that_dies_away_and_the_same_seed_gives_the_same_room()
    {
        float[] click = new float[Rate];
        click[0] = 1;
        float[] heard = AcousticSimulation.InRoom(click, new Random(3));

        Assert.Equal(1, heard[0], 1e-4);
        Assert.All(heard[1..60], sample => Assert.Equal(0, sample, 1e-4));
        Assert.InRange(Power(heard) - 1, Math.Pow(10, -0.9), Math.Pow(10, 0.31));
        Assert.True(Power(heard[64..1600]) > 4 * Power(heard[4800..6336]));
        Assert.Equal(heard, AcousticSimulation.InRoom(click, new Random(3)));
        Assert.NotEqual(heard, AcousticSimulation.InRoom(click, new Random(4)));
    }

    private static float[] Tone(int frequency) =>
        [.. Enumerable.Range(0, Rate).Select(i => (float)(0.3 * Math.Sin(2 * Math.PI * frequency * i / Rate)))];

    private static float[] Mixed(float[] a, float[] b, float scale) => [.. a.Zip(b, (x, y) => x + (scale * y))];

    private static double Power(float[] sound) => sound.Sum(sample => (double)sample * sample);
}
