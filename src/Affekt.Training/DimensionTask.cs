using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Torch;
using Affekt.Torch.Layers;
using Affekt.Training.Recipes;

namespace Affekt.Training;

/// <summary>What a branch learns beside its labels: dimensions such as valence, each in units of its deviation.</summary>
internal sealed class DimensionTask
{
    // Where nothing varies, a concordance is 0 and not 0 / 0.
    private const double LeastSpread = 1e-8;

    // The layers of branches that give outputs.
    private static readonly string[] _outputs = ["head.output.", "direct_text.", "direct_audio."];

    private readonly double _weight;
    private readonly bool _concordance;

    /// <param name="recipe">What is estimated, and how it is learned.</param>
    /// <param name="train">The values of what is learned from, in the recipe's order; NaN for one that is not known, none for nothing.</param>
    /// <param name="processes">How many train together.</param>
    /// <exception cref="RecipeException">A dimension has no two values that differ, or a loss is asked for that processes cannot share.</exception>
    public DimensionTask(FrozenRecipe recipe, IEnumerable<float[]> train, int processes = 1)
    {
        (_weight, _concordance) = (recipe.DimensionWeight, recipe.DimensionLoss == FrozenRecipe.Concordance);
        if (_concordance && processes > 1)
            throw new RecipeException(recipe.File, "dimension_loss", $"{FrozenRecipe.Concordance} in {processes} processes", $"{FrozenRecipe.SquaredError}, or one process");
        float[][] all = [.. train];
        Parts = [.. recipe.Dimensions.Select((name, k) => Part(recipe, name, [.. all.Where(of => of.Length > k && !float.IsNaN(of[k])).Select(of => (double)of[k])]))];
    }

    private DimensionTask() => Parts = [];

    /// <summary>Nothing is learned beside the labels.</summary>
    public static DimensionTask None { get; } = new();

    /// <summary>The dimensions, with what they are standardized by.</summary>
    public IReadOnlyList<DimensionPart> Parts { get; }

    /// <summary>How many dimensions there are.</summary>
    public int Count => Parts.Count;

    /// <summary>How many values are known.</summary>
    public int Known(IEnumerable<float[]> rows) => Count == 0 ? 0 : rows.Sum(values => values.Count(value => !float.IsNaN(value)));

    /// <summary>The cross-entropy of what is labeled and the loss of the dimensions: what a part of a batch adds to the batch's loss.</summary>
    /// <param name="crossEntropy">The labels' loss.</param>
    /// <param name="outputs">The branch's outputs [N, labels + dimensions].</param>
    /// <param name="labels">N labels, Int64; those that cross-entropy leaves out where there is none.</param>
    /// <param name="share">What the part's labels weigh of the batch's, in [0, 1]; no number where nothing in the batch is labeled.</param>
    /// <param name="rows">N rows of values, as for <see cref="Loss"/>.</param>
    /// <param name="known">How many values the whole batch has.</param>
    /// <returns>The loss; null where the part has neither labels nor values.</returns>
    public Tensor? JointLoss(
        WeightedCrossEntropy crossEntropy, Tensor outputs, Tensor labels, double share, IReadOnlyList<float[]> rows, int known)
    {
        long classes = outputs.Shape[1] - Count;
        Tensor? loss = share > 0 ? crossEntropy.Of(outputs.Narrow(1, 0, classes), labels) * share : null;
        if (Known(rows) == 0)
            return loss;
        Tensor beside = Loss(outputs.Narrow(1, classes, Count), rows, known);
        return loss is null ? beside : loss + beside;
    }

