using Affekt.Media;
using Affekt.Torch;
using Affekt.Training.Recipes;
using Affekt.Training.Video;

namespace Affekt.Tests.Video;

/// <summary>What training changes on a clip's pictures.</summary>
public sealed class ClipChangeTests : IDisposable
{
    private const int Side = 8;

    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void No_change_leaves_the_very_pixels()
    {
        Tensor pixels = Pixels();
        Assert.Same(pixels, ClipChange.None.Of(pixels));
    }

    [Fact]
    public void A_flip_swaps_left_and_right_and_twice_is_none()
    {
        Tensor pixels = Pixels();
        ClipChange flip = ClipChange.None with { Flip = true };
        Tensor once = flip.Of(pixels);
        Close(pixels.Select(4, 0).ToArray<float>(), once.Select(4, Side - 1).ToArray<float>());
        Close(pixels.ToArray<float>(), flip.Of(once).ToArray<float>());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, Side - 1)]
    public void A_cut_takes_the_same_place_of_every_picture_and_scales_it_back(double at, int corner)
    {
        Tensor pixels = Pixels();
        Tensor cut = (ClipChange.None with { Size = 0.5, Left = at, Top = at }).Of(pixels);
        Assert.Equal(pixels.Shape, cut.Shape);

        // The corner of a scaled picture is the corner that was cut out.
        for (int t = 0; t < 3; t++)
            Assert.Equal(Value(pixels, t, corner), Value(cut, t, corner), 1e-6);
        Assert.NotEqual(Value(pixels, 0, Side / 2), Value(cut, 0, Side / 2), 1e-3);

        static double Value(Tensor x, int t, int at) => x.Select(2, t).Select(1, 0).Select(1, at).Select(1, at).Item();
    }

    [Fact]
    public void Colors_keep_their_mean_under_contrast_and_their_grey_under_saturation()
    {
        // Away from 0 and 1, where nothing is cut off.
        Tensor pixels = (Pixels() * 0.2) + 0.4;
        Tensor contrast = (ClipChange.None with { Contrast = 1.2 }).Of(pixels);
        Assert.Equal(Gray(pixels).Mean().Item(), Gray(contrast).Mean().Item(), 1e-5);
        Assert.Equal(Spread(pixels) * 1.2, Spread(contrast), 1e-4);
        Close(Gray(pixels).ToArray<float>(), Gray((ClipChange.None with { Saturation = 0.5 }).Of(pixels)).ToArray<float>());
        Close((pixels * 1.1).ToArray<float>(), (ClipChange.None with { Brightness = 1.1 }).Of(pixels).ToArray<float>());

        static Tensor Gray(Tensor x) => (x * Tensor.From<float>([0.299f, 0.587f, 0.114f], 1, 3, 1, 1, 1)).Sum(1);
        static double Spread(Tensor x) => Math.Sqrt(Gray(x).Reshape(-1).Variance(0).Item());
    }

    [Fact]
    public void What_is_drawn_keeps_to_the_recipe()
    {
        ClipChanges changes = new() { Flip = 0.25, Crop = 0.7, Color = 0.3, Time = 0.5 };
        Random random = new(3);
        ClipChange[] drawn = [.. Enumerable.Range(0, 2000).Select(_ => ClipChange.Draw(changes, random))];
        Assert.All(drawn, change =>
        {
            Assert.InRange(change.Size, 0.7, 1);
            Assert.All((double[])[change.Brightness, change.Contrast, change.Saturation], factor => Assert.InRange(factor, 0.7, 1.3));
            Assert.All((double[])[change.TimeAtStart, change.TimeAtEnd], share => Assert.InRange(share, 0, 0.5));
            float[] pixels = change.Of(Pixels()).ToArray<float>();
            Assert.All(pixels, pixel => Assert.InRange(pixel, 0, 1));
        });

        // Five standard deviations of a binomial share are 0.048.
        Assert.Equal(0.25, drawn.Count(change => change.Flip) / 2000.0, 0.05);
        Assert.Equal(2000, drawn.Select(change => change.Brightness).Distinct().Count());
    }

    [Fact]
    public void Moved_instants_stay_in_the_stretch()
    {
        TimeRange stretch = TimeRange.FromMilliseconds(1000, 1800);
        TimeRange moved = (ClipChange.None with { TimeAtStart = 1, TimeAtEnd = 0.5 }).Of(stretch, 8);
        Assert.Equal(TimeRange.FromMilliseconds(1100, 1750), moved);
        Assert.Equal(stretch, ClipChange.None.Of(stretch, 8));
    }

    // Three pictures whose pixels all differ, in [0, 1].
    private static Tensor Pixels() =>
        (Tensor.Arange(3 * 3 * Side * Side).To(Dtype.Float32) / (3 * 3 * Side * Side)).Reshape(1, 3, 3, Side, Side);

    private static void Close(float[] expected, float[] found) =>
        Assert.Equal(expected, found, (left, right) => Math.Abs(left - right) < 1e-5);
}
