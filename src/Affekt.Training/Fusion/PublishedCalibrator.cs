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
    /// <summary>Fits the numbers.</summary>
    /// <param name="bundle">The opened bundle, with its default numbers.</param>
    /// <param name="corpus">Labeled utterances, in any splits.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EvaluationException">There is no labeled utterance that a classifier says something of.</exception>
    public static async Task<PublishedCalibration> FitAsync(
        Bundle bundle, Corpus corpus, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        List<ExpertsSaid> answers = [];
        foreach (Split split in Enum.GetValues<Split>().Where(split => corpus.In(split).Any()))
        {
            CorpusEvaluator evaluator = new(corpus, new EvaluationOptions { Split = split, Prior = EmotionPrior.Uniform });
            answers.AddRange((await evaluator.AskAsync(bundle, branches: false, progress, cancellation).ConfigureAwait(false))
                .Where(asked => asked.Utterance.Label is not null).Select(asked => new ExpertsSaid(
                    asked.Answer.Experts!.Text?.Probabilities, asked.Answer.Experts.Audio?.Probabilities, asked.Answer.Experts.Video?.Probabilities,
                    asked.Utterance.Label!.Value)));
        }

        return answers.Count > 0
            ? Fit(bundle.Config, answers, cancellation)
            : throw new EvaluationException($"{corpus.Name}: found no labeled utterance that a classifier says something of, expected some");
    }

    /// <summary>Fits the numbers to what the experts said under a uniform prior.</summary>
    internal static PublishedCalibration Fit(BundleConfig config, IReadOnlyList<ExpertsSaid> answers, CancellationToken cancellation)
    {
        ExpertsConfig start = config.Fusion!.Experts!;
        double text = Temperature(said => said.Text), audio = Temperature(said => said.Audio), video = Temperature(said => said.Video);
        ExpertsSaid[] tempered =
        [
            .. answers.Select(said => new ExpertsSaid(Tempered(said.Text, text), Tempered(said.Audio, audio), Tempered(said.Video, video), said.Truth)),
        ];
        ExpertsConfig found = ExpertTrainer.Weigh(tempered, start, config.LabelSet, cancellation);
        BundleConfig calibrated = config with
        {
            Fusion = config.Fusion with { Experts = found },
            Calibration = config.Calibration with { Text = text, Audio = audio, AudioText = text, Video = video },
        };
        return new PublishedCalibration(
            calibrated, answers.Count, ExpertTrainer.Loss(answers, start, config.LabelSet, cancellation),
            ExpertTrainer.Loss(tempered, found, config.LabelSet, cancellation));

        double Temperature(Func<ExpertsSaid, IReadOnlyList<double>?> of)
        {
            (double[] Logs, int Truth)[] own =
            [
                .. answers.Where(said => of(said)?[said.Truth] > 0).Select(said => (
                    of(said)!.Select(p => Math.Log(Math.Max(p, BranchFusion.LeastProbability))).ToArray(), said.Truth)),
            ];
            return own.Length == 0 ? 1 : TemperatureScaling.Fit([.. own.Select(answer => answer.Logs)], [.. own.Select(answer => answer.Truth)]);
        }
    }

    private static double[]? Tempered(IReadOnlyList<double>? share, double temperature)
    {
        if (share is null)
            return null;
        double[] powers = [.. share.Select(p => Math.Pow(p, 1 / temperature))];
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }
}
