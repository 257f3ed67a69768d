using Affekt.Corpora;
using Affekt.Models.Bundles;

namespace Affekt.Training.Recipes;

/// <summary>What recipes say that train a branch on what frozen encoders made of a corpus (affekt prepare).</summary>
public abstract record FrozenRecipe : NetworkRecipe
{
    /// <summary>Squared error, the default of <see cref="DimensionLoss"/>.</summary>
    internal const string SquaredError = "mse";

    /// <summary>1 minus the concordance correlation.</summary>
    internal const string Concordance = "ccc";

    /// <summary>The corpus's layout, as in docs/corpora.md. Its dev split chooses the epoch and the temperatures.</summary>
    public required string Corpus { get; init; }

    /// <summary>The corpus's folder; of a manifest the file.</summary>
    public required string Root { get; init; }

    /// <summary>What labels of the corpus count as, such as "exc=joy"; "calm=none" leaves one out. Default: nothing is said.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>For a corpus that was published without splits: whose fold, from 1, is test. Default null: the last.</summary>
    public int? Fold { get; init; }

    /// <summary>Where features are kept (affekt prepare --features); what is missing there is computed first.</summary>
    public required string Features { get; init; }

    /// <summary>The text encoder, as the bundle will name it; its folder is relative to the recipe.</summary>
    public required TextEncoderPart TextEncoder { get; init; }

    /// <summary>
    /// What is estimated beside the labels, such as ["valence", "arousal", "dominance"]: fields of a manifest with numbers, or what IEMOCAP
    /// has. A corpus may have them without labels. Reported as concordance correlation. Default: nothing.
    /// </summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>
    /// How the dimensions are learned, each in units of its deviation: "mse", the squared error; or "ccc", 1 minus the concordance correlation
    /// within a step, in one process.
    /// </summary>
    public string DimensionLoss { get; init; } = SquaredError;

    /// <summary>What the dimensions' loss counts beside the cross-entropy; 0 or more.</summary>
    public double DimensionWeight { get; init; } = 1;

    /// <summary>Throws unless there is something to learn from and something to choose the epoch by.</summary>
    /// <param name="train">What is learned from.</param>
    /// <param name="dev">What chooses.</param>
    /// <returns>Whether some of train is labeled; else there are dimensions alone.</returns>
    /// <exception cref="RecipeException">There is not.</exception>
    internal bool RequireTruths(IEnumerable<Utterance> train, IEnumerable<Utterance> dev)
    {
        int labeled = train.Count(HasLabel), chosenBy = dev.Count(HasLabel);
        if ((labeled == 0 && !train.Any(HasDimension)) || (Metric == DevMetric.Concordance ? !dev.Any(HasDimension) : chosenBy == 0))
        {
            throw new RecipeException(
                Resolve(Root), null, $"{labeled} utterances with a label in train and {chosenBy} in dev",
                "some in both: to learn from, and to choose by" + (Dimensions.Count == 0 ? "" : $"; or values of dimensions in both, and the metric {DevMetric.Concordance}"));
        }

        return labeled > 0;

        static bool HasLabel(Utterance utterance) => utterance.Label is not null;

        static bool HasDimension(Utterance utterance) => utterance.Dimensions.Any(value => value is not null);
    }

    private protected override bool ScoresDimensions => Dimensions.Count > 0;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireSinglePrecision();
        RequireCorpus(Corpus, Map, Fold, labels: LabelSet);
        RequireEncoder(TextEncoder);
        Require(
            Dimensions.Distinct(StringComparer.OrdinalIgnoreCase).Count() == Dimensions.Count && !Dimensions.Any(string.IsNullOrWhiteSpace), "dimensions",
            string.Join(", ", Dimensions), "different names");
        Require(DimensionLoss is SquaredError or Concordance, "dimension_loss", $"\"{DimensionLoss}\"", $"{SquaredError} or {Concordance}");
        RequireNotNegative(DimensionWeight, "dimension_weight");
    }
}
