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
/// MELD's dev split likes best becomes a bundle, whose temperatures are fitted on dev.
/// </summary>
public static class AudioTextRun
{
    /// <summary>The file in a run's folder that names the folder of the seed whose dev score is best.</summary>
    public const string BestFile = "best";

    private const string Stage = "train";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to write: a folder for each seed, which is a bundle.</param>
    /// <param name="resume">Whether to go on with the run that the folder holds.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static void Follow(
        AudioTextRecipe recipe, string folder, bool resume, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        AudioTextData data;
        using (TextEncoder encoder = LoadEncoder(recipe))
            data = AudioTextData.Read(recipe, encoder, progress, cancellation);
        List<RunFolder> runs = [];
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = RunFolder.Open(Path.Combine(folder, $"seed-{seed}"), recipe, resume);
            if (!run.State.IsFinished)
                Train(recipe, data, seed, run, progress, cancellation);
            runs.Add(run);
            File.WriteAllText(Path.Combine(folder, BestFile), runs.MaxBy(ended => ended.State.BestScore)!.Name + "\n");
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

    private static void Train(
        AudioTextRecipe recipe, AudioTextData data, int seed, RunFolder run, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed(seed);
        using TextEncoder encoder = LoadEncoder(recipe);
        using AudioTextBranch branch = NewBranch(recipe, data, encoder);
        TextFeatures texts = new(encoder, recipe.TrainTextEncoder, [.. data.Train, .. data.Dev]);
        int steps = (data.Train.Count + recipe.Dialogues - 1) / recipe.Dialogues;
        WarmupCosine schedule = new((long)steps * recipe.Epochs, recipe.Warmup);
        using AdamW optimizer = NewOptimizer(recipe, encoder, branch);
        using Tensor dialogueWeights = Weights(data.Train.SelectMany(dialogue => dialogue.Labels), recipe.ClassWeightExponent);
        using Tensor soundWeights = Weights(data.TrainSounds.Select(sound => sound.Label), 1);
        (string, Tensor)[] trained =
            [.. encoder.Network.State().Select(entry => ($"text.{entry.Name}", entry.Tensor)), .. branch.State()];

        run.RestoreLast(trained, optimizer);
        for (int epoch = run.State.Epoch + 1; epoch <= recipe.Epochs && !run.State.HasStalled(Stage, recipe.Patience); epoch++)
        {
            BranchBatches batches = new(recipe, data, RunSeeds.StartEpoch(seed, 0, epoch));
            branch.Train();
            encoder.Network.Train(recipe.TrainTextEncoder);
            EpochMeter meter = new(run.Name, epoch, recipe.Epochs, steps);
            foreach (DialogueExample[] chosen in batches.ShuffledDialogues())
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope scope = new();
                BranchBatch dialogues = batches.Dialogues(chosen);
                BranchBatch sounds = batches.Sounds();
                Tensor words = texts.Of(chosen);
                Tensor loss = Loss(branch, dialogues, words, dialogueWeights, recipe.LabelSmoothing)
                    + Loss(branch, sounds, words, soundWeights, recipe.SoundLabelSmoothing);
                loss.Backward();
                double length = optimizer.ClipGradients(recipe.ClipNorm), rate = schedule.Factor(optimizer.Steps);
                TrainingException.ThrowUnlessFinite(meter, loss.Item(), length, optimizer, rate);
                optimizer.Step(rate);
                optimizer.ClearGradients();
                progress.Report(meter.Step(loss.Item(), chosen.Sum(dialogue => dialogue.Labels.Count)));
            }

            branch.Train(false);
            encoder.Network.Train(false);
            DevScores dev = DevScores.Of(branch, texts, data, recipe);
            run.Log(Stage, epoch, dev.ToMetrics(meter.MeanLoss));
            bool better = run.EndEpoch(Stage, epoch, dev.Text.WeightedF1, trained, optimizer);
            progress.Report(meter.End(FormattableString.Invariant(
                $"dev weighted F1 {dev.Text.WeightedF1:F4}, sound UAR {dev.Sound.Uar:F4}, pairs {dev.Pairs.WeightedF1:F4}{(better ? " *" : "")}")));
        }

        run.RestoreBest(trained);
        BundleWriter.Write(run, recipe, data, encoder, branch);
        run.Log("calibrated", run.State.Epoch, BundleCalibrator.Calibrate(run, recipe, data));
        run.Finish();
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
