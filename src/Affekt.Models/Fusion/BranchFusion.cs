namespace Affekt.Models.Fusion;

/// <summary>
/// Deep fusion of two branches: p = a * p_audio_text + b * p_video with a + b = 1 and a, b >= 0, then an enhancement and
/// softmax. Late fusion, the baseline, is the plain average.
/// </summary>
/// <param name="config">The form and its numbers.</param>
public sealed class BranchFusion(FusionConfig config)
{
    /// <summary>Probabilities below this count as this where their logarithm is taken.</summary>
    public const double LeastProbability = 1e-6;

    /// <summary>The form and its numbers.</summary>
    public FusionConfig Config => config;

    /// <summary>
    /// Joins the answers that are there. Where one branch is absent, the weights renormalize to 1 for the other, and there is
    /// nothing to fuse: its own answer stands, and the enhancement, made for sums, is left out.
    /// </summary>
    /// <param name="audioText">Seven probabilities in label order; null where the branch is absent.</param>
    /// <param name="video">The same of the video branch.</param>
    /// <exception cref="ArgumentException">Both are absent.</exception>
    public FusedAnswer Fuse(IReadOnlyList<double>? audioText, IReadOnlyList<double>? video)
    {
        if (audioText is null || video is null)
        {
            IReadOnlyList<double> single = audioText ?? video ?? throw new ArgumentException("no branch has answered");
            return new FusedAnswer(audioText is null ? 0 : 1, video is null ? 0 : 1, [.. single]);
        }

        double[] sum = [.. audioText.Zip(video, (p, q) => (config.AudioText * Read(p)) + (config.Video * Read(q)))];
        double[] fused = config.Kind switch
        {
            FusionKind.PerClass => Softmax.Of([.. sum.Zip(config.Scales!, (value, scale) => scale * value)]),
            FusionKind.Affine => Softmax.Of(
                [.. config.Matrix!.Zip(config.Bias!, (row, bias) => row.Zip(sum, (w, value) => w * value).Sum() + bias)]),
            _ => sum,
        };
        return new FusedAnswer(config.AudioText, config.Video, fused);
    }

    /// <summary>The nearest weights with a + b = 1 and a, b >= 0 (Euclidean projection onto the simplex).</summary>
    public static (double AudioText, double Video) Project(double audioText, double video)
    {
        double first = Math.Clamp((1 + audioText - video) / 2, 0, 1);
        return (first, 1 - first);
    }

    private double Read(double probability) => config.Reads == FusionInput.LogProbabilities
        ? Math.Log(Math.Max(probability, LeastProbability))
        : probability;
}

/// <summary>What fusion made of the branches' answers.</summary>
/// <param name="AudioTextWeight">The audio-text branch's share; 0 where it is absent.</param>
/// <param name="VideoWeight">The video branch's share; the shares sum to 1.</param>
/// <param name="Probabilities">Seven, in label order.</param>
public sealed record FusedAnswer(double AudioTextWeight, double VideoWeight, double[] Probabilities);
