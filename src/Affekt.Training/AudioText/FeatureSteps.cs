using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Branches;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>What a step of training and of scoring does with dialogues whose features are at hand.</summary>
internal sealed class FeatureSteps(AudioTextFeaturesRecipe recipe, AudioTextBranch branch, AdamW optimizer, WarmupCosine schedule, Tensor? classWeights)
{
    // Dialogues that are scored together.
    private const int ScoredTogether = 32;

    /// <summary>Moves the weights once; the meter hears of each phase.</summary>
    public TrainingProgress Train(FeatureDialogue[] dialogues, Random random, EpochMeter meter)
    {
        using TensorScope scope = new();
        (AudioTextInput input, Tensor labels) = Batch(branch.Config, dialogues, (recipe.ModalityDropout, recipe.SpeakerDropout), random);
        meter.Lap(TrainingPhase.Input);
        Tensor loss = Logits(input).CrossEntropy(labels, classWeights, recipe.LabelSmoothing);
        meter.Lap(TrainingPhase.Forward);
        loss.Backward();
        meter.Lap(TrainingPhase.Backward);
        optimizer.ClipGradients(recipe.ClipNorm);
        optimizer.Step(schedule.Factor(optimizer.Steps));
        optimizer.ClearGradients();
        TrainingProgress progress = meter.Step(loss.Item(), dialogues.Sum(dialogue => dialogue.Count));
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
            (AudioTextInput input, Tensor labels) = Batch(branch.Config, chunk, (0, 0), null);
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

    private static (AudioTextInput Input, Tensor Labels) Batch(
        AudioTextConfig sizes, FeatureDialogue[] dialogues, (double Modality, double Speaker) dropout, Random? random)
    {
        BranchBatch batch = new(dialogues.Length, dialogues.Max(dialogue => dialogue.Count), sizes.AudioWidth);
        float[] texts = new float[Math.Max(1, dialogues.Sum(dialogue => dialogue.Count)) * sizes.TextWidth];
        int row = 0;
        for (int d = 0; d < dialogues.Length; d++)
        {
            bool speakersHidden = random?.NextDouble() < dropout.Speaker;
            for (int i = 0; i < dialogues[d].Count; i++, row++)
            {
                float[]? text = dialogues[d].Text[i], audio = dialogues[d].Audio[i];
                if (text is not null && audio is not null)
                {
                    // At most one of the two goes: something must be left to learn from.
                    if (random?.NextDouble() < dropout.Modality)
                        text = null;
                    else if (random?.NextDouble() < dropout.Modality)
                        audio = null;
                }

                text?.CopyTo(texts, row * sizes.TextWidth);
                MetadataFeatures metadata = dialogues[d].Metadata[i];
                batch.Set(
                    d, i, text is null ? null : row, audio, speakersHidden ? metadata with { Speaker = 0 } : metadata, dialogues[d].Labels[i]);
            }
        }

        return (batch.Input(Tensor.From<float>(texts, texts.Length / sizes.TextWidth, sizes.TextWidth)), batch.Labels);
    }

    private Tensor Logits(AudioTextInput input) =>
        branch.Forward(input, branch.Start(input.Text.Shape[0])).Logits.Reshape(-1, Emotions.Count);
}
