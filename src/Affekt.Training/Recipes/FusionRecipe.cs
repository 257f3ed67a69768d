using Affekt.Models.Fusion;

namespace Affekt.Training.Recipes;

/// <summary>
/// Joins an audio-text branch and a video branch, both frozen, and trains the few numbers of the fusion on what they say
/// about dev utterances. Writes a bundle with both. The utterances are those of a corpus that has all modalities, or where no
/// such corpus is at hand, pairs made by label: a text or sound of one corpus with a face of another that has the same label.
/// Pairs say nothing of how often a face, a voice and words agree on real recordings.
/// </summary>
public sealed record FusionRecipe : Recipe
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>The bundle's version.</summary>
    public required string Version { get; init; }

    /// <summary>The bundle, or run with a bundle for each seed, that the audio-text branch is taken from.</summary>
    public required string AudioText { get; init; }

    /// <summary>The run that the video branch is taken from; null where the bundle has one.</summary>
    public string? Video { get; init; }

    /// <summary>MELD's folder with media, or a manifest, whose dev split has all modalities; null for pairs by label.</summary>
    public string? Corpus { get; init; }

    /// <summary>For a corpus: where features are kept (affekt prepare --features); null computes all of them anew.</summary>
    public string? Features { get; init; }

    /// <summary>For pairs: the folder of MELD's three CSV files; its dev split is used.</summary>
    public string? Meld { get; init; }

    /// <summary>For pairs: the folder of RAVDESS speech; its dev actors are used.</summary>
    public string? Ravdess { get; init; }

    /// <summary>For pairs: the folder of TESS, whose sound is of voices that nothing was trained on; only measured. May be null.</summary>
    public string? Tess { get; init; }

    /// <summary>For pairs: FER2013's folder or zip; its validation faces are used.</summary>
    public string? Fer2013 { get; init; }

    /// <summary>The seed of the pairs.</summary>
    public int PairSeed { get; init; } = 1;

    /// <summary>
    /// For pairs, in training only: the share of faces that are drawn whatever their label, so that the video branch is not
    /// trusted as if every face showed what the words say. In [0, 1].
    /// </summary>
    public double Mismatch { get; init; } = 0.5;

    /// <summary>The form that the bundle gets: late, per-class or affine. All are trained and compared.</summary>
    public string Enhancement { get; init; } = "per-class";

    /// <summary>What that form sums: probabilities, as in the source, or log-probabilities.</summary>
    public string Reads { get; init; } = "probabilities";

    /// <summary>Steps of each form's training, each over all utterances.</summary>
    public int Steps { get; init; } = 400;

    /// <summary>The learning rate at the peak.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>The share of the steps over which the rate rises.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Classes weigh (n / (7 n_c)) to this power.</summary>
    public double ClassWeightExponent { get; init; }

    internal (FusionKind Kind, FusionInput Reads) Form => (
        Enhancement switch { "late" => FusionKind.Late, "affine" => FusionKind.Affine, _ => FusionKind.PerClass },
        Reads == "probabilities" ? FusionInput.Probabilities : FusionInput.LogProbabilities);

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireSinglePrecision();
        Require(Steps > 0, "steps", Steps, "at least 1");
        Require(LearningRate > 0, "learning_rate", LearningRate, "above 0");
        Require(Warmup is >= 0 and <= 1, "warmup", Warmup, "0 to 1");
        Require(Mismatch is >= 0 and <= 1, "mismatch", Mismatch, "0 to 1");
        bool pairs = Meld is not null && Ravdess is not null && Fer2013 is not null;
        Require(
            Corpus is null ? pairs : (Meld ?? Ravdess ?? Tess ?? Fer2013) is null, "corpus", Corpus ?? "nothing",
            "a corpus with all modalities, or meld, ravdess and fer2013 to make pairs of");
        Require(Enhancement is "late" or "per-class" or "affine", "enhancement", Enhancement, "late, per-class or affine");
        Require(
            Reads == "probabilities" || (Reads == "log-probabilities" && Enhancement != "late"), "reads", Reads,
            "probabilities, or for per-class and affine log-probabilities");
    }
}
