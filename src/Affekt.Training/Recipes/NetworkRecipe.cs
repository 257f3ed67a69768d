using System.Text.Json.Serialization;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Hub;
using Affekt.Training.Evaluations;

namespace Affekt.Training.Recipes;

/// <summary>What all recipes say that train a network on dev-scored epochs. Defaults are the paper's.</summary>
public abstract record NetworkRecipe : Recipe
{
    /// <summary>Times that all training examples are seen, at most.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>A seed's training ends once the dev metric has not risen for so many epochs; null never ends it.</summary>
    public int? Patience { get; init; } = 7;

    /// <summary>
    /// The dev metric that chooses the epoch: accuracy, weighted_f1, macro_f1, uar or loss (where less is better); where dimensions are learned
    /// also ccc, the mean of their concordance correlations.
    /// </summary>
    public string Metric { get; init; } = "weighted_f1";

    /// <summary>AdamW's learning rate at the peak.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>The share of the steps over which the rate rises linearly; a cosine takes it down after that.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Label smoothing of the cross-entropy, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// What utterances are told apart by: "emotions" for the seven, "sentiments" for neutral, positive and negative, or labels with commas
    /// between, such as "happy,sad,angry,neutral", in the order of the outputs. Default: emotions.
    /// </summary>
    public string Labels { get; init; } = "emotions";

    /// <summary>The same as a set.</summary>
    [JsonIgnore]
    public LabelSet LabelSet => LabelSet.Parse(Labels);

    /// <summary>Classes weigh (n / (C n_c)) to this power, of C labels: 0 is plain cross-entropy, 1 makes all classes count the same.</summary>
    public double ClassWeightExponent { get; init; }

    /// <summary>Gradients are scaled down to this length.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Dropout before the layers that classify, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.3;

    private protected virtual bool ScoresDimensions => false;

    private protected virtual bool LearnsLayers => false;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireLabels(Labels);
        RequireCount(Epochs, "epochs");
        Require(Patience is null or > 0, "patience", $"{Patience}", "null or at least 1");
        Require(
            DevMetric.Names.Contains(Metric) || (Metric == DevMetric.Concordance && ScoresDimensions), "metric", $"\"{Metric}\"",
            $"{string.Join(", ", DevMetric.Names)}, or {DevMetric.Concordance} with dimensions");
        RequirePositive(LearningRate, "learning_rate");
        RequireNotNegative(WeightDecay, "weight_decay");
        RequireShare(Warmup, "warmup");
        RequireShare(LabelSmoothing, "label_smoothing", below1: true);
        RequireNotNegative(ClassWeightExponent, "class_weight_exponent");
        RequirePositive(ClipNorm, "clip_norm");
        RequireShare(Dropout, "dropout", below1: true);
    }

    /// <summary>Throws unless a text encoder is named, once, and reads as much as a BERT can.</summary>
    protected void RequireEncoder(TextEncoderPart encoder)
    {
        Require((encoder.Folder is null) != (encoder.Repository is null), "text_encoder", $"{encoder}", "a folder or a repository");
        Require(encoder.MaxTokens is >= 3 and <= 512, "text_encoder.max_tokens", encoder.MaxTokens, "3 to 512");
        RequireWeights(encoder.LayerWeights, "text_encoder");
        RequireRepository(encoder.Repository, encoder.Revision, "text_encoder");
    }

    /// <summary>Throws unless an audio encoder is named, once.</summary>
    protected void RequireEncoder(AudioEncoderPart encoder)
    {
        bool moonshine = encoder.Kind == AudioEncoderPart.MoonshineTiny;
        Require(
            moonshine || AudioEncoderPart.Families.Contains(encoder.Kind), "audio_encoder.kind", $"\"{encoder.Kind}\"",
            $"\"{AudioEncoderPart.MoonshineTiny}\", {string.Join(", ", AudioEncoderPart.Families.Select(family => $"\"{family}\""))}");
        Require(
            moonshine ? (encoder.Folder ?? encoder.Repository) is null : (encoder.Folder is null) != (encoder.Repository is null),
            "audio_encoder", $"{encoder}", "of wav2vec2 a folder or a repository, of moonshine-tiny neither");
        Require(!moonshine || encoder.LayerWeights is null, "audio_encoder.layer_weights", "weights of moonshine-tiny", "none for it");
        RequireWeights(encoder.LayerWeights, "audio_encoder");
        RequireRepository(encoder.Repository, encoder.Revision, "audio_encoder");
    }

    /// <summary>Throws unless the sizes are those of a transformer over frames.</summary>
    protected void RequireTransformer(int modelWidth, int blocks, int heads, int feedForwardWidth)
    {
        Require(modelWidth >= 2 && modelWidth % 2 == 0, "model_width", modelWidth, "an even number of 2 or more");
        Require(blocks >= 0, "blocks", blocks, "at least 0");
        Require(heads >= 1 && modelWidth % heads == 0, "heads", heads, $"a divisor of model_width {modelWidth}");
        RequireCount(feedForwardWidth, "feed_forward_width");
    }

    /// <summary>
    /// The text encoder of the audio-text branch that a video branch will be joined with, with the numbers that its layers' weights came to;
    /// where none is named, the recipe's own.
    /// </summary>
    /// <exception cref="ModelException">That branch has no bundle yet.</exception>
    private protected TextEncoderPart TextEncoderOf(string? audioText, TextEncoderPart own)
    {
        if (audioText is null)
            return own;
        string bundle = BundleOrRun.Find(Resolve(audioText)).Best.Folder;
        TextEncoderPart part = BundleConfig.Load(Path.Combine(bundle, BundleConfig.FileName)).TextEncoder;
        return part.Folder is { } folder ? part with { Folder = Path.GetFullPath(folder, Path.GetFullPath(bundle)) } : part;
    }

    private void RequireWeights(IReadOnlyList<double>? weights, string field) => Require(
        LearnsLayers || weights is not { Count: 0 }, $"{field}.layer_weights", $"\"{LayerWeightsConverter.Learned}\"",
        "numbers, or audio_text, the run that learned them: audio-text-frozen can");

    private void RequireRepository(string? id, string? revision, string field)
    {
        if (id is null)
            return;
        try
        {
            _ = new HubRepository(id, revision ?? HubRepositories.Bert.Revision, []);
        }
        catch (ArgumentException e)
        {
            throw new RecipeException(File, field, e.Message, "owner/name, and a branch or commit", e);
        }
    }
}
