using Affekt.Evaluation;
using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>What the branch scores on the dev splits.</summary>
/// <param name="Text">MELD's dialogues, text with history.</param>
/// <param name="Sound">RAVDESS's sounds alone.</param>
/// <param name="Pairs">MELD's dialogues, each utterance with a sound of its label from RAVDESS's dev actors.</param>
internal sealed record DevScores(Scores Text, Scores Sound, Scores Pairs)
{
    // The pairs are the same for every epoch and seed.
    private const int PairSeed = 1;

    public static DevScores Of(AudioTextBranch branch, TextFeatures texts, AudioTextData data, AudioTextRecipe recipe)
    {
        Random random = new(PairSeed);
        ILookup<int, SoundExample> byLabel = data.DevSounds.ToLookup(sound => sound.Label);
        List<(int, int)> text = [], sound = [], pairs = [];
        foreach (DialogueExample dialogue in data.Dev)
        {
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            Tensor words = texts.Of([dialogue]);
            BranchBatch plain = new(1, dialogue.Labels.Count, MoonshineEncoder.Width);
            BranchBatch paired = new(1, dialogue.Labels.Count, MoonshineEncoder.Width);
            for (int i = 0; i < dialogue.Labels.Count; i++)
            {
                SoundExample[] fitting = [.. byLabel[dialogue.Labels[i]]];
                float[]? features = fitting.Length == 0 ? null : fitting[random.Next(fitting.Length)].Features;
                plain.Set(0, i, i, null, dialogue.Metadata[i], dialogue.Labels[i]);
                paired.Set(0, i, i, features, dialogue.Metadata[i], dialogue.Labels[i]);
            }

            text.AddRange(Answers(branch, plain, words, dialogue.Labels));
            pairs.AddRange(Answers(branch, paired, words, dialogue.Labels));
        }

        foreach (SoundExample[] chunk in data.DevSounds.Chunk(recipe.Sounds))
        {
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            BranchBatch batch = BranchBatches.OfSounds(chunk, data.Vocabulary);
            sound.AddRange(Answers(branch, batch, Tensor.Zeros(1, branch.Config.TextWidth), [.. chunk.Select(s => s.Label)]));
        }

        return new DevScores(Score(text), Score(sound), Score(pairs));
    }

    public IReadOnlyDictionary<string, double> ToMetrics(double loss) => new Dictionary<string, double>
    {
        ["train_loss"] = loss,
        ["dev_text_accuracy"] = Text.Accuracy,
        ["dev_text_weighted_f1"] = Text.WeightedF1,
        ["dev_text_macro_f1"] = Text.MacroF1,
        ["dev_sound_accuracy"] = Sound.Accuracy,
        ["dev_sound_uar"] = Sound.Uar,
        ["dev_pairs_accuracy"] = Pairs.Accuracy,
        ["dev_pairs_weighted_f1"] = Pairs.WeightedF1,
        ["dev_pairs_macro_f1"] = Pairs.MacroF1,
    };

    private static IEnumerable<(int Truth, int Predicted)> Answers(
        AudioTextBranch branch, BranchBatch batch, Tensor words, IReadOnlyList<int> labels)
    {
        AudioTextInput input = batch.Input(words);
        (Tensor logits, LstmState _) = branch.Forward(input, branch.Start(input.Text.Shape[0]));
        long[] answers = logits.Reshape(-1, Emotions.Count).ArgMax(1).ToArray<long>();
        return labels.Zip(answers, (label, answer) => (label, (int)answer));
    }

    private static Scores Score(IEnumerable<(int Truth, int Predicted)> pairs) => new ConfusionMatrix(pairs).Score();
}
