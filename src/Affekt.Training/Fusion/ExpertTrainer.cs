using Affekt.Models.Branches;
using Affekt.Models.Fusion;

namespace Affekt.Training.Fusion;

/// <summary>
/// Finds the few numbers of a fusion of experts: first what each usually says and how far each is trusted alone, then what each counts beside others, so that
/// the pairs' labels are most probable on average over all choices of modalities. Weights are drawn towards 1.
/// </summary>
internal static class ExpertTrainer
{
    // How dear it is to be a factor of e away from a trust or weight of 1, in nats.
    private const double Regularization = 0.01;

    private const double Least = 0.1;
    private const double Most = 2;
    private const double MostUnshown = 0.95;
    private const int Rounds = 3;
    private const int SearchSteps = 11;

    /// <summary>All choices of at least one modality: words, sound, picture.</summary>
    public static IReadOnlyList<(bool Text, bool Audio, bool Video)> Subsets { get; } =
    [
        (true, false, false), (false, true, false), (false, false, true),
        (true, true, false), (true, false, true), (false, true, true), (true, true, true),
    ];

    /// <param name="pairs">What experts said, to train on; at least one.</param>
    /// <param name="start">The experts' priors and what they are shown; the other numbers are found.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static ExpertsConfig Train(IReadOnlyList<AnsweredPair> pairs, ExpertsConfig start, CancellationToken cancellation)
    {
        // An expert that learned from all emotions alike favors none: what it says more often is what it hears.
        ExpertsConfig found = start with
        {
            Text = start.Text.Prior is null ? start.Text : start.Text with { Usual = Mean(pair => pair.Text!) },
            Audio = start.Audio.Prior is null ? start.Audio : start.Audio with { Usual = Mean(pair => pair.Audio!) },
            Video = start.Video.Prior is null ? start.Video : start.Video with { Usual = Mean(pair => pair.Video) },
        };
        found = found with { Video = found.Video with { Resting = Resting(pairs, found.Video) } };
        found = found with { Text = Alone(found, found.Text, (config, text) => config with { Text = text }, Subsets[0]) };
        found = found with { Audio = Alone(found, found.Audio, (config, audio) => config with { Audio = audio }, Subsets[1]) };
        found = found with { Video = Alone(found, found.Video, (config, video) => config with { Video = video }, Subsets[2]) };
        for (int round = 0; round < Rounds; round++)
        {
            found = Weigh(found.Text, (config, expert) => config with { Text = expert });
            found = Weigh(found.Audio, (config, expert) => config with { Audio = expert });
            found = Weigh(found.Video, (config, expert) => config with { Video = expert });
        }

        return found;

        // All emotions are meant as often: what is left on average is what an expert favors.
        double[] Mean(Func<AnsweredPair, IReadOnlyList<double>> said) =>
        [
            .. Enumerable.Range(0, Emotions.Count).Select(i => Enum.GetValues<Emotion>()
                .Select(truth => pairs.Where(pair => pair.Truth == truth).Select(pair => said(pair)[i]).DefaultIfEmpty(1.0 / Emotions.Count).Average())
                .Average()),
        ];

        ExpertConfig Alone(
            ExpertsConfig config, ExpertConfig expert, Func<ExpertsConfig, ExpertConfig, ExpertsConfig> with, (bool, bool, bool) subset)
        {
            for (int round = 0; round < Rounds; round++)
            {
                expert = expert with
                {
                    Trust = Search(Least, Most, trust => Loss(with(config, expert with { Trust = trust }), [subset]) + Penalty(trust)),
                };
                if (expert.Shown is not null)
                    continue;
                double unshown = Search(0, MostUnshown, share => Loss(with(config, expert with { Unshown = share }), [subset]) + (Regularization * share));
                expert = expert with { Unshown = unshown < 0.005 ? 0 : unshown };
            }

            return expert;
        }

        ExpertsConfig Weigh(ExpertConfig expert, Func<ExpertsConfig, ExpertConfig, ExpertsConfig> with) => with(found, expert with
        {
            Weight = Search(Least, Most, weight => Loss(with(found, expert with { Weight = weight }), [.. Subsets.Skip(3)]) + Penalty(weight)),
        });

        double Loss(ExpertsConfig config, ReadOnlySpan<(bool Text, bool Audio, bool Video)> subsets)
        {
            cancellation.ThrowIfCancellationRequested();
            ExpertFusion fusion = new(config, EmotionPrior.Uniform);
            double sum = 0;
            foreach ((bool text, bool audio, bool video) in subsets)
            {
                foreach (AnsweredPair pair in pairs)
                    sum -= Math.Log(Fuse(fusion, pair, text, audio, video).Probabilities[(int)pair.Truth]);
            }

            return sum / (pairs.Count * subsets.Length);
        }
    }

    /// <summary>What the experts of some modalities say together.</summary>
    public static ExpertAnswer Fuse(ExpertFusion fusion, AnsweredPair pair, bool text, bool audio, bool video) =>
        fusion.Fuse(text ? pair.Text : null, audio ? pair.Audio : null, video ? pair.Video : null);

    // What faces say at rest, of many people.
    private static double[] Resting(IReadOnlyList<AnsweredPair> pairs, ExpertConfig video)
    {
        double[] logarithms = new double[Emotions.Count];
        double weights = 0;
        foreach (AnsweredPair pair in pairs)
        {
            double weight = FaceBaseline.Neutrality(pair.Video, video);
            weights += weight;
            for (int i = 0; i < logarithms.Length; i++)
                logarithms[i] += weight * Math.Log(Math.Max(pair.Video[i], BranchFusion.LeastProbability));
        }

        double[] resting = Array.ConvertAll(logarithms, sum => Math.Exp(sum / weights));
        return Array.ConvertAll(resting, p => p / resting.Sum());
    }

    private static double Penalty(double value) => Regularization * Math.Pow(Math.Log(value), 2);

    // Golden section: the loss of one number with the others fixed has one minimum, as far as it matters.
    private static double Search(double low, double high, Func<double, double> loss)
    {
        double ratio = (Math.Sqrt(5) - 1) / 2;
        double left = high - (ratio * (high - low)), right = low + (ratio * (high - low));
        double atLeft = loss(left), atRight = loss(right);
        for (int step = 0; step < SearchSteps; step++)
        {
            if (atLeft < atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                left = high - (ratio * (high - low));
                atLeft = loss(left);
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                right = low + (ratio * (high - low));
                atRight = loss(right);
            }
        }

        return (low + high) / 2;
    }
}
