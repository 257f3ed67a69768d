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
        // An expert trained on balanced classes has no bias: what it answers more often is what it hears.
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
        return Weigh([.. pairs.Select(ExpertsSaid.Of)], found, LabelSet.Emotions, cancellation);

        // All emotions are meant equally often: the average answer is the expert's bias.
        double[] Mean(Func<AnsweredPair, IReadOnlyList<double>> said) =>
        [
            .. Enumerable.Range(0, Emotions.Count).Select(i => LabelSet.Emotions.Indices
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
                    Trust = Search(Least, Most, trust => Loss(with(config, expert with { Trust = trust }), subset) + Penalty(trust)),
                };
                if (expert.Shown is not null)
                    continue;
                double unshown = Search(0, MostUnshown, share => Loss(with(config, expert with { Unshown = share }), subset) + (Regularization * share));
                expert = expert with { Unshown = unshown < 0.005 ? 0 : unshown };
            }

            return expert;
        }

        double Loss(ExpertsConfig config, (bool Text, bool Audio, bool Video) given)
        {
            cancellation.ThrowIfCancellationRequested();
            ExpertFusion fusion = new(config, EmotionPrior.Uniform);
            return pairs.Average(pair => -Math.Log(Fuse(fusion, pair, given.Text, given.Audio, given.Video).Probabilities[pair.Truth]));
        }
    }

    /// <summary>
    /// The same on utterances of a corpus that the branches were trained on, of any labels: each expert's prior is what its answers are on average,
    /// for they are calibrated on that corpus, and what is expected are the corpus's shares of labels. Only weights are searched for.
    /// </summary>
    /// <param name="pairs">What experts said, to train on; at least one.</param>
    /// <param name="start">The experts, whose priors and weights are found.</param>
    /// <param name="labels">The corpus's labels.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static ExpertsConfig TrainOnCorpus(IReadOnlyList<AnsweredPair> pairs, ExpertsConfig start, LabelSet labels, CancellationToken cancellation)
    {
        return Weigh(
            [.. pairs.Select(ExpertsSaid.Of)],
            new ExpertsConfig(
                start.Text with { Prior = Mean(pair => pair.Text) }, start.Audio with { Prior = Mean(pair => pair.Audio) },
                start.Video with { Prior = Mean(pair => pair.Video) })
            {
                Prior = EmotionPrior.Of("the corpus's", [.. labels.Indices.Select(label => 1.0 + pairs.Count(pair => pair.Truth == label))], labels).Values,
            },
            labels, cancellation);

        IReadOnlyList<double>? Mean(Func<AnsweredPair, IReadOnlyList<double>?> said)
        {
            IReadOnlyList<double>[] rows = [.. pairs.Select(said).OfType<IReadOnlyList<double>>()];
            return rows.Length == 0
                ? null
                : EmotionPrior.Of("learned", [.. labels.Indices.Select(label => rows.Average(row => Math.Max(row[label], BranchFusion.LeastProbability)))], labels).Values;
        }
    }

    /// <summary>
    /// What each counts beside others, so that labels are most probable on average over all choices of two modalities and more. Weights are drawn
    /// towards those at the start.
    /// </summary>
    /// <param name="said">What experts said; where no two did, weights stay as they are.</param>
    /// <param name="start">The experts' numbers.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="cancellation">Ends the search after the step at hand.</param>
    public static ExpertsConfig Weigh(IReadOnlyList<ExpertsSaid> said, ExpertsConfig start, LabelSet labels, CancellationToken cancellation)
    {
        ExpertsSaid[] joined = [.. Subsets.Skip(3).SelectMany(subset => said.Select(one => one.Only(subset))).OfType<ExpertsSaid>()];
        ExpertsConfig found = start;
        for (int round = 0; joined.Length > 0 && round < Rounds; round++)
        {
            Next(found.Text, start.Text, (config, expert) => config with { Text = expert });
            Next(found.Audio, start.Audio, (config, expert) => config with { Audio = expert });
            Next(found.Video, start.Video, (config, expert) => config with { Video = expert });
        }

        return found;

        void Next(ExpertConfig expert, ExpertConfig usual, Func<ExpertsConfig, ExpertConfig, ExpertsConfig> with) => found = with(found, expert with
        {
            Weight = Search(
                Least, Most, weight => Loss(joined, with(found, expert with { Weight = weight }), labels, cancellation) + Penalty(weight / usual.Weight)),
        });
    }

    /// <summary>The mean negative log-likelihood of what experts say together, in nats.</summary>
    public static double Loss(IReadOnlyList<ExpertsSaid> said, ExpertsConfig config, LabelSet labels, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ExpertFusion fusion = new(config, null, labels);
        return said.Average(one => -Math.Log(Math.Max(fusion.Fuse(one.Text, one.Audio, one.Video).Probabilities[one.Truth], BranchFusion.LeastProbability)));
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

/// <summary>What experts said of one labeled utterance, each for itself; null where one had nothing to go by.</summary>
/// <param name="Text">The words' expert's probabilities in label order.</param>
/// <param name="Audio">The sound's.</param>
/// <param name="Video">The picture's.</param>
/// <param name="Truth">The label.</param>
internal sealed record ExpertsSaid(IReadOnlyList<double>? Text, IReadOnlyList<double>? Audio, IReadOnlyList<double>? Video, int Truth)
{
    public static ExpertsSaid Of(AnsweredPair pair) => new(pair.Text, pair.Audio, pair.Video, pair.Truth);

    /// <summary>The same of some modalities; null where one of them is absent.</summary>
    public ExpertsSaid? Only((bool Text, bool Audio, bool Video) given) =>
        (given.Text && Text is null) || (given.Audio && Audio is null) || (given.Video && Video is null)
            ? null
            : new ExpertsSaid(given.Text ? Text : null, given.Audio ? Audio : null, given.Video ? Video : null, Truth);
}
