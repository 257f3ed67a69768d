using Affekt.Corpora;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Training.Evaluations;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>Asks both branches, and the experts where they are to be joined, about the dev utterances of a corpus that has all modalities.</summary>
internal static class CorpusPairs
{
    /// <summary>The utterances that both branches could answer; every other dialogue is held out.</summary>
    /// <exception cref="RecipeException">There are none.</exception>
    public static IReadOnlyList<AnsweredPair> Make(
        FusionRecipe recipe, Bundle bundle, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Corpus corpus = Read(recipe, bundle.Config);
        EvaluationOptions options = new()
        {
            Split = Split.Dev,
            Prior = recipe.Form.Kind == FusionKind.Experts ? EmotionPrior.Uniform : null,
            Features = recipe.Features is { } store ? new StoredFeatures(recipe.Resolve(store), Precision.Float32) : null,
        };
        return Make(recipe, corpus, bundle, new CorpusEvaluator(corpus, options), progress, cancellation);
    }

    /// <summary>The corpus that the recipe names.</summary>
    internal static Corpus Read(FusionRecipe recipe, BundleConfig bundle) => recipe.ReadCorpus(
        recipe.CorpusLayout, recipe.Corpus!, recipe.Map, recipe.Fold, bundle.LabelSet,
        bundle is { Dimensions: not null, Video.Dimensions: not null } ? bundle.DimensionNames : null);

    internal static IReadOnlyList<AnsweredPair> Make(
        FusionRecipe recipe, Corpus corpus, Bundle bundle, CorpusEvaluator evaluator, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        ProgressMap<EvaluationProgress, TrainingProgress> steps = new(
            progress, value => new TrainingProgress(value.Stage, 1, 1, value.Done, value.Total, double.NaN, double.NaN));
        Dictionary<string, int> order = corpus.In(Split.Dev).Index().ToDictionary(d => d.Item.Id, d => d.Index);
        Dictionary<string, ExpertAnswer> experts = recipe.Form.Kind != FusionKind.Experts
            ? []
            : evaluator.AskAsync(bundle, branches: false, steps, cancellation).GetAwaiter().GetResult()
                .ToDictionary(asked => asked.Utterance.Id, asked => asked.Answer.Experts!);
        List<AnsweredPair> pairs = [];
        foreach ((Utterance utterance, UtteranceAnswer answer) in evaluator
            .AskAsync(bundle, branches: true, steps, cancellation).GetAwaiter().GetResult())
        {
            if (answer is not { AudioText: { } audioText, Video: { } video })
                continue;
            EstimatedPair[]? dimensions = audioText.Dimensions is null || video.Dimensions is null
                ? null
                : [.. audioText.Dimensions.Zip(video.Dimensions).Select((both, k) => new EstimatedPair(utterance.Dimensions.ElementAtOrDefault(k), both.First, both.Second))];
            if (utterance.Label is not null || dimensions?.Any(pair => pair.Truth is not null) == true)
            {
                pairs.Add(new AnsweredPair(
                    $"{corpus.Name} dev", order[utterance.Dialogue] % 2 == 1, utterance.Id, utterance.Dialogue, utterance.Label ?? 0,
                    audioText.Evidence, video.Probabilities)
                {
                    Labeled = utterance.Label is not null,
                    Dimensions = dimensions,
                    Text = experts.GetValueOrDefault(utterance.Id)?.Text?.Probabilities,
                    Audio = experts.GetValueOrDefault(utterance.Id)?.Audio?.Probabilities,
                });
            }
        }

        AnsweredPair[] needed = pairs.Any(pair => pair.Labeled) ? [.. pairs.Where(pair => pair.Labeled)] : [.. pairs];
        return needed.Any(pair => pair.Held) && needed.Any(pair => !pair.Held)
            ? pairs
            : throw new RecipeException(
                recipe.File, "corpus", $"{needed.Length} dev utterances that both branches can answer", "some in two dialogues at least");
    }
}
