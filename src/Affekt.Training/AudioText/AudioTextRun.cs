using System.Diagnostics;
using Affekt.Corpora;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Text;
using Affekt.Models.Weights;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;
using Affekt.Training.Text;

namespace Affekt.Training.AudioText;

/// <summary>
/// Trains the audio-text branch, and the text encoder along with it where the recipe says so. Each step sees a few
/// dialogues, some of them paired with sounds of the same labels, and a batch of sounds without text. The epoch that
/// MELD's dev split likes best is kept as a bundle, whose temperatures are then fitted on dev.
/// </summary>
public static class AudioTextRun
{
    /// <summary>The file in a run's folder that names the folder of the seed whose dev score is best.</summary>
    public const string BestFile = "best";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to write: a folder for each seed, which is a bundle.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static void Follow(
        AudioTextRecipe recipe, string folder, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        AudioTextData data;
        using (TextEncoder encoder = LoadEncoder(recipe))
            data = AudioTextData.Read(recipe, encoder, progress, cancellation);
        (string Name, double Score) best = ("", double.NegativeInfinity);
        foreach (int seed in recipe.Seeds)
        {
            string name = $"seed-{seed}";
            RunFolder run = new(Path.Combine(folder, name), recipe);
            double score = Train(recipe, data, seed, run, progress, cancellation);
            if (score > best.Score)
                best = (name, score);
            File.WriteAllText(Path.Combine(folder, BestFile), best.Name + "\n");
        }
    }

    private static TextEncoder LoadEncoder(AudioTextRecipe recipe)
    {
        string folder = recipe.Resolve(recipe.TextEncoder);
        WordPieceTokenizer tokenizer = new(
            WordPieceVocabulary.Load(Path.Combine(folder, "vocab.txt")), new WordPieceOptions { MaxLength = recipe.MaxTokens });
        TextEncoder encoder = TextEncoder.Load(folder, tokenizer);
        encoder.Network.UseMixedPrecision(recipe.Precision == "bf16");
        return encoder;
    }

    private static double Train(
        AudioTextRecipe recipe, AudioTextData data, int seed, RunFolder run, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed(seed);
        Random random = new(seed);
        using TextEncoder encoder = LoadEncoder(recipe);
        using AudioTextBranch branch = NewBranch(recipe, data, encoder);
        TextFeatures texts = new(encoder, recipe.TrainTextEncoder, [.. data.Train, .. data.Dev]);
        BranchBatches batches = new(recipe, data, random);
        int steps = (data.Train.Count + recipe.Dialogues - 1) / recipe.Dialogues;
        WarmupCosine schedule = new((long)steps * recipe.Epochs, recipe.Warmup);
        using AdamW optimizer = NewOptimizer(recipe, encoder, branch);
        using Tensor dialogueWeights = Weights(data.Train.SelectMany(dialogue => dialogue.Labels), recipe.ClassWeightExponent);
        using Tensor soundWeights = Weights(data.TrainSounds.Select(sound => sound.Label), 1);

        double best = double.NegativeInfinity;
        for (int epoch = 1; epoch <= recipe.Epochs; epoch++)
        {
            branch.Train();
            encoder.Network.Train(recipe.TrainTextEncoder);
            DialogueExample[][] order = batches.ShuffledDialogues();
            long started = Stopwatch.GetTimestamp();
            double lossSum = 0;
            int done = 0;
            for (int step = 0; step < order.Length; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                using (TensorScope scope = new())
                {
                    BranchBatch dialogues = batches.Dialogues(order[step]);
                    BranchBatch sounds = batches.Sounds();
                    Tensor words = texts.Of(order[step]);
                    Tensor loss = Loss(branch, dialogues, words, dialogueWeights, recipe.LabelSmoothing)
                        + Loss(branch, sounds, words, soundWeights, recipe.SoundLabelSmoothing);
                    loss.Backward();
                    optimizer.ClipGradients(recipe.ClipNorm);
                    optimizer.Step(schedule.Factor(optimizer.Steps));
                    optimizer.ClearGradients();
                    lossSum += loss.Item();
                }

                done += order[step].Sum(dialogue => dialogue.Labels.Count);
                progress.Report(new TrainingProgress(
                    run.Name, epoch, recipe.Epochs, step + 1, order.Length, lossSum / (step + 1),
                    done / Stopwatch.GetElapsedTime(started).TotalSeconds));
            }

            branch.Train(false);
            encoder.Network.Train(false);
            DevScores dev = DevScores.Of(branch, texts, data, recipe);
            run.Log("train", epoch, dev.ToMetrics(lossSum / order.Length));
            bool better = dev.Text.WeightedF1 > best;
            if (better)
            {
                best = dev.Text.WeightedF1;
                BundleWriter.Write(run, recipe, data.Vocabulary, encoder, branch);
            }

            progress.Report(new TrainingProgress(
                run.Name, epoch, recipe.Epochs, order.Length, order.Length, lossSum / order.Length,
                done / Stopwatch.GetElapsedTime(started).TotalSeconds,
                FormattableString.Invariant(
                    $"dev weighted F1 {dev.Text.WeightedF1:F4}, sound UAR {dev.Sound.Uar:F4}, pairs {dev.Pairs.WeightedF1:F4}{(better ? " *" : "")}")));
        }

        run.Log("calibrated", recipe.Epochs, BundleCalibrator.Calibrate(run, recipe, data));
        return best;
    }

