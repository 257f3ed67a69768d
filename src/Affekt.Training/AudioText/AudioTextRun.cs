using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Text;
using Affekt.Networks;
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
internal static class AudioTextRun
{
    /// <summary>The file in a run's folder that names the folder of the seed whose dev score is best.</summary>
    public const string BestFile = "best";

    private const string Stage = "train";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    public static void Follow(AudioTextRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        AudioTextData data;
        using (TrainedTextEncoder encoder = LoadEncoder(recipe))
            data = AudioTextData.Read(recipe, encoder, context.Progress, cancellation);
        List<RunFolder> runs = [];
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = context.OpenSeed(recipe, seed);
            if (!run.State.IsFinished)
                Train(recipe, data, seed, run, context, cancellation);
            runs.Add(run);
            AtomicFile.Write(Path.Combine(context.Folder, BestFile), runs.MaxBy(ended => ended.State.BestScore)!.Name + "\n");
        }
    }

    private static TrainedTextEncoder LoadEncoder(AudioTextRecipe recipe)
    {
        string folder = recipe.Resolve(recipe.TextEncoder);
        WordPieceTokenizer tokenizer = new(
            WordPieceVocabulary.Load(Path.Combine(folder, "vocab.txt")), new WordPieceOptions { MaxLength = recipe.MaxTokens });
        TrainedTextEncoder encoder = TrainedTextEncoder.Load(folder, tokenizer);
        encoder.Network.UseMixedPrecision(recipe.Precision == "bf16");
        return encoder;
    }

    private static void Train(
        AudioTextRecipe recipe, AudioTextData data, int seed, RunFolder run, RunContext context, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed(seed);
        using TrainedTextEncoder encoder = LoadEncoder(recipe);
        using AudioTextBranch branch = NewBranch(recipe, data, encoder);
        using Task task = new(recipe, data, encoder, branch);
        TrainingLoop.Run(
            new LoopOptions
            {
                Stage = Stage,
                Name = run.Name,
                Seed = seed,
                Steps = LoopOptions.Same(LoopOptions.StepsFor(data.Train.Count, recipe.Dialogues), recipe.Epochs),
                Warmup = recipe.Warmup,
                ClipNorm = recipe.ClipNorm,
                Patience = recipe.Patience,
            },
            task, run, context, cancellation);
        run.RestoreBest(task.Weights);
        BundleWriter.Write(run, recipe, data, encoder, branch);
        run.Log("calibrated", run.State.Epoch, BundleCalibrator.Calibrate(run, recipe, data));
        run.Finish();
    }

    private static AudioTextBranch NewBranch(AudioTextRecipe recipe, AudioTextData data, TrainedTextEncoder encoder)
    {
        AudioTextBranch branch = new(new AudioTextConfig
        {
            TextWidth = encoder.Width,
            AudioWidth = MoonshineEncoder.Width,
            MetadataSizes = data.Vocabulary.Sizes,
            LstmWidth = recipe.LstmWidth,
            HeadWidth = recipe.HeadWidth,
            Dropout = recipe.Dropout,
            InputDropout = recipe.InputDropout,
            DirectLogits = true,
            DirectAudioDropout = recipe.DirectAudioDropout,
        });
        (float[] mean, float[] deviation) = FeatureStatistics.Of(data.TrainSounds.Select(sound => sound.Features), MoonshineEncoder.Width);
        branch.SetAudioStatistics(mean, deviation);
        string head = Path.Combine(recipe.Resolve(recipe.TextEncoder), TextEncoderRun.HeadFile);
        if (File.Exists(head))
            NetworkState.Load(branch.DirectText!, head);
        return branch;
    }

    private static AdamW NewOptimizer(AudioTextRecipe recipe, TrainedTextEncoder encoder, AudioTextBranch branch)
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

    private static Tensor ClassWeight(IEnumerable<int> labels, double exponent) => Tensor.From<float>(
        ClassWeights.Of(labels.Where(label => label != DialogueExample.NoLabel), exponent), Emotions.Count);

    private static Tensor Loss(AudioTextBranch branch, BranchBatch batch, Tensor texts, Tensor weights, double smoothing)
    {
        AudioTextInput input = batch.Input(texts);
        (Tensor logits, _) = branch.Forward(input, branch.Start(input.Text.Shape[0]));
        return logits.Reshape(-1, Emotions.Count).CrossEntropy(batch.Labels, weights, smoothing);
    }

    private sealed class Task : ITrainingTask<DialogueExample[]>, IDisposable
    {
        private readonly AudioTextRecipe _recipe;
        private readonly AudioTextData _data;
        private readonly TrainedTextEncoder _encoder;
        private readonly AudioTextBranch _branch;
        private readonly TextFeatures _texts;
        private readonly Tensor _dialogueWeights, _soundWeights;
        private BranchBatches? _batches;

        public Task(AudioTextRecipe recipe, AudioTextData data, TrainedTextEncoder encoder, AudioTextBranch branch)
        {
            (_recipe, _data, _encoder, _branch) = (recipe, data, encoder, branch);
            _texts = new TextFeatures(encoder, recipe.TrainTextEncoder, [.. data.Train, .. data.Dev]);
            Optimizer = NewOptimizer(recipe, encoder, branch);
            _dialogueWeights = ClassWeight(data.Train.SelectMany(dialogue => dialogue.Labels), recipe.ClassWeightExponent);
            _soundWeights = ClassWeight(data.TrainSounds.Select(sound => sound.Label), 1);
            Weights = [.. encoder.Network.State().Select(entry => ($"text.{entry.Name}", entry.Tensor)), .. branch.State()];
        }

        public AdamW Optimizer { get; }

        public IEnumerable<(string Name, Tensor Tensor)> Weights { get; }

        public void Train(bool training)
        {
            _branch.Train(training);
            _encoder.Network.Train(training && _recipe.TrainTextEncoder);
        }

        public IEnumerable<DialogueExample[]> Batches(int epoch, Random random, CancellationToken cancellation)
        {
            _batches = new BranchBatches(_recipe, _data, random);
            return _batches.ShuffledDialogues();
        }

        public BatchLoss Backward(DialogueExample[] batch, Random random, EpochMeter meter)
        {
            BranchBatch dialogues = _batches!.Dialogues(batch);
            BranchBatch sounds = _batches.Sounds();
            Tensor words = _texts.Of(batch);
            Tensor loss = Loss(_branch, dialogues, words, _dialogueWeights, _recipe.LabelSmoothing)
                + Loss(_branch, sounds, words, _soundWeights, _recipe.SoundLabelSmoothing);
            loss.Backward();
            return new BatchLoss(loss.Item(), batch.Sum(dialogue => dialogue.Labels.Count));
        }

        public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
        {
            DevScores dev = DevScores.Of(_branch, _texts, _data, _recipe);
            return new EpochScore(dev.Text.WeightedF1, dev.ToMetrics(trainLoss), FormattableString.Invariant(
                $"dev weighted F1 {dev.Text.WeightedF1:F4}, sound UAR {dev.Sound.Uar:F4}, pairs {dev.Pairs.WeightedF1:F4}"));
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            _dialogueWeights.Dispose();
            _soundWeights.Dispose();
        }
    }
}
