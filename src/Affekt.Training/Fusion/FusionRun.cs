using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>
/// Joins two branches into a bundle and trains how their answers are fused. The branches are asked once about every dev
/// utterance; every form of fusion is then trained on half of the answers, which takes seconds, and all are compared on the
/// other half. The bundle gets the form that the recipe names.
/// </summary>
public static class FusionRun
{
    /// <summary>The file in the run's folder that keeps what the branches said.</summary>
    public const string AnswersFile = "answers.jsonl";

    /// <summary>The file in the run's folder with every form's numbers and scores.</summary>
    public const string ReportFile = "fusion.json";

    /// <summary>The same as tables for people.</summary>
    public const string TablesFile = "fusion.md";

    /// <summary>The forms that are trained and compared: the baseline, then the source's forms, then those on logarithms.</summary>
    internal static IReadOnlyList<(FusionKind Kind, FusionInput Reads)> Forms { get; } =
    [
        (FusionKind.Late, FusionInput.Probabilities),
        (FusionKind.PerClass, FusionInput.Probabilities),
        (FusionKind.Affine, FusionInput.Probabilities),
        (FusionKind.PerClass, FusionInput.LogProbabilities),
        (FusionKind.Affine, FusionInput.LogProbabilities),
    ];

    /// <summary>Follows a recipe.</summary>
    internal static void Follow(FusionRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        RunFolder run = context.Open(recipe);
        BundleConfig joined = JoinedBundle.Write(recipe, run);
        Train(recipe, run, joined, Answers(recipe, run, joined, context.Progress, cancellation), context.Progress, cancellation);
    }

    /// <summary>Trains and compares all forms, and gives the bundle the one that the recipe names.</summary>
    internal static void Train(
        FusionRecipe recipe, RunFolder run, BundleConfig joined, IReadOnlyList<AnsweredPair> pairs,
        IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        AnsweredPair[] labeled = [.. pairs.Where(pair => pair.Labeled)], toTrain = [.. labeled.Where(pair => !pair.Held)];
        IReadOnlyList<FusedDimension> dimensions = FusedDimension.Of(joined.DimensionNames, pairs);
        List<FusionConfig> trained = [];

        // Without a label nothing is trained but what joins dimensions.
        foreach ((FusionKind kind, FusionInput reads) in labeled.Length > 0 ? Forms : Forms.Take(1))
        {
            trained.Add(FusionTrainer.Train(toTrain, kind, reads, recipe, cancellation));
            progress.Report(new TrainingProgress(
                "fusion", trained.Count, Forms.Count, 1, 1, double.NaN, double.NaN, trained[^1].ToString()));
        }

        if (joined.Fusion?.Experts is { } start && labeled.Length > 0)
        {
            ExpertsConfig experts = recipe.Votes is null
                ? ExpertTrainer.TrainOnCorpus(toTrain, start, joined.LabelSet, cancellation)
                : ExpertTrainer.Train(toTrain, start, cancellation);
            trained.Add(new FusionConfig { Kind = FusionKind.Experts, Experts = experts });
            progress.Report(new TrainingProgress("experts", 1, 1, 1, 1, double.NaN, double.NaN, trained[^1].ToString()));
        }

        FusionConfig chosen = labeled.Length > 0 ? trained.Single(form => (form.Kind, form.Reads) == recipe.Form) : FusionConfig.Late;
        BundleConfig bundle = joined with
        {
            Fusion = dimensions.Count > 0 ? chosen with { Dimensions = [.. dimensions.Select(one => one.AudioTextWeight)] } : chosen,
            Calibration = labeled.Length == 0 ? joined.Calibration
                : chosen.Experts is null
                ? joined.Calibration with { Fused = Temperature(chosen, toTrain) }
                : recipe.Votes is null ? joined.Calibration
                : joined.Calibration with { AbstainBelow = recipe.AbstainBelow },
        };
        FusionReport report = FusionReport.Of(recipe, trained, chosen, labeled, joined.LabelSet, dimensions);
        run.WriteAtomically(ReportFile, report.ToJson());
        run.WriteAtomically(TablesFile, report.ToMarkdown());
        run.WriteAtomically(BundleConfig.FileName, bundle.ToJson());
        run.Log("fused", 1, report.ToMetrics(bundle.Calibration));
    }

    private static IReadOnlyList<AnsweredPair> Answers(
        FusionRecipe recipe, RunFolder run, BundleConfig joined, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        EncoderLocations encoders = EncoderLocations.FindAsync(
            run.Path, joined, audio: true, video: true, null, cancellation).GetAwaiter().GetResult();
        using Bundle bundle = Bundle.Open(run.Path, encoders);
        string key = CorpusKey.Of(recipe, bundle.Hash, recipe switch
        {
            { Corpus: not null } => [CorpusPairs.Read(recipe, bundle.Config)],
            { Votes: not null } => DrawnPairs.Corpora(recipe),
            _ => LabelPairs.Corpora(recipe),
        });
        string file = run.File(AnswersFile);
        if (AnswerFile.TryRead(file, key) is { } kept)
            return kept;
        IReadOnlyList<AnsweredPair> pairs = recipe switch
        {
            { Corpus: not null } => CorpusPairs.Make(recipe, bundle, progress, cancellation),
            { Votes: not null } => new DrawnPairs(recipe, bundle, progress, cancellation).Make(),
            _ => new LabelPairs(recipe, bundle, progress, cancellation).Make(),
        };
        AnswerFile.Write(file, key, pairs);
        return pairs;
    }

    private static double Temperature(FusionConfig form, AnsweredPair[] pairs)
    {
        BranchFusion fusion = new(form);
        return TemperatureScaling.Fit(
            [
                .. pairs.Select(pair => Array.ConvertAll(
                    fusion.Fuse(pair.AudioText, pair.Video).Probabilities, p => Math.Log(Math.Max(p, BranchFusion.LeastProbability)))),
            ],
            [.. pairs.Select(pair => pair.Truth)]);
    }
}
