using Affekt.Evaluation;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
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
    private readonly IReadOnlyList<DimensionPart> _dimensions;
    private readonly int _labels;

    /// <param name="recipe">What to do.</param>
    /// <param name="branch">The branch, on the ranks' device.</param>
    /// <param name="train">The dialogues to learn from; may be none where nothing is trained.</param>
    /// <param name="dev">Those that choose the epoch.</param>
    /// <param name="ranks">The processes that train together.</param>
    /// <param name="dimensions">What is estimated beside the labels, with what it is standardized by; null for nothing.</param>
    public FeatureSteps(
        AudioTextFrozenRecipe recipe, AudioTextBranch branch, IReadOnlyList<FeatureDialogue> train, IReadOnlyList<FeatureDialogue> dev,
        TrainingRanks ranks, IReadOnlyList<DimensionPart>? dimensions = null)
    {
        _dimensions = dimensions ?? [];
        _labels = branch.Config.Outputs - _dimensions.Count;
        (_recipe, _branch, _train, _dev, _ranks) = (recipe, branch, train, dev, ranks);
        Optimizer = new AdamW(
        [
            new ParameterGroup([.. branch.NamedParameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
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
        double loss = 0, weight = Weight(share) / Weight(seen), values = Values(seen);
        if (weight > 0 || Values(share) > 0)
        {
            (AudioTextInput input, Tensor labels) = Batch(share);
            meter.Lap(TrainingPhase.Input);
            Tensor outputs = Outputs(input);
            Tensor? part = weight > 0 ? _crossEntropy.Of(outputs.Narrow(1, 0, _labels), labels) * weight : null;
            if (values > 0)
            {
                Tensor errors = SquaredErrors(outputs.Narrow(1, _labels, _dimensions.Count), share) * (_recipe.DimensionWeight / values);
                part = part is null ? errors : part + errors;
            }

            meter.Lap(TrainingPhase.Forward);
            part!.Backward();
            loss = part.Item();
        }

        return new BatchLoss(loss, batch.Sum(dialogue => dialogue.Count));
    }

    /// <inheritdoc/>
    public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
    {
        (Scores scores, double loss) = Score(_dev);
        Dictionary<string, double> metrics = new(DevMetric.All(trainLoss, scores, loss));
        foreach ((string name, double concordance) in Concordances(_dev))
            metrics[$"dev_ccc_{name}"] = concordance;
        return EpochScore.By(_recipe.Metric, metrics);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _crossEntropy.Dispose();
    }

    /// <summary>The scores on dialogues, and the mean loss over their labeled utterances, without smoothing or weights.</summary>
    public (Scores Scores, double Loss) Score(IReadOnlyList<FeatureDialogue> dialogues)
    {
        IReadOnlyList<(double[] Logits, Emotion Truth)> answers = Answers(dialogues);
        return (
            new ConfusionMatrix(answers.Select(answer => (answer.Truth, (Emotion)Array.IndexOf(answer.Logits, answer.Logits.Max()))), _labels).Score(),
            answers.Average(answer => Loss(answer.Logits, answer.Truth)));
    }

    /// <summary>What the branch says about each labeled utterance.</summary>
    public IReadOnlyList<(double[] Logits, Emotion Truth)> Answers(IReadOnlyList<FeatureDialogue> dialogues)
    {
        List<(double[], Emotion)> answers = [];
        foreach ((_, float[] outputs, long[] labels) in Run(dialogues))
        {
            foreach ((int place, long truth) in labels.Index().Where(label => label.Item >= 0))
            {
                int start = place * _branch.Config.Outputs;
                answers.Add((Array.ConvertAll(outputs[start..(start + _labels)], logit => (double)logit), (Emotion)truth));
            }
        }

        return answers;
    }

    /// <summary>The concordance of each dimension's estimates with its values, by name; those without a value are left out.</summary>
    public IReadOnlyDictionary<string, double> Concordances(IReadOnlyList<FeatureDialogue> dialogues)
    {
        if (_dimensions.Count == 0)
            return new Dictionary<string, double>();
        List<(double Truth, double Said)>[] pairs = [.. _dimensions.Select(_ => new List<(double Truth, double Said)>())];
        foreach ((FeatureDialogue[] chunk, float[] outputs, long[] labels) in Run(dialogues))
        {
            int time = labels.Length / chunk.Length;
            foreach ((int d, FeatureDialogue dialogue) in chunk.Index())
            {
                foreach ((int i, float[] values) in dialogue.Dimensions.Index())
                {
                    foreach ((int k, float value) in values.Index().Where(value => !float.IsNaN(value.Item)))
                    {
                        double said = outputs[(((d * time) + i) * _branch.Config.Outputs) + _labels + k];
                        pairs[k].Add((value, _dimensions[k].Mean + (_dimensions[k].Deviation * said)));
                    }
                }
            }
        }

        return _dimensions.Zip(pairs).Where(pair => pair.Second.Count > 0)
            .ToDictionary(pair => pair.First.Name, pair => DimensionScores.Of(pair.Second).Ccc);
    }

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

    // Cross-entropy, stably.
    private static double Loss(double[] logits, Emotion truth)
    {
        double most = logits.Max();
        return most + Math.Log(logits.Sum(logit => Math.Exp(logit - most))) - logits[(int)truth];
    }

    private double Weight(FeatureDialogue[] dialogues) =>
        _crossEntropy.Weight(dialogues.SelectMany(dialogue => dialogue.Labels).Select(label => (long)label));

    private (AudioTextInput Input, Tensor Labels) Batch(FeatureDialogue[] dialogues)
    {
        AudioTextConfig sizes = _branch.Config;
        BranchBatch batch = new(dialogues.Length, dialogues.Max(dialogue => dialogue.Count), sizes.AudioWidth);
        float[] texts = new float[Math.Max(1, dialogues.Sum(dialogue => dialogue.Count)) * sizes.TextWidth];
        int row = 0;
        foreach ((int d, FeatureDialogue dialogue) in dialogues.Index())
        {
            for (int i = 0; i < dialogue.Count; i++, row++)
            {
                dialogue.Text[i]?.CopyTo(texts, row * sizes.TextWidth);
                batch.Set(d, i, dialogue.Text[i] is null ? null : row, dialogue.Audio[i], dialogue.Metadata[i], dialogue.Labels[i]);
            }
        }

        Tensor rows = Tensor.From<float>(texts, texts.Length / sizes.TextWidth, sizes.TextWidth);
        return (batch.Input(rows).To(_ranks.Device), batch.Labels);
    }

    // How many values of dimensions there are.
    private int Values(FeatureDialogue[] dialogues) =>
        _dimensions.Count == 0 ? 0 : dialogues.Sum(dialogue => dialogue.Dimensions.Sum(values => values.Count(value => !float.IsNaN(value))));

    // The sum over all values that there are, each standardized.
    private Tensor SquaredErrors(Tensor said, FeatureDialogue[] dialogues)
    {
        int time = dialogues.Max(dialogue => dialogue.Count), wide = _dimensions.Count;
        float[] wanted = new float[dialogues.Length * time * wide], there = new float[wanted.Length];
        foreach ((int d, FeatureDialogue dialogue) in dialogues.Index())
        {
            foreach ((int i, float[] values) in dialogue.Dimensions.Index())
            {
                foreach ((int k, float value) in values.Index().Where(value => !float.IsNaN(value.Item)))
                {
                    int place = (((d * time) + i) * wide) + k;
                    (wanted[place], there[place]) = ((float)((value - _dimensions[k].Mean) / _dimensions[k].Deviation), 1);
                }
            }
        }

        Tensor error = (said - Tensor.From<float>(wanted, dialogues.Length * time, wide).To(said.Device))
            * Tensor.From<float>(there, dialogues.Length * time, wide).To(said.Device);
        return (error * error).Sum();
    }

    // [B * T, labels + dimensions].
    private Tensor Outputs(AudioTextInput input) =>
        _branch.Forward(input, _branch.Start(input.Text.Shape[0])).Logits.Reshape(-1, _branch.Config.Outputs);
}
