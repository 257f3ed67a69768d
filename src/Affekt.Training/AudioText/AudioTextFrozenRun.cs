using Affekt.Evaluation;
using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>
/// Trains the audio-text branch on features that were computed before. Each step sees a few whole dialogues; the epoch that
/// the dev split likes best becomes a bundle, whose temperatures are fitted on dev.
/// </summary>
public static class AudioTextFrozenRun
{
    private const string BranchFile = "audio-text.safetensors";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to write: a folder for each seed, which is a bundle.</param>
    /// <param name="resume">Whether to go on with the run that the folder holds.</param>
    /// <param name="ranks">The processes that train together.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static void Follow(
        AudioTextFrozenRecipe recipe, string folder, bool resume, TrainingRanks ranks, IProgress<TrainingProgress> progress,
        CancellationToken cancellation)
    {
        AudioTextFeatureData data = ranks.FirstThenOthers(token => AudioTextFeatureData.Read(recipe, progress, token), cancellation);
        List<RunFolder> runs = [];
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = RunFolder.Open(Path.Combine(folder, $"seed-{seed}"), recipe, resume, ranks);
            if (!run.State.IsFinished)
            {
                TorchRuntime.ManualSeed(seed);
                using AudioTextBranch branch = NewBranch(recipe, data.TextWidth, data.AudioWidth, data.Vocabulary, data.Train, data.TextLayers, data.AudioLayers);
                Train(recipe, data.Train, data.Dev, branch, seed, run, ranks, progress, cancellation);
                run.RunOnFirst(
                    _ =>
                    {
                        run.RestoreBest(branch.State());
                        WriteBundle(recipe, data, branch, run, ranks);
                        run.Finish();
                    },
                    cancellation);
            }

            runs.Add(run);
            run.RunOnFirst(
                _ => run.WriteAtomically($"../{AudioTextRun.BestFile}", runs.MaxBy(ended => ended.State.BestScore)!.Name + "\n"), cancellation);
        }
    }

    /// <summary>Trains one seed from where its folder stands.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="train">The dialogues to learn from.</param>
    /// <param name="dev">Those that choose the epoch.</param>
    /// <param name="branch">The branch, with its initial weights; has those of the last epoch afterwards.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="run">The seed's folder.</param>
    /// <param name="ranks">The processes that train together.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    internal static void Train(
        AudioTextFrozenRecipe recipe, IReadOnlyList<FeatureDialogue> train, IReadOnlyList<FeatureDialogue> dev, AudioTextBranch branch,
        int seed, RunFolder run, TrainingRanks ranks, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        branch.To(ranks.Device);
        using FeatureSteps task = new(recipe, branch, train, dev, ranks, Dimensions(recipe, train, ranks));
        TrainingLoop.Run(LoopOptions.Of(recipe, recipe.Dialogues, train.Count, seed, run.Name), task, run, ranks, progress, cancellation);
    }

    /// <summary>A branch of the recipe's sizes with random weights, which standardizes sound as the training dialogues need.</summary>
    internal static AudioTextBranch NewBranch(
        AudioTextFrozenRecipe recipe, int textWidth, int audioWidth, MetadataVocabulary vocabulary, IReadOnlyList<FeatureDialogue> train,
        int textLayers = 1, int audioLayers = 1)
    {
        AudioTextBranch branch = new(new AudioTextConfig
        {
            TextWidth = textWidth,
            Outputs = recipe.LabelSet.Count + recipe.Dimensions.Count,
            AudioWidth = audioWidth,
            MetadataSizes = vocabulary.Sizes,
            MetadataWidth = recipe.MetadataWidth,
            LstmWidth = recipe.LstmWidth,
            HeadWidth = recipe.HeadWidth,
            Dropout = recipe.Dropout,
            InputDropout = recipe.InputDropout,
            DirectLogits = recipe.DirectLogits,
        }, textLayers, audioLayers);
        if (branch.AudioLayers is not { } layers)
        {
            (float[] mean, float[] deviation) = FeatureDialogue.AudioStatistics(train, audioWidth);
            branch.SetAudioStatistics(mean, deviation);
        }
        else if (train.SelectMany(dialogue => dialogue.Audio).OfType<float[]>().ToArray() is { Length: > 0 } sounds)
        {
            layers.SetStatistics(sounds);
        }

        if (!IsLabeled(train))
            DimensionTask.Mute(branch, recipe.LabelSet.Count);
        return branch;
    }

    private static DimensionTask Dimensions(AudioTextFrozenRecipe recipe, IReadOnlyList<FeatureDialogue> train, TrainingRanks ranks) =>
        new(recipe, train.SelectMany(dialogue => dialogue.Dimensions), ranks.Count);

    private static bool IsLabeled(IReadOnlyList<FeatureDialogue> dialogues) =>
        dialogues.Any(dialogue => dialogue.Labels.Any(label => label != DialogueExample.NoLabel));

    private static void WriteBundle(AudioTextFrozenRecipe recipe, AudioTextFeatureData data, AudioTextBranch branch, RunFolder run, TrainingRanks ranks)
    {
        branch.Train(false);
        DimensionTask dimensions = Dimensions(recipe, data.Train, ranks);
        using FeatureSteps work = new(recipe, branch, [], data.Dev, ranks, dimensions);
        double text = Temperature(work, data.Dev.Select(dialogue => dialogue.WithoutAudio()));
        double audio = Temperature(work, data.Dev.Select(dialogue => dialogue.WithoutText()));
        double both = Temperature(work, data.Dev);
        using AudioTextBranch plain = branch.WithoutLayers();
        NetworkState.Save(plain, run.File(BranchFile));
        BundleConfig config = new()
        {
            Name = recipe.Name,
            Version = recipe.Version,
            Labels = recipe.LabelSet.Names,
            Dimensions = dimensions.Count > 0 ? dimensions.Parts : null,
            TextEncoder = recipe.TextEncoder with { LayerWeights = branch.TextLayers?.Weights ?? recipe.TextEncoder.LayerWeights },
            AudioEncoder = recipe.AudioEncoder with { LayerWeights = branch.AudioLayers?.Weights ?? recipe.AudioEncoder.LayerWeights },
            AudioText = new AudioTextPart(BranchFile, branch.Config),
            Speakers = data.Vocabulary.Speakers,
            TrainingSpeakers = data.Speakers,
            Calibration = new BundleCalibration(text, audio, both, IsLabeled(data.Train) ? 0 : 1),
        };
        run.WriteAtomically(BundleConfig.FileName, FileCopy.Encoders(config, recipe.Folder, run.Path).ToJson());
    }

    // 1 where the dev split has none of what it is for.
    private static double Temperature(FeatureSteps work, IEnumerable<FeatureDialogue> dialogues)
    {
        IReadOnlyList<(double[] Logits, int Truth)> answers = work.Answers([.. dialogues]);
        return answers.Count == 0
            ? 1
            : TemperatureScaling.Fit([.. answers.Select(answer => answer.Logits)], [.. answers.Select(answer => answer.Truth)]);
    }
}
