using Affekt.Models.Bundles;

namespace Affekt.Training.Recipes;

/// <summary>
/// Trains the audio-text branch on a corpus whose utterances have text and sound, from the features that frozen encoders
/// made of them (affekt prepare). Defaults are the paper's: AdamW at 5e-5, LSTM 512, dropout 0.3. Writes a bundle for each seed.
/// </summary>
public sealed record AudioTextFrozenRecipe : NetworkRecipe
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>The bundle's version.</summary>
    public required string Version { get; init; }

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

    /// <summary>The audio encoder, as the bundle will name it; its folder is relative to the recipe.</summary>
    public required AudioEncoderPart AudioEncoder { get; init; }

    /// <summary>
    /// What is estimated beside the labels, such as ["valence", "arousal", "dominance"]: fields of a manifest with numbers, or what IEMOCAP
    /// has. Reported as concordance correlation. Default: nothing.
    /// </summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>What the squared errors of the dimensions, each in units of its deviation, count beside the cross-entropy; 0 or more.</summary>
    public double DimensionWeight { get; init; } = 1;

    /// <summary>Dialogues in a step.</summary>
    public int Dialogues { get; init; } = 16;

    /// <summary>The probability that an utterance which has both loses its text, and that it loses its sound.</summary>
    public double ModalityDropout { get; init; }

    /// <summary>The probability that a dialogue's speakers are hidden.</summary>
    public double SpeakerDropout { get; init; }

    /// <summary>Features of the LSTM's state.</summary>
    public int LstmWidth { get; init; } = 512;

    /// <summary>Features of the layer behind the LSTM.</summary>
    public int HeadWidth { get; init; } = 512;

    /// <summary>Features that the metadata are projected to.</summary>
    public int MetadataWidth { get; init; } = 256;

    /// <summary>Dropout on what goes into the LSTM, in [0, 1).</summary>
    public double InputDropout { get; init; }

    /// <summary>Whether each modality also has a linear layer of its own to the logits. The paper has none.</summary>
    public bool DirectLogits { get; init; }

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireSinglePrecision();
        RequireCorpus(Corpus, Map, Fold, labels: LabelSet);
        RequireEncoder(TextEncoder);
        RequireEncoder(AudioEncoder);
        Require(
            Dimensions.Distinct(StringComparer.OrdinalIgnoreCase).Count() == Dimensions.Count && !Dimensions.Any(string.IsNullOrWhiteSpace), "dimensions",
            string.Join(", ", Dimensions), "different names");
        RequireNotNegative(DimensionWeight, "dimension_weight");
        RequireCount(Dialogues, "dialogues");
        RequireShare(ModalityDropout, "modality_dropout");
        RequireShare(SpeakerDropout, "speaker_dropout");
        RequireCount(LstmWidth, "lstm_width");
        RequireCount(HeadWidth, "head_width");
        RequireCount(MetadataWidth, "metadata_width");
        RequireShare(InputDropout, "input_dropout", below1: true);
    }
}
