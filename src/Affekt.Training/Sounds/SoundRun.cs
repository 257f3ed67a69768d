using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>
/// Trains the sound branch on several corpora. Each sound is heard against a baseline of other sounds of its speaker, whose
/// number is drawn; some voices are unknown. Home corpora have networks of their own besides, and a gate. The epoch that speakers and corpora not trained on like best, with and without
/// baselines, is calibrated on them and kept.
/// </summary>
internal static class SoundRun
{
    private const string Stage = "sound";

    /// <summary>Follows a recipe.</summary>
    public static void Follow(SoundRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        RunFolder run = context.Open(recipe);
        if (run.State.IsFinished)
            return;
        IReadOnlyList<VoicedSounds> train = VoicedSounds.Read(recipe, recipe.Train, recipe.Copies, context.Progress, cancellation);
        IReadOnlyList<VoicedSounds> choose = VoicedSounds.Read(recipe, recipe.Choose, [], context.Progress, cancellation);
        TorchRuntime.ManualSeed(recipe.Seeds[0]);
        using SoundBranch branch = NewBranch(recipe, train);
        Train(recipe, train, choose, branch, run, context, cancellation);
        run.RestoreBest(branch.State());
        Finish(recipe, branch, train, choose, run);
    }

    private static void Train(
        SoundRecipe recipe, IReadOnlyList<VoicedSounds> train, IReadOnlyList<VoicedSounds> choose, SoundBranch branch, RunFolder run,
        RunContext context, CancellationToken cancellation)
    {
        IReadOnlyList<VoicedSounds> home = [.. train.Where(corpus => corpus.Home)];
        using Task task = new(
            recipe, branch, new SoundDraws(recipe, train), recipe.HomeNetworks > 0 ? new SoundDraws(recipe, home) : null, choose);
        TrainingLoop.Run(
            new LoopOptions
            {
                Stage = Stage,
                Name = run.Name,
                Seed = recipe.Seeds[0],
                Steps = LoopOptions.Same(task.Steps, recipe.Epochs),
                Warmup = recipe.Warmup,
                Patience = recipe.Patience,
            },
            task, run, context, cancellation);
    }

    // Mixed sounds have mixed labels (mixup; Zhang et al., 2018): each is joined with its neighbor in the batch.
    private static Tensor Loss(
        SoundRecipe recipe, Func<Tensor, IReadOnlyList<Tensor>> networks, Tensor read, Tensor labels, Random random)
    {
        if (recipe.Mixing == 0)
            return Sum(networks(read), labels);
        double share = SoundDraws.Beta(recipe.Mixing, random);
        Tensor next = Tensor.From<long>([.. Enumerable.Range(1, recipe.Batch).Select(row => (long)row % recipe.Batch)], recipe.Batch);
        IReadOnlyList<Tensor> logits = networks((read * share) + (read.IndexSelect(0, next) * (1 - share)));
        return (Sum(logits, labels) * share) + (Sum(logits, labels.IndexSelect(0, next)) * (1 - share));

        Tensor Sum(IReadOnlyList<Tensor> answers, Tensor truth) => answers.Select(answer => answer.CrossEntropy(truth, null, recipe.LabelSmoothing))
            .Aggregate((sum, one) => sum + one);
    }

    // Both kinds count the same, however often each is drawn: the prior odds are the branch's own.
    private static Tensor GateLoss(SoundBranch branch, Tensor usual, Tensor home, double share)
    {
        Tensor logit = branch.Gate(usual);
        return Tensor.Concat([logit.ZerosLike(), logit], 1).CrossEntropy(home, Tensor.From<float>([(float)share, (float)(1 - share)], 2));
    }

    private static SoundBranch NewBranch(SoundRecipe recipe, IReadOnlyList<VoicedSounds> train)
    {
        float[][] all = [.. train.SelectMany(corpus => corpus.Sounds).SelectMany(sound => sound.Copies)];
        (float[] mean, float[] deviation) = FeatureStatistics.Of(all, MoonshineEncoder.Width);
        (_, float[] difference) = FeatureStatistics.Of(train.SelectMany(Differences), MoonshineEncoder.Width);
        SoundConfig config = new()
        {
            AudioWidth = MoonshineEncoder.Width,
            HiddenWidth = recipe.HiddenWidth,
            Networks = recipe.Networks,
            Shrinkage = recipe.Shrinkage,
            Dropout = recipe.Dropout,
            HomeNetworks = recipe.HomeNetworks,
            HomeWeight = recipe.HomeWeight,
            HomeOdds = recipe.HomeOdds,
        };
        if (recipe.VoiceShare > 0)
            config = config with { FarthestVoice = FeatureStatistics.Distance(all, mean, deviation, SoundConfig.LargestDeviation, recipe.VoiceShare) };
        SoundBranch branch = new(config);
        branch.SetStatistics(mean, deviation, difference);
        return branch;
    }

