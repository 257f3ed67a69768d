using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>The audio-text branch on dialogues whose features are at hand: what a step of training and of scoring does.</summary>
internal sealed class FeatureSteps : ITrainingTask<FeatureDialogue[]>, IDisposable
{
    // Dialogues that are scored together.
    private const int ScoredTogether = 32;

    private readonly AudioTextFrozenRecipe _recipe;
    private readonly AudioTextBranch _branch;
    private readonly IReadOnlyList<FeatureDialogue> _train, _dev;
    private readonly TrainingRanks _ranks;
    private readonly WeightedCrossEntropy _crossEntropy;
    private readonly DimensionTask _dimensions;
    private readonly int _labels;

    /// <param name="recipe">What to do.</param>
    /// <param name="branch">The branch, on the ranks' device.</param>
    /// <param name="train">The dialogues to learn from; may be none where nothing is trained.</param>
    /// <param name="dev">Those that choose the epoch.</param>
    /// <param name="ranks">The processes that train together.</param>
    /// <param name="dimensions">What is estimated beside the labels; null for nothing.</param>
    public FeatureSteps(
        AudioTextFrozenRecipe recipe, AudioTextBranch branch, IReadOnlyList<FeatureDialogue> train, IReadOnlyList<FeatureDialogue> dev,
        TrainingRanks ranks, DimensionTask? dimensions = null)
    {
        _dimensions = dimensions ?? DimensionTask.None;
        _labels = branch.Config.Outputs - _dimensions.Count;
        (_recipe, _branch, _train, _dev, _ranks) = (recipe, branch, train, dev, ranks);

        // Decay would draw the layers' weights to where all are the same.
        ILookup<bool, (string Name, Tensor Tensor)> ofLayers = branch.NamedParameters().ToLookup(parameter => AudioTextBranch.IsOfLayers(parameter.Name));
        Optimizer = new AdamW(
        [
            new ParameterGroup([.. ofLayers[false]], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
            new ParameterGroup([.. ofLayers[true]], recipe.LayerLearningRate, new AdamWOptions { WeightDecay = 0 }),
        ]);
        _crossEntropy = new WeightedCrossEntropy(
            train.Count == 0
                ? null
                : ClassWeights.Of(
                    train.SelectMany(dialogue => dialogue.Labels).Where(label => label != DialogueExample.NoLabel), recipe.ClassWeightExponent,
                    _labels),
            recipe.LabelSmoothing, ranks.Device);
    }

    /// <inheritdoc/>
    public AdamW Optimizer { get; }

    /// <inheritdoc/>
    public IEnumerable<(string Name, Tensor Tensor)> Weights => _branch.State();

    /// <inheritdoc/>
    public void Train(bool training) => _branch.Train(training);

    /// <inheritdoc/>
    public IEnumerable<FeatureDialogue[]> Batches(int epoch, Random random, CancellationToken cancellation) =>
        FeatureDialogue.Steps(_train, _recipe.Dialogues, random);

    /// <inheritdoc/>
    public BatchLoss Backward(FeatureDialogue[] batch, Random random, EpochMeter meter)
    {
        // All processes draw for all dialogues, and so draw the same.
        FeatureDialogue[] seen = [.. batch.Select(dialogue => dialogue.Withhold(_recipe.ModalityDropout, _recipe.SpeakerDropout, random))];
        FeatureDialogue[] share = _ranks.Shard(seen);
        double loss = 0, weight = Weight(share) / Weight(seen);
        int values = _dimensions.Known(seen.SelectMany(dialogue => dialogue.Dimensions));
        if (weight > 0 || (values > 0 && share.Length > 0))
        {
            (AudioTextInput input, Tensor labels) = Batch(share);
            meter.Lap(TrainingPhase.Input);
            Tensor? part = _dimensions.JointLoss(_crossEntropy, Outputs(input), labels, weight, Values(share), values);
            meter.Lap(TrainingPhase.Forward);
            part?.Backward();
            loss = part?.Item() ?? 0;
        }

        return new BatchLoss(loss, batch.Sum(dialogue => dialogue.Count));
    }

    /// <inheritdoc/>
    public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
    {
        Dictionary<string, double> metrics = Answers(_dev).ToMetrics(trainLoss);
        _dimensions.AddTo(metrics, Estimates(_dev));
        return EpochScore.By(_recipe.Metric, metrics);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _crossEntropy.Dispose();
    }

    /// <summary>What the branch says about each labeled utterance.</summary>
    public DevAnswers Answers(IReadOnlyList<FeatureDialogue> dialogues)
    {
        DevAnswers answers = new();
        foreach ((_, float[] outputs, long[] labels) in Run(dialogues))
            answers.Add(outputs.Chunk(_branch.Config.Outputs).Select(row => row[.._labels]), labels);
        return answers;
    }

    // Each utterance's values beside what the branch estimates.
    private IReadOnlyList<(float[] Values, float[] Said)> Estimates(IReadOnlyList<FeatureDialogue> dialogues) => _dimensions.Count == 0
        ? []
        : [.. Run(dialogues).SelectMany(run => Values(run.Chunk).Zip(run.Outputs.Chunk(_branch.Config.Outputs), (values, said) => (values, said[_labels..])))];

    // What the branch says of dialogues, a few of about the same length at once.
    private IEnumerable<(FeatureDialogue[] Chunk, float[] Outputs, long[] Labels)> Run(IReadOnlyList<FeatureDialogue> dialogues)
    {
        using GradMode noGrad = GradMode.NoGrad();
        foreach (FeatureDialogue[] chunk in dialogues.OrderBy(dialogue => dialogue.Count).Chunk(ScoredTogether))
        {
            using TensorScope scope = new();
            (AudioTextInput input, Tensor labels) = Batch(chunk);
            yield return (chunk, Outputs(input).ToArray<float>(), labels.ToArray<long>());
        }
    }

    private double Weight(FeatureDialogue[] dialogues) =>
        _crossEntropy.Weight(dialogues.SelectMany(dialogue => dialogue.Labels).Select(label => (long)label));

    private (AudioTextInput Input, Tensor Labels) Batch(FeatureDialogue[] dialogues)
    {
        int textWidth = _branch.Config.TextWidth * (_branch.TextLayers?.Layers ?? 1), audioWidth = _branch.Config.AudioWidth * (_branch.AudioLayers?.Layers ?? 1);
        BranchBatch batch = new(dialogues.Length, dialogues.Max(dialogue => dialogue.Count), audioWidth);
        float[] texts = new float[Math.Max(1, dialogues.Sum(dialogue => dialogue.Count)) * textWidth];
        int row = 0;
        foreach ((int d, FeatureDialogue dialogue) in dialogues.Index())
        {
            for (int i = 0; i < dialogue.Count; i++, row++)
            {
                dialogue.Text[i]?.CopyTo(texts, row * textWidth);
                batch.Set(d, i, dialogue.Text[i] is null ? null : row, dialogue.Audio[i], dialogue.Metadata[i], dialogue.Labels[i]);
            }
        }

        Tensor rows = Tensor.From<float>(texts, texts.Length / textWidth, textWidth);
        return (batch.Input(rows).To(_ranks.Device), batch.Labels);
    }

    // [B * T] rows of values, none for padding.
    private static float[][] Values(FeatureDialogue[] dialogues)
    {
        int time = dialogues.Max(dialogue => dialogue.Count);
        return [.. dialogues.SelectMany(dialogue => Enumerable.Range(0, time).Select(i => dialogue.Dimensions.ElementAtOrDefault(i) ?? []))];
    }

    // [B * T, labels + dimensions].
    private Tensor Outputs(AudioTextInput input) =>
        _branch.Forward(input, _branch.Start(input.Text.Shape[0])).Logits.Reshape(-1, _branch.Config.Outputs);
}
