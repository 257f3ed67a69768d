using Affekt.Models.Fusion;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>Trains the numbers of one form of fusion on kept answers, all of them in every step.</summary>
internal static class FusionTrainer
{
    /// <param name="pairs">The answers; at least one.</param>
    /// <param name="kind">The form; late has nothing to train.</param>
    /// <param name="reads">What it sums.</param>
    /// <param name="recipe">The schedule.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    public static FusionConfig Train(
        IReadOnlyList<AnsweredPair> pairs, FusionKind kind, FusionInput reads, FusionRecipe recipe, CancellationToken cancellation)
    {
        if (kind == FusionKind.Late)
            return FusionConfig.Late;
        using TensorScope all = new();
        int labels = pairs[0].Video.Count;
        using FusionNetwork network = new(kind, labels);
        using AdamW optimizer = new(
            [new ParameterGroup([.. network.NamedParameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = 0 })]);
        Tensor audioText_NC = Rows(pairs.Select(pair => pair.AudioText), reads);
        Tensor video_NC = Rows(pairs.Select(pair => pair.Video), reads);
        Tensor labels_N = Tensor.From<long>([.. pairs.Select(pair => (long)pair.Truth)], pairs.Count);
        Tensor weights_C = Tensor.From<float>(
            ClassWeights.Of(pairs.Select(pair => pair.Truth), recipe.ClassWeightExponent, labels), labels);
        WarmupCosine schedule = new(recipe.Steps, recipe.Warmup);
        for (int step = 0; step < recipe.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = new();
            network.Forward(audioText_NC, video_NC).CrossEntropy(labels_N, weights_C).Backward();
            optimizer.Step(schedule.Factor(optimizer.Steps));
            optimizer.ClearGradients();
            network.Project();
        }

        return network.ToConfig(reads);
    }

    private static Tensor Rows(IEnumerable<IReadOnlyList<double>> answers, FusionInput reads)
    {
        IReadOnlyList<double>[] rows = [.. answers];
        float[] values = [.. rows.SelectMany(answer => answer).Select(p => (float)(reads == FusionInput.LogProbabilities
            ? Math.Log(Math.Max(p, BranchFusion.LeastProbability))
            : p))];
        return Tensor.From<float>(values, rows.Length, rows[0].Count);
    }
}
