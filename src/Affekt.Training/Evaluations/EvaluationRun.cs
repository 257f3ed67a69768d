using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models;
using Affekt.Models.Bundles;

namespace Affekt.Training.Evaluations;

/// <summary>A report, and what it was made from.</summary>
/// <param name="Report">The report.</param>
/// <param name="Evaluation">What the bundle of the report's main numbers said.</param>
public sealed record EvaluationOutcome(EvaluationReport Report, CorpusEvaluation Evaluation);

/// <summary>Evaluates a bundle, or every bundle of a run.</summary>
public static class EvaluationRun
{
    /// <summary>
    /// Evaluates and reports. The main numbers are those of the bundle, or of a run's best seed; where a run has several
    /// seeds, they stand beside it with mean and standard deviation.
    /// </summary>
    /// <param name="target">The bundle or the run.</param>
    /// <param name="evaluator">What to evaluate on.</param>
    /// <param name="encoders">Where the bundles' encoders lie; they have the same.</param>
    /// <param name="options">How the encoders are computed; null for the defaults.</param>
    /// <param name="progress">Hears how far each bundle is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelException">A bundle cannot be opened.</exception>
    /// <exception cref="EvaluationException">No utterance could be evaluated.</exception>
    public static async Task<EvaluationOutcome> RunAsync(
        BundleOrRun target,
        CorpusEvaluator evaluator,
        EncoderLocations encoders,
        EncoderOptions? options = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        EvaluationOutcome? main = null;
        List<SeedScores> scores = [];
        foreach (SeedBundle seed in target.Bundles)
        {
            evaluator.KeepSoundFor(BundleConfig.Load(Path.Combine(seed.Folder, BundleConfig.FileName)));
            using Bundle bundle = Bundle.Open(seed.Folder, encoders with { Audio = evaluator.NeedsAudioEncoder ? encoders.Audio : null, Video = evaluator.NeedsFrameEncoder ? encoders.Video : null }, options);
            CorpusEvaluation evaluation = await evaluator.RunAsync(bundle, progress, cancellation).ConfigureAwait(false);
            if (seed.Seed is { } number && evaluation.Predictions.Count > 0)
                scores.Add(Score(number, evaluation.Predictions));
            if (seed == target.Best)
                main = new EvaluationOutcome(Report(bundle, evaluator, evaluation), evaluation);
        }

        return scores.Count > 1 ? main! with { Report = main.Report.WithSeeds(scores) } : main!;
    }

    private static EvaluationReport Report(Bundle bundle, CorpusEvaluator evaluator, CorpusEvaluation evaluation) =>
        EvaluationReport.Create(
            new EvaluationSubject(
                new BundleIdentity(bundle.Config.Name, bundle.Config.Version, bundle.Hash),
                evaluator.Corpus.Name,
                evaluator.Options.Split.Name(),
                evaluator.Modalities.Names,
                evaluation.Skipped,
                Overlap(bundle.Config, evaluator.Corpus, evaluation.Predictions)),
            evaluation.Predictions) with
        {
            Prior = evaluator.PriorFor(bundle) is { } prior
                ? evaluator.Labels.Names.Zip(prior.Values).ToDictionary(pair => pair.First, pair => pair.Second)
                : null,
            Classes = evaluator.Classes.Count < evaluator.Labels.Count ? [.. evaluator.Classes.Select(label => evaluator.Labels[label])] : null,
            LabelMap = evaluator.Corpus.Reading.Labels is { Labels.Count: > 0 } map ? map.ToDictionary() : null,
            Fold = evaluator.Corpus.Reading.Fold,
            Dimensions = evaluation.Dimensions.Count > 0 ? evaluation.Dimensions : null,
            Baseline = evaluator.Options.Baseline?.ToString().ToLowerInvariant(),
            Subsets = evaluation.Subsets.Count > 0 ? evaluation.Subsets : null,
            Rows = evaluation.Rows.Count > 0
                ? [.. evaluation.Rows.Select(row => RowScores.Of(row.Name, row.Predictions, Asked(evaluation) - row.Predictions.Count))]
                : null,
        };

    private static int Asked(CorpusEvaluation evaluation) => evaluation.Predictions.Count + evaluation.Skipped;

    private static double? Overlap(BundleConfig bundle, Corpus corpus, IReadOnlyList<Prediction> predictions)
    {
        // Speakers were learned from MELD; that a RAVDESS actor is not among them says nothing.
        IReadOnlyList<string>? trained = bundle.TrainingSpeakers
            ?? (corpus.Name == "meld" && bundle.Speakers.Count > 0 ? bundle.Speakers : null);
        HashSet<string> evaluated = [.. predictions.Select(prediction => prediction.Id)];
        return trained is null ? null : SpeakerOverlap.Measure(trained, corpus.Utterances.Where(u => evaluated.Contains(u.Id)).Select(u => u.Speaker));
    }

    private static SeedScores Score(int seed, IReadOnlyList<Prediction> predictions)
    {
        Scores scores = Prediction.Confusion(predictions).Score();
        return new SeedScores(
            seed, scores.Accuracy, scores.WeightedF1, scores.MacroF1, scores.Uar, Calibration.ExpectedError(predictions));
    }
}
