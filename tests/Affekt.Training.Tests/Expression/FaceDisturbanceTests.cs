using Affekt.Training.Expression;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Expression;

public sealed class FaceDisturbanceTests
{
    private const int Size = 48;

    [Fact]
    public void Weak_compression_rounds_what_a_picture_holds_and_strong_compression_leaves_the_means_of_blocks()
    {
        float[] picture = Noise(3), weak = [.. picture], strong = [.. picture];

        FaceDisturbance.Compress(weak, Size, 0.01);
        FaceDisturbance.Compress(strong, Size, 1000);

        // A coefficient rounded to a whole number is off by a half at most, 0.29 on average: so is a pixel of an orthonormal transform.
        double error = Math.Sqrt(picture.Zip(weak, (a, b) => (a - b) * (a - b)).Average());
        Assert.InRange(error, 0.2, 0.35);
        Assert.All(strong, value => Assert.Equal(0, value, 1e-3));
    }

    [Fact]
    public void Compression_keeps_the_frequency_that_a_block_is_made_of()
    {
        // One coefficient of 160, the horizontal frequency 1: rounded by a table entry of 11 it becomes 165.
        float[] picture = new float[Size * Size];
        for (int i = 0; i < picture.Length; i++)
            picture[i] = 100 + (float)(160 * 0.5 * Math.Cos(((i % Size % 8 * 2) + 1) * Math.PI / 16) / Math.Sqrt(8));
        float before = picture[0] - picture[7];

        FaceDisturbance.Compress(picture, Size, 1);

        Assert.Equal(165.0 / 160, (picture[0] - picture[7]) / before, 1e-3);
        Assert.Equal(picture[0], picture[16 * Size], 1e-3);
    }

    [Fact]
    public void Blur_and_coarseness_leave_what_is_even_and_flatten_what_is_not()
    {
        float[] even = [.. Enumerable.Repeat(90f, Size * Size)], blurred = Noise(4), coarse = Noise(4);
        double spread = Spread(blurred);

        FaceDisturbance.Blur(even, Size, 1.5);
        FaceDisturbance.Coarsen(even, Size, 0.4);
        FaceDisturbance.Blur(blurred, Size, 1.5);
        FaceDisturbance.Coarsen(coarse, Size, 0.4);

        Assert.All(even, value => Assert.Equal(90, value, 1e-3));

        // White noise under a Gaussian of deviation s keeps 1 / (2 s sqrt(pi)) of its deviation.
        Assert.InRange(Spread(blurred) / spread, 0.9 / (3 * Math.Sqrt(Math.PI)), 1.15 / (3 * Math.Sqrt(Math.PI)));
        Assert.True(Spread(coarse) < spread / 2);
    }

    [Fact]
    public void A_mouth_that_opens_is_dark_and_leaves_brows_and_eyes_as_they_are()
    {
        byte[] face = [.. Enumerable.Repeat((byte)120, Size * Size)];

        byte[] open = FaceDisturbance.OpenMouth(face, Size, new Random(1));

        int[] changed = [.. Enumerable.Range(0, face.Length).Where(i => open[i] != face[i])];
        Assert.NotEmpty(changed);
        Assert.All(changed, i => Assert.InRange(i / Size, Size * 0.7, Size - 1));
        Assert.All(changed, i => Assert.InRange(i % Size, Size * 0.25, Size * 0.75));
        Assert.All(changed, i => Assert.True(open[i] < 60));
    }

    [Fact]
    public void Nothing_is_disturbed_where_a_recipe_does_not_ask_for_it()
    {
        float[] picture = Noise(5), same = [.. picture];

        FaceDisturbance.Apply(new FaceAugmentation(), same, Size, new Random(1));

        Assert.Equal(picture, same);
    }

    private static float[] Noise(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, Size * Size).Select(_ => (float)random.Next(40, 216))];
    }

    private static double Spread(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
