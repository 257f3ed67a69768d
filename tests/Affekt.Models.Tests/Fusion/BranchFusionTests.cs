using Affekt.Models;
using Affekt.Models.Fusion;

namespace Affekt.Tests.Fusion;

/// <summary>Joining what two branches say.</summary>
public sealed class BranchFusionTests
{
    private static readonly double[] _audioText = [0.5, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05];
    private static readonly double[] _video = [0.1, 0.7, 0.05, 0.05, 0.05, 0.03, 0.02];

    private static readonly FusionConfig _perClass = new()
    {
        Kind = FusionKind.PerClass,
        AudioText = 0.75,
        Video = 0.25,
        Scales = [1, 2, 3, 4, 5, 6, 7],
    };

    private static readonly FusionConfig _affine = new()
    {
        Kind = FusionKind.Affine,
        AudioText = 0.75,
        Video = 0.25,
        Matrix = [.. Enumerable.Range(0, 7).Select(i => (double[])[.. Enumerable.Range(0, 7).Select(j => i == j ? 2.0 : 0)])],
        Bias = [0, 0, 1, 0, 0, 0, 0],
    };

    [Fact]
    public void Late_fusion_is_the_plain_average()
    {
        FusedAnswer answer = new BranchFusion(FusionConfig.Late).Fuse(_audioText, _video);
        Assert.Equal((0.5, 0.5), (answer.AudioTextWeight, answer.VideoWeight));
        Assert.Equal([0.3, 0.4, 0.075, 0.075, 0.075, 0.04, 0.035], answer.Probabilities, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void The_enhancements_are_softmax_over_scaled_and_over_mapped_sums()
    {
        // 0.75 * audio-text + 0.25 * video.
        double[] sum = [0.4, 0.25, 0.0875, 0.0875, 0.0875, 0.045, 0.0425];
        Expect(_perClass, [.. sum.Select((value, i) => Math.Exp(value * (i + 1)))]);
        Expect(_affine, [.. sum.Select((value, i) => Math.Exp((2 * value) + (i == 2 ? 1 : 0)))]);
        Expect(
            _perClass with { Reads = FusionInput.LogProbabilities },
            [.. _audioText.Zip(_video, (p, q) => Math.Pow(p, 0.75) * Math.Pow(q, 0.25)).Select((value, i) => Math.Pow(value, i + 1))]);

        static void Expect(FusionConfig config, double[] shares) => Assert.Equal(
            shares.Select(share => share / shares.Sum()), new BranchFusion(config).Fuse(_audioText, _video).Probabilities,
            (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void A_branch_that_is_alone_has_all_the_weight_and_its_own_answer()
    {
        BranchFusion fusion = new(_perClass);
        FusedAnswer heard = fusion.Fuse(_audioText, null), seen = fusion.Fuse(null, _video);
        Assert.Equal((1.0, 0.0), (heard.AudioTextWeight, heard.VideoWeight));
        Assert.Equal(_audioText, heard.Probabilities);
        Assert.Equal((0.0, 1.0), (seen.AudioTextWeight, seen.VideoWeight));
        Assert.Equal(_video, seen.Probabilities);
        Assert.Throws<ArgumentException>(() => fusion.Fuse(null, null));
    }

    [Fact]
    public void Certainty_does_not_become_a_number_that_is_none()
    {
        double[] certain = [1, 0, 0, 0, 0, 0, 0], opposed = [0, 1, 0, 0, 0, 0, 0];
        FusedAnswer answer = new BranchFusion(_perClass with { Reads = FusionInput.LogProbabilities }).Fuse(certain, opposed);
        Assert.All(answer.Probabilities, p => Assert.InRange(p, 0, 1));
        Assert.Equal(1, answer.Probabilities.Sum(), 12);
    }

    [Theory]
    [InlineData(0.5, 0.5, 0.5, 0.5)]
    [InlineData(0.7, 0.5, 0.6, 0.4)]
    [InlineData(1.5, 0.1, 1, 0)]
    [InlineData(-1, 0.2, 0, 1)]
    public void Weights_are_projected_to_the_nearest_ones_with_the_sum_1(double first, double second, double a, double b)
    {
        (double audioText, double video) = BranchFusion.Project(first, second);
        Assert.Equal(a, audioText, 12);
        Assert.Equal(b, video, 12);
    }

    [Fact]
    public void The_parameters_are_9_and_58()
    {
        Assert.Equal((0, 9, 58), (FusionConfig.Late.ParameterCount, _perClass.ParameterCount, _affine.ParameterCount));
    }

    [Fact]
    public void Numbers_that_cannot_be_are_refused_by_their_place()
    {
        Refused(_perClass with { AudioText = 0.9 }, "fusion.audio_text");
        Refused(_perClass with { AudioText = double.NaN }, "fusion.audio_text");
        Refused(_perClass with { AudioText = 1.5, Video = -0.5 }, "fusion.audio_text");
        Refused(_perClass with { Scales = null }, "fusion.scales");
        Refused(_perClass with { Scales = [1, 2] }, "fusion.scales");
        Refused(_perClass with { Scales = [1, 2, 3, 4, 5, 6, double.PositiveInfinity] }, "fusion.scales");
        Refused(_perClass with { Bias = [0, 0, 0, 0, 0, 0, 0] }, "fusion.bias");
        Refused(_affine with { Bias = null }, "fusion.bias");
        Refused(_affine with { Matrix = null }, "fusion.matrix");
        Refused(_affine with { Matrix = [.. _affine.Matrix!.Take(6)] }, "fusion.matrix");
        Refused(_affine with { Matrix = [.. _affine.Matrix!.Take(6), [1]] }, "fusion.matrix");
        Refused(FusionConfig.Late with { Reads = FusionInput.LogProbabilities }, "fusion.reads");
        _perClass.Check("config.json");
        _affine.Check("config.json");
        FusionConfig.Late.Check("config.json");

        static void Refused(FusionConfig config, string place)
        {
            ModelException error = Assert.Throws<ModelException>(() => config.Check("config.json"));
            Assert.Contains(place, error.Message, StringComparison.Ordinal);
        }
    }
}
