using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Branches;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>What a step of training and of scoring does with dialogues whose features are at hand.</summary>
internal sealed class FeatureSteps(
    AudioTextFeaturesRecipe recipe, AudioTextBranch branch, AdamW optimizer, WarmupCosine schedule, WeightedCrossEntropy crossEntropy,
    TrainingRanks ranks)
{
    // Dialogues that are scored together.
    private const int ScoredTogether = 32;

    /// <summary>Moves the weights once; the meter hears of each phase.</summary>
    public TrainingProgress Train(FeatureDialogue[] dialogues, Random random, EpochMeter meter)
    {
        using TensorScope scope = new();
        // All processes draw for all dialogues, and so draw the same.
        FeatureDialogue[] seen = [.. dialogues.Select(dialogue => dialogue.Withhold(recipe.ModalityDropout, recipe.SpeakerDropout, random))];
        FeatureDialogue[] share = ranks.Share(seen);
        double loss = 0, weight = Weight(share) / Weight(seen);
        if (weight > 0)
        {
            (AudioTextInput input, Tensor labels) = Batch(share);
            meter.Lap(TrainingPhase.Input);
            Tensor part = crossEntropy.Of(Logits(input), labels) * weight;
            meter.Lap(TrainingPhase.Forward);
            part.Backward();
            loss = part.Item();
        }

        loss = ranks.AddUp(loss, optimizer.Parameters);
        meter.Lap(TrainingPhase.Backward);
        double length = optimizer.ClipGradients(recipe.ClipNorm), rate = schedule.Factor(optimizer.Steps);
        TrainingException.ThrowUnlessFinite(meter, loss, length, optimizer, rate);
        optimizer.Step(rate);
        optimizer.ClearGradients();
        TrainingProgress progress = meter.Step(loss, dialogues.Sum(dialogue => dialogue.Count));
        meter.Lap(TrainingPhase.Optimizer);
        return progress;
    }

    /// <summary>The scores on dialogues, and the mean loss over their labelled utterances, without smoothing or weights.</summary>
    public (Scores Scores, double Loss) Score(IReadOnlyList<FeatureDialogue> dialogues)
    {
        IReadOnlyList<(double[] Logits, Emotion Truth)> answers = Answers(dialogues);
        return (
            new ConfusionMatrix(answers.Select(answer => (answer.Truth, (Emotion)Array.IndexOf(answer.Logits, answer.Logits.Max())))).Score(),
            answers.Average(answer => Loss(answer.Logits, answer.Truth)));
    }

    /// <summary>What the branch says about each labelled utterance.</summary>
    public IReadOnlyList<(double[] Logits, Emotion Truth)> Answers(IReadOnlyList<FeatureDialogue> dialogues)
    {
        using GradMode noGrad = GradMode.NoGrad();
        List<(double[], Emotion)> answers = [];
        foreach (FeatureDialogue[] chunk in dialogues.OrderBy(dialogue => dialogue.Count).Chunk(ScoredTogether))
        {
            using TensorScope scope = new();
            (AudioTextInput input, Tensor labels) = Batch(chunk);
            float[] logits = Logits(input).ToArray<float>();
            foreach ((int place, long truth) in labels.ToArray<long>().Index().Where(label => label.Item >= 0))
                answers.Add((Array.ConvertAll(logits[(place * Emotions.Count)..((place + 1) * Emotions.Count)], logit => (double)logit), (Emotion)truth));
        }

        return answers;
    }

    // Cross-entropy, stably.
    private static double Loss(double[] logits, Emotion truth)
    {
        double most = logits.Max();
        return most + Math.Log(logits.Sum(logit => Math.Exp(logit - most))) - logits[(int)truth];
    }

    private double Weight(FeatureDialogue[] dialogues) =>
        crossEntropy.Weight(dialogues.SelectMany(dialogue => dialogue.Labels).Select(label => (long)label));

    private (AudioTextInput Input, Tensor Labels) Batch(FeatureDialogue[] dialogues)
    {
        AudioTextConfig sizes = branch.Config;
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
        return (batch.Input(rows).To(ranks.Device), batch.Labels);
    }

    private Tensor Logits(AudioTextInput input) =>
        branch.Forward(input, branch.Start(input.Text.Shape[0])).Logits.Reshape(-1, Emotions.Count);
}