    // Of each sound as it is, from the mean of its speaker.
    private static IEnumerable<float[]> Differences(VoicedSounds corpus)
    {
        for (int speaker = 0; speaker < corpus.Speakers.Count; speaker++)
        {
            float[][] sounds = [.. corpus.Of(speaker).Select(i => corpus.Sounds[i].Copies[0])];
            (float[] mean, _) = FeatureStatistics.Of(sounds, MoonshineEncoder.Width);
            foreach (float[] sound in sounds)
                yield return [.. sound.Zip(mean, (value, usual) => value - usual)];
        }
    }

    // Calibrated on the weights as they are stored.
    private static void Finish(
        SoundRecipe recipe, SoundBranch branch, IReadOnlyList<VoicedSounds> train, IReadOnlyList<VoicedSounds> choose, RunFolder run)
    {
        SoundFolder left = new()
        {
            Network = branch.Config,
            TrainingSpeakers = [.. train.SelectMany(corpus => corpus.Speakers).Distinct().Order(StringComparer.Ordinal)],
        };
        NetworkState.Save(branch, run.File(left.Weights), halfPrecision: true);
        NetworkState.Load(branch, run.File(left.Weights));
        branch.Train(false);
        SoundScores.Calibrate(branch, choose, [.. train.Where(corpus => corpus.Home).Select(corpus => corpus.Name).Distinct()], recipe.HomeDoubt);
        NetworkState.Save(branch, run.File(left.Weights), halfPrecision: true);
        run.Log("calibration", run.State.Epoch, SoundScores.Of(branch, choose).ToMetrics(double.NaN));
        run.WriteAtomically(SoundFolder.FileName, left.ToJson());
        run.Finish();
    }

    private sealed class Task(
        SoundRecipe recipe, SoundBranch branch, SoundDraws draws, SoundDraws? home, IReadOnlyList<VoicedSounds> choose)
        : ITrainingTask<int>, IDisposable
    {
        public int Steps => Math.Max(1, draws.Count / recipe.Batch);

        public AdamW Optimizer { get; } = new(
        [
            Group(branch, recipe, home: false, recipe.LearningRate), Group(branch, recipe, home: true, recipe.HomeLearningRate ?? recipe.LearningRate),
        ]);

        public IEnumerable<(string Name, Tensor Tensor)> Weights => branch.State();

        public void Train(bool training) => branch.Train(training);

        // Each step draws its own batch.
        public IEnumerable<int> Batches(int epoch, Random random, CancellationToken cancellation) => Enumerable.Range(0, Steps);

        public BatchLoss Backward(int batch, Random random, EpochMeter meter)
        {
            (SoundInput input, Tensor labels, Tensor isHome) = draws.Next(random);
            Tensor loss = Loss(recipe, branch.ForwardEach, branch.Heard(input), labels, random);
            double told = loss.Item() / recipe.Networks;
            if (home is not null)
            {
                (SoundInput ofHome, Tensor homeLabels, _) = home.Next(random);
                loss = loss + Loss(recipe, branch.ForwardHome, branch.Usual(ofHome), homeLabels, random)
                    + GateLoss(branch, branch.Usual(input), isHome, draws.HomeShare);
            }

            loss.Backward();
            return new BatchLoss(told, recipe.Batch);
        }

        public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
        {
            SoundScores scores = SoundScores.Of(branch, choose);
            return new EpochScore(scores.Mean, scores.ToMetrics(trainLoss), $"{scores}");
        }

        public void Dispose() => Optimizer.Dispose();

        private static ParameterGroup Group(SoundBranch branch, SoundRecipe recipe, bool home, double rate) => new(
            [.. branch.NamedParameters().Where(one => one.Name.StartsWith("home.", StringComparison.Ordinal) == home)], rate,
            new AdamWOptions { WeightDecay = recipe.WeightDecay });
    }
}