    private static AudioTextBranch NewBranch(AudioTextRecipe recipe, AudioTextData data, TextEncoder encoder)
    {
        AudioTextBranch branch = new(new AudioTextConfig
        {
            TextWidth = encoder.Width,
            AudioWidth = AudioEncoder.Width,
            MetadataSizes = data.Vocabulary.Sizes,
            LstmWidth = recipe.LstmWidth,
            HeadWidth = recipe.HeadWidth,
            Dropout = recipe.Dropout,
            InputDropout = recipe.InputDropout,
            DirectLogits = true,
            DirectAudioDropout = recipe.DirectAudioDropout,
        });
        (float[] mean, float[] deviation) = data.AudioStatistics();
        branch.SetAudioStatistics(mean, deviation);
        string head = Path.Combine(recipe.Resolve(recipe.TextEncoder), TextEncoderRun.HeadFile);
        if (File.Exists(head))
            NetworkState.Load(branch.DirectText!, head);
        return branch;
    }

    private static AdamW NewOptimizer(AudioTextRecipe recipe, TextEncoder encoder, AudioTextBranch branch)
    {
        AdamWOptions decay = new() { WeightDecay = recipe.WeightDecay };
        bool ofText(string name) => name.StartsWith("direct_text.", StringComparison.Ordinal);
        encoder.Network.RequireGrad(recipe.TrainTextEncoder);
        return new AdamW(
        [
            new ParameterGroup(
            [
                .. recipe.TrainTextEncoder ? encoder.Network.NamedParameters().Select(p => ($"text.{p.Name}", p.Tensor)) : [],
                .. branch.NamedParameters().Where(p => ofText(p.Name)),
            ],
            recipe.TextLearningRate, decay),
            new ParameterGroup([.. branch.NamedParameters().Where(p => !ofText(p.Name))], recipe.LearningRate, decay),
        ]);
    }

    private static Tensor Weights(IEnumerable<int> labels, double exponent) => Tensor.From<float>(
        ClassWeights.Of(labels.Where(label => label != DialogueExample.NoLabel), exponent), Emotions.Count);

    private static Tensor Loss(AudioTextBranch branch, BranchBatch batch, Tensor texts, Tensor weights, double smoothing)
    {
        AudioTextInput input = batch.Input(texts);
        (Tensor logits, _) = branch.Forward(input, branch.Start(input.Text.Shape[0]));
        return logits.Reshape(-1, Emotions.Count).CrossEntropy(batch.Labels, weights, smoothing);
    }
}