    /// <summary>
    /// Has a branch whose corpus has no labels say nothing of them: all alike, whatever it reads, and so for good, for no loss moves them.
    /// </summary>
    /// <param name="branch">The branch.</param>
    /// <param name="labels">Its first outputs.</param>
    public static void Mute(Module branch, int labels)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        foreach ((_, Tensor tensor) in branch.NamedParameters().Where(one => _outputs.Any(name => one.Name.StartsWith(name, StringComparison.Ordinal))))
            tensor.Narrow(0, 0, labels).Fill(0);
    }

    /// <summary>The loss, times its weight: of parts of a batch, what they add to the batch's.</summary>
    /// <param name="said">Standardized estimates [N, dimensions].</param>
    /// <param name="rows">N rows of values, in the corpus's units; NaN, or a row without any, for what is not known. One at least is.</param>
    /// <param name="known">How many values the whole batch has.</param>
    public Tensor Loss(Tensor said, IReadOnlyList<float[]> rows, int known)
    {
        float[] wanted = new float[rows.Count * Count], there = new float[wanted.Length];
        foreach ((int i, float[] values) in rows.Index())
        {
            foreach ((int k, float value) in values.Index().Where(value => !float.IsNaN(value.Item)))
                (wanted[(i * Count) + k], there[(i * Count) + k]) = ((float)((value - Parts[k].Mean) / Parts[k].Deviation), 1);
        }

        Tensor wanted_NK = Tensor.From<float>(wanted, rows.Count, Count).To(said.Device), there_NK = Tensor.From<float>(there, rows.Count, Count).To(said.Device);
        if (_concordance)
            return Discordance(said, wanted_NK, there_NK) * _weight;
        Tensor errors = (said - wanted_NK) * there_NK;
        return (errors * errors).Sum() * (_weight / known);
    }

    /// <summary>The concordance of estimates with what is known, by name; a dimension without a value is left out.</summary>
    /// <param name="pairs">Rows of values as for <see cref="Loss"/>, each with its standardized estimates.</param>
    public IReadOnlyDictionary<string, double> Concordances(IReadOnlyList<(float[] Values, float[] Said)> pairs) =>
        Parts.Select((part, k) => (part.Name, Pairs: pairs.Where(pair => pair.Values.Length > k && !float.IsNaN(pair.Values[k]))
                .Select(pair => ((double)pair.Values[k], part.Mean + (part.Deviation * pair.Said[k]))).ToArray()))
            .Where(of => of.Pairs.Length > 0)
            .ToDictionary(of => of.Name, of => DimensionScores.Of(of.Pairs).Ccc);

    /// <summary>Adds each dimension's concordance and their mean to an epoch's metrics.</summary>
    public void AddTo(Dictionary<string, double> metrics, IReadOnlyList<(float[] Values, float[] Said)> pairs)
    {
        IReadOnlyDictionary<string, double> concordances = Concordances(pairs);
        foreach ((string name, double concordance) in concordances)
            metrics[$"dev_{DevMetric.Concordance}_{name}"] = concordance;
        if (Count > 0)
            metrics[$"dev_{DevMetric.Concordance}"] = concordances.Values.DefaultIfEmpty(0).Average();
    }

    // 1 minus Lin's concordance correlation with moments of the population, in the mean over the dimensions that have values.
    private static Tensor Discordance(Tensor said_NK, Tensor wanted_NK, Tensor there_NK)
    {
        Tensor count_K = there_NK.Sum(0), some_K = count_K.Clamp(null, 1), n_K = count_K.Clamp(1, null);
        Tensor said_K = (said_NK * there_NK).Sum(0) / n_K, wanted_K = wanted_NK.Sum(0) / n_K, apart_K = said_K - wanted_K;
        Tensor ofSaid_NK = (said_NK - said_K) * there_NK, ofWanted_NK = (wanted_NK - wanted_K) * there_NK;
        Tensor together_K = (ofSaid_NK * ofWanted_NK).Sum(0) / n_K;
        Tensor spread_K = ((((ofSaid_NK * ofSaid_NK) + (ofWanted_NK * ofWanted_NK)).Sum(0)) / n_K) + (apart_K * apart_K) + LeastSpread;
        return (some_K - (together_K * 2 / spread_K)).Sum() / some_K.Sum();
    }

    private static DimensionPart Part(FrozenRecipe recipe, string name, double[] values)
    {
        double mean = values.DefaultIfEmpty(0).Average(), deviation = Math.Sqrt(values.Select(value => Math.Pow(value - mean, 2)).DefaultIfEmpty(0).Average());
        return deviation > 0
            ? new DimensionPart(name, mean, deviation)
            : throw new RecipeException(recipe.File, "dimensions", $"{values.Length} values of {name} in train, all alike", "some that differ");
    }
}
