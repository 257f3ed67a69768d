using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Training.Evaluations;

namespace Affekt.Training.Fusion;

/// <summary>How a bundle of published classifiers was calibrated.</summary>
/// <param name="Config">The configuration with what was found.</param>
/// <param name="Utterances">Labeled utterances that something was said of.</param>
/// <param name="Before">Mean negative log-likelihood of the labels before, in nats.</param>
/// <param name="After">The same afterwards.</param>
public sealed record PublishedCalibration(BundleConfig Config, int Utterances, double Before, double After);

/// <summary>
/// Fits the few numbers of a bundle of published classifiers on labeled utterances: a temperature for each expert alone, then what each
/// counts beside the others. Weights are drawn towards the default.
/// </summary>
public static class PublishedCalibrator
{
    private const double Least = 0.05;
    private const double Most = 2;
    private const double Regularization = 0.01;
    private const int Rounds = 3;
    private const int Steps = 24;

    /// <summary>Fits the numbers.</summary>
    /// <param name="bundle">The opened bundle, with its default numbers.</param>
    /// <param name="corpus">Labeled utterances, in any splits.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EvaluationException">There is no labeled utterance that a classifier says something of.</exception>
    public static async Task<PublishedCalibration> FitAsync(
        Bundle bundle, Corpus corpus, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        List<(ExpertAnswer Said, Emotion Truth)> answers = [];
        foreach (Split split in Enum.GetValues<Split>().Where(split => corpus.In(split).Any()))
        {
            CorpusEvaluator evaluator = new(corpus, new EvaluationOptions { Split = split, Prior = EmotionPrior.Uniform });
            answers.AddRange((await evaluator.AskAsync(bundle, progress, cancellation).ConfigureAwait(false))
                .Where(asked => asked.Utterance.Emotion is not null).Select(asked => (asked.Answer.Experts!, asked.Utterance.Emotion!.Value)));
        }

        return answers.Count > 0
            ? Fit(bundle.Config, answers, cancellation)
            : throw new EvaluationException($"{corpus.Name}: found no labeled utterance that a classifier says something of, expected some");
    }

    /// <summary>Fits the numbers to what the experts said under a uniform prior.</summary>
    internal static PublishedCalibration Fit(BundleConfig config, IReadOnlyList<(ExpertAnswer Said, Emotion Truth)> answers, CancellationToken cancellation)
    {
        ExpertsConfig start = config.Fusion!.Experts!;
        double text = Temperature(said => said.Text), audio = Temperature(said => said.Audio), video = Temperature(said => said.Video);
        (double[]? Text, double[]? Audio, double[]? Video, Emotion Truth)[] tempered =
        [
            .. answers.Select(answer => (
                Tempered(answer.Said.Text, text), Tempered(answer.Said.Audio, audio), Tempered(answer.Said.Video, video), answer.Truth)),
        ];
        ExpertsConfig found = start;
        for (int round = 0; round < Rounds; round++)
        {
            found = Weigh(found, found.Text, (experts, expert) => experts with { Text = expert });
            found = Weigh(found, found.Audio, (experts, expert) => experts with { Audio = expert });
            found = Weigh(found, found.Video, (experts, expert) => experts with { Video = expert });
        }

        BundleConfig calibrated = config with
        {
            Fusion = config.Fusion with { Experts = found },
            Calibration = config.Calibration with { Text = text, Audio = audio, AudioText = text, Video = video },
        };
        double before = answers.Average(answer => -Math.Log(Math.Max(
            new ExpertFusion(start, EmotionPrior.Uniform).Fuse(answer.Said.Text?.Probabilities, answer.Said.Audio?.Probabilities, answer.Said.Video?.Probabilities)
                .Probabilities[(int)answer.Truth],
            BranchFusion.LeastProbability)));
        return new PublishedCalibration(calibrated, answers.Count, before, Loss(found));

        double Temperature(Func<ExpertAnswer, ExpertShare?> of)
        {
            (double[] Logs, Emotion Truth)[] own =
            [
                .. answers.Where(answer => of(answer.Said) is { } share && share.Probabilities[(int)answer.Truth] > 0).Select(answer => (
                    Array.ConvertAll(of(answer.Said)!.Probabilities, p => Math.Log(Math.Max(p, BranchFusion.LeastProbability))), answer.Truth)),
            ];
            return own.Length == 0 ? 1 : TemperatureScaling.Fit([.. own.Select(answer => answer.Logs)], [.. own.Select(answer => answer.Truth)]);
        }

        ExpertsConfig Weigh(ExpertsConfig experts, ExpertConfig expert, Func<ExpertsConfig, ExpertConfig, ExpertsConfig> with)
        {
            double best = expert.Weight, least = Cost(best);
            for (int step = 0; step <= Steps; step++)
            {
                double weight = Least * Math.Pow(Most / Least, (double)step / Steps);
                if (Cost(weight) is var cost && cost < least)
                    (best, least) = (weight, cost);
            }

            return with(experts, expert with { Weight = best });

            double Cost(double weight) => Loss(with(experts, expert with { Weight = weight }))
                + (Regularization * Math.Pow(Math.Log(weight / BundleMaker.DefaultWeight), 2));
        }

        double Loss(ExpertsConfig experts)
        {
            cancellation.ThrowIfCancellationRequested();
            ExpertFusion fusion = new(experts, EmotionPrior.Uniform);
            return tempered.Average(answer => -Math.Log(Math.Max(
                fusion.Fuse(answer.Text, answer.Audio, answer.Video).Probabilities[(int)answer.Truth], BranchFusion.LeastProbability)));
        }
    }

    private static double[]? Tempered(ExpertShare? share, double temperature)
    {
        if (share is null)
            return null;
        double[] powers = Array.ConvertAll(share.Probabilities, p => Math.Pow(p, 1 / temperature));
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }
}
