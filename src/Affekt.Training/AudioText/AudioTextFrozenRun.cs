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
internal static class AudioTextFrozenRun
{
    private const string BranchFile = "audio-text.safetensors";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    public static void Follow(AudioTextFrozenRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        AudioTextFeatureData data = context.Ranks.FirstThenOthers(token => AudioTextFeatureData.Read(recipe, context.Progress, token), cancellation);
        List<RunFolder> runs = [];
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = context.OpenSeed(recipe, seed);
            if (!run.State.IsFinished)
            {
                TorchRuntime.ManualSeed(seed);
                using AudioTextBranch branch = NewBranch(recipe, data.TextWidth, data.AudioWidth, data.Vocabulary, data.Train, data.TextLayers, data.AudioLayers);
                Train(recipe, data.Train, data.Dev, branch, seed, run, context, cancellation);
                run.RunOnFirst(
                    _ =>
                    {
                        run.RestoreBest(branch.State());
                        WriteBundle(recipe, data, branch, run, context.Ranks);
                        run.Finish();
                    },
                    cancellation);
            }

            runs.Add(run);
            run.RunOnFirst(
                _ => run.WriteAtomically($"../{AudioTextRun.BestFile}", runs.MaxBy(ended => ended.State.BestScore)!.Name + "\n"), cancellation);
        }
    }

    /// <summary>Trains one seed from where its folder stands; the branch has the weights of the last epoch afterwards.</summary>
    internal static void Train(
        AudioTextFrozenRecipe recipe, IReadOnlyList<FeatureDialogue> train, IReadOnlyList<FeatureDialogue> dev, AudioTextBranch branch,
        int seed, RunFolder run, RunContext context, CancellationToken cancellation)
    {
        branch.To(context.Ranks.Device);
        using FeatureSteps task = new(recipe, branch, train, dev, context.Ranks, Dimensions(recipe, train, context.Ranks));
        TrainingLoop.Run(LoopOptions.Of(recipe, recipe.Dialogues, train.Count, seed, run.Name), task, run, context, cancellation);
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
            (float[] mean, float[] deviation) = FeatureStatistics.Of(train.SelectMany(dialogue => dialogue.Audio).OfType<float[]>(), audioWidth);
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
        double text = work.Answers([.. data.Dev.Select(dialogue => dialogue.WithoutAudio())]).Temperature();
        double audio = work.Answers([.. data.Dev.Select(dialogue => dialogue.WithoutText())]).Temperature();
        double both = work.Answers(data.Dev).Temperature();
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
}
