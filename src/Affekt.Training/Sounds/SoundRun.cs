using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Weights;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>
/// Trains the sound branch on several corpora. Each sound is heard against a baseline of other sounds of its speaker, whose
/// number is drawn; some voices are unknown. The epoch that speakers and corpora not trained on like best, with and without
/// baselines, is calibrated on them and kept.
/// </summary>
public static class SoundRun
{
    private const string Stage = "sound";

    /// <summary>Follows a recipe.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to write.</param>
    /// <param name="resume">Whether to go on with the run that the folder holds.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static void Follow(
        SoundRecipe recipe, string folder, bool resume, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        RunFolder run = RunFolder.Open(folder, recipe, resume);
        if (run.State.IsFinished)
            return;
        IReadOnlyList<VoicedSounds> train = VoicedSounds.Read(recipe, recipe.Train, recipe.Copies, progress, cancellation);
        IReadOnlyList<VoicedSounds> choose = VoicedSounds.Read(recipe, recipe.Choose, [], progress, cancellation);
        TorchRuntime.ManualSeed(recipe.Seeds[0]);
        using SoundBranch branch = NewBranch(recipe, train);
        Train(recipe, train, choose, branch, run, progress, cancellation);
        run.RestoreBest(branch.State());
        Finish(branch, train, choose, run);
    }

    private static void Train(
        SoundRecipe recipe, IReadOnlyList<VoicedSounds> train, IReadOnlyList<VoicedSounds> choose, SoundBranch branch, RunFolder run,
        IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        SoundDraws draws = new(recipe, train);
        int steps = Math.Max(1, draws.Count / recipe.Batch);
        WarmupCosine schedule = new((long)steps * recipe.Epochs, recipe.Warmup);
        AdamWOptions decay = new() { WeightDecay = recipe.WeightDecay };
        using AdamW optimizer = new([new ParameterGroup([.. branch.NamedParameters()], recipe.LearningRate, decay)]);
        run.RestoreLast(branch.State(), optimizer);
        for (int epoch = run.State.EpochsOf(Stage) + 1; epoch <= recipe.Epochs && !run.State.HasStalled(Stage, recipe.Patience); epoch++)
        {
            Random random = RunSeeds.StartEpoch(recipe.Seeds[0], 0, epoch);
            branch.Train();
            EpochMeter meter = new(run.Name, epoch, recipe.Epochs, steps);
            for (int step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope scope = new();
                (SoundInput input, Tensor labels) = draws.Next(random);
                Tensor loss = Loss(recipe, branch, branch.Heard(input), labels, random);
                loss.Backward();
                optimizer.Step(schedule.Factor(optimizer.Steps));
                optimizer.ClearGradients();
                progress.Report(meter.Step(loss.Item() / recipe.Networks, recipe.Batch));
            }

            branch.Train(false);
            SoundScores scores = SoundScores.Of(branch, choose);
            run.Log(Stage, epoch, scores.ToMetrics(meter.MeanLoss));
            bool better = run.EndEpoch(Stage, epoch, scores.Mean, branch.State(), optimizer);
            progress.Report(meter.End(FormattableString.Invariant($"{scores}{(better ? " *" : "")}")));
        }
    }

    // Mixed sounds have mixed labels (mixup; Zhang et al., 2018): each is joined with its neighbor in the batch.
    private static Tensor Loss(SoundRecipe recipe, SoundBranch branch, Tensor heard, Tensor labels, Random random)
    {
        if (recipe.Mixing == 0)
            return Sum(branch.ForwardEach(heard), labels);
        double share = SoundDraws.Beta(recipe.Mixing, random);
        Tensor next = Tensor.From<long>([.. Enumerable.Range(1, recipe.Batch).Select(row => (long)row % recipe.Batch)], recipe.Batch);
        Tensor mixed = (heard * share) + (heard.IndexSelect(0, next) * (1 - share));
        IReadOnlyList<Tensor> logits = branch.ForwardEach(mixed);
        return (Sum(logits, labels) * share) + (Sum(logits, labels.IndexSelect(0, next)) * (1 - share));

        Tensor Sum(IReadOnlyList<Tensor> answers, Tensor truth) => answers.Select(answer => answer.CrossEntropy(truth, null, recipe.LabelSmoothing))
            .Aggregate((sum, one) => sum + one);
    }

    private static SoundBranch NewBranch(SoundRecipe recipe, IReadOnlyList<VoicedSounds> train)
    {
        SoundBranch branch = new(new SoundConfig
        {
            AudioWidth = AudioEncoder.Width,
            HiddenWidth = recipe.HiddenWidth,
            Networks = recipe.Networks,
            Shrinkage = recipe.Shrinkage,
            Dropout = recipe.Dropout,
        });
        (float[] mean, float[] deviation) = FeatureStatistics.Of(
            train.SelectMany(corpus => corpus.Sounds).SelectMany(sound => sound.Copies), AudioEncoder.Width);
        (_, float[] difference) = FeatureStatistics.Of(train.SelectMany(Differences), AudioEncoder.Width);
        branch.SetStatistics(mean, deviation, difference);
        return branch;
    }

    // Of each sound as it is, from the mean of its speaker.
    private static IEnumerable<float[]> Differences(VoicedSounds corpus)
    {
        for (int speaker = 0; speaker < corpus.Speakers.Count; speaker++)
        {
            float[][] sounds = [.. corpus.Of(speaker).Select(i => corpus.Sounds[i].Copies[0])];
            (float[] mean, _) = FeatureStatistics.Of(sounds, AudioEncoder.Width);
            foreach (float[] sound in sounds)
                yield return [.. sound.Zip(mean, (value, usual) => value - usual)];
        }
    }

    // Calibrated on the weights as they are stored.
    private static void Finish(SoundBranch branch, IReadOnlyList<VoicedSounds> train, IReadOnlyList<VoicedSounds> choose, RunFolder run)
    {
        SoundFolder left = new()
        {
            Network = branch.Config,
            TrainingSpeakers = [.. train.SelectMany(corpus => corpus.Speakers).Distinct().Order(StringComparer.Ordinal)],
        };
        NetworkState.Save(branch, run.File(left.Weights), halfPrecision: true);
        NetworkState.Load(branch, run.File(left.Weights));
        branch.Train(false);
        SoundScores.Calibrate(branch, choose);
        NetworkState.Save(branch, run.File(left.Weights), halfPrecision: true);
        run.Log("calibration", run.State.Epoch, SoundScores.Of(branch, choose).ToMetrics(double.NaN));
        run.WriteWhole(SoundFolder.FileName, left.ToJson());
        run.Finish();
    }
}
