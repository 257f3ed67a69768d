using System.Text.Json.Serialization;

namespace Affekt.Training.Recipes;

/// <summary>Fine-tunes a BERT, RoBERTa or XLM-RoBERTa on labeled texts, stage after stage, with a linear head for each corpus.</summary>
public sealed record TextEncoderRecipe : Recipe
{
    /// <summary>The corpus of one's own.</summary>
    internal const string OwnName = "own";

    /// <summary>MELD.</summary>
    internal const string MeldName = "meld";

    /// <summary>GoEmotions.</summary>
    internal const string GoemotionsName = "goemotions";

    /// <summary>The folder of the encoder to start from, in Hugging Face's layout.</summary>
    public required string Encoder { get; init; }

    /// <summary>A vocabulary for WordPiece; null for the tokenizer that lies in the encoder's folder. Default: null.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>The folder of MELD's three CSV files; null for none. Its dev split chooses where there is no corpus of one's own.</summary>
    public string? Meld { get; init; }

    /// <summary>The folder of GoEmotions' files; rows with a single label are used. Null for none.</summary>
    public string? Goemotions { get; init; }

    /// <summary>The layout of a corpus of one's own, as in docs/corpora.md; null for none. Its dev split chooses.</summary>
    public string? Corpus { get; init; }

    /// <summary>Its folder; of a manifest the file.</summary>
    public string? Root { get; init; }

    /// <summary>What its labels count as, such as "exc=joy". Default: nothing is said.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>For one that was published without splits: whose fold, from 1, is test. Default null: the last.</summary>
    public int? Fold { get; init; }

    /// <summary>What its texts are told apart by, as in <see cref="NetworkRecipe.Labels"/>. Default: emotions.</summary>
    public string Labels { get; init; } = "emotions";

    /// <summary>The same as a set.</summary>
    [JsonIgnore]
    public LabelSet LabelSet => LabelSet.Parse(Labels);

    /// <summary>The corpora that there are, by the names that stages call them.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Corpora =>
    [
        .. new[] { (OwnName, Corpus), (MeldName, Meld), (GoemotionsName, Goemotions) }.Where(corpus => corpus.Item2 is not null).Select(corpus => corpus.Item1),
    ];

    /// <summary>What is trained on, in order.</summary>
    public required IReadOnlyList<TextStage> Stages { get; init; }

    /// <summary>Tokens that are read of a text.</summary>
    public int MaxTokens { get; init; } = 96;

    /// <summary>Texts in a batch, at most.</summary>
    public int BatchTexts { get; init; } = 64;

    /// <summary>Tokens in a batch, padding included, at most.</summary>
    public int BatchTokens { get; init; } = 1500;

    /// <summary>The encoder's learning rate at the peak.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>The heads' learning rate at the peak.</summary>
    public double HeadLearningRate { get; init; } = 1e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The share of a stage's steps over which the rates rise.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Dropout between the encoder and a head.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Label smoothing.</summary>
    public double LabelSmoothing { get; init; } = 0.05;

    /// <summary>Classes weigh (n / (7 n_c)) to this power.</summary>
    public double ClassWeightExponent { get; init; } = 0.5;

    /// <summary>Gradients are scaled down to this length.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireLabels(Labels);
        if (Corpus is not null)
            RequireCorpus(Corpus, Map, Fold, labels: LabelSet);
        Require((Corpus is null) == (Root is null), "root", Root ?? "none", Corpus is null ? "none without a corpus" : "where the corpus lies");
        Require(Corpora.Any(name => name != GoemotionsName), "corpus", "none", "one, or meld: its dev split chooses");
        Require(Stages.Count > 0, "stages", "none", "at least one");
        for (int i = 0; i < Stages.Count; i++)
        {
            TextStage stage = Stages[i];
            RequireCount(stage.Epochs, $"stages[{i}].epochs");
            Require(
                stage.Corpora.Count > 0 && stage.Corpora.All(Corpora.Contains),
                $"stages[{i}].corpora", string.Join(", ", stage.Corpora), $"some of those that the recipe names: {string.Join(", ", Corpora)}");
            Require(
                stage.Name.Length > 0 && stage.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
                $"stages[{i}].name", $"\"{stage.Name}\"", "letters, digits, hyphens: it names a folder");
            Require(
                Stages.Count(other => other.Name == stage.Name) == 1, $"stages[{i}].name", $"\"{stage.Name}\" twice", "names that differ");
        }

        Require(MaxTokens is >= 3 and <= 512, "max_tokens", MaxTokens, "3 to 512");
        RequireCount(BatchTexts, "batch_texts");
        Require(BatchTokens >= MaxTokens, "batch_tokens", BatchTokens, "at least max_tokens");
        RequirePositive(LearningRate, "learning_rate");
        RequirePositive(HeadLearningRate, "head_learning_rate");
        RequireNotNegative(WeightDecay, "weight_decay");
        RequireShare(Warmup, "warmup");
        RequireShare(Dropout, "dropout", below1: true);
        RequireShare(LabelSmoothing, "label_smoothing", below1: true);
        RequireNotNegative(ClassWeightExponent, "class_weight_exponent");
        RequirePositive(ClipNorm, "clip_norm");
    }
}

/// <summary>One stage of fine-tuning.</summary>
public sealed record TextStage
{
    /// <summary>The stage's name: the encoder that it ends with is kept under it.</summary>
    public required string Name { get; init; }

    /// <summary>Which corpora: own, meld, goemotions.</summary>
    public required IReadOnlyList<string> Corpora { get; init; }

    /// <summary>Times that all texts are seen.</summary>
    public required int Epochs { get; init; }
}
