namespace Affekt.Training.Recipes;

/// <summary>Fine-tunes a BERT on labeled texts, stage after stage, with a linear head for each corpus.</summary>
public sealed record TextEncoderRecipe : Recipe
{
    /// <summary>The folder of the encoder to start from, in Hugging Face's layout.</summary>
    public required string Encoder { get; init; }

    /// <summary>The encoder's vocabulary.</summary>
    public required string Vocabulary { get; init; }

    /// <summary>The folder of MELD's three CSV files. Its dev split chooses.</summary>
    public required string Meld { get; init; }

    /// <summary>The folder of GoEmotions' files; rows with a single label are used.</summary>
    public required string Goemotions { get; init; }

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
        Require(Stages.Count > 0, "stages", "none", "at least one");
        for (int i = 0; i < Stages.Count; i++)
        {
            TextStage stage = Stages[i];
            RequireCount(stage.Epochs, $"stages[{i}].epochs");
            Require(
                stage.Corpora.Count > 0 && stage.Corpora.All(name => name is "meld" or "goemotions"),
                $"stages[{i}].corpora", string.Join(", ", stage.Corpora), "meld, goemotions or both");
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

    /// <summary>Which corpora: meld, goemotions.</summary>
    public required IReadOnlyList<string> Corpora { get; init; }

    /// <summary>Times that all texts are seen.</summary>
    public required int Epochs { get; init; }
}
