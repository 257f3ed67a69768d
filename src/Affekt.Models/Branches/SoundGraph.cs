using Affekt.Corpora;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Branches;

/// <summary>The sound branch as a graph, for use: the same calibrated logits as <see cref="SoundBranch"/>.</summary>
/// <remarks>B utterances; inputs and outputs are named as here.</remarks>
internal static class SoundGraph
{
    private const float LargestDeviation = 5;

    /// <summary>Describes the branch with its weights, which stay open until the graph is loaded.</summary>
    /// <exception cref="WeightsMismatchException">They are not such a branch's.</exception>
    public static NetworkGraph Build(SoundConfig config, NetworkWeights weights)
    {
        GraphBuilder graph = new("sound branch");
        Value features_BA = graph.Input("features", ElementType.Float32, "batch", config.AudioWidth);
        Value baseline_BA = graph.Input("baseline", ElementType.Float32, "batch", config.AudioWidth);
        Value utterances_B1 = graph.Input("utterances", ElementType.Float32, "batch", 1);

        Value known_B1 = utterances_B1 / (utterances_B1 + (float)config.Shrinkage);
        Value difference_BA = (features_BA - baseline_BA.OrZero(known_B1)) * known_B1;
        Value own_BA = (features_BA - weights.Take(graph, "mean", config.AudioWidth)) / weights.Take(graph, "deviation", config.AudioWidth);
        Value joined = Blocks.Concat(
            1,
            own_BA.Clip(-LargestDeviation, LargestDeviation),
            (difference_BA / weights.Take(graph, "difference_deviation", config.AudioWidth)).Clip(-LargestDeviation, LargestDeviation));
        Value[] networks =
        [
            .. Enumerable.Range(0, config.Networks).Select(i => weights.Linear(
                weights.Linear(joined, $"networks.{i}.hidden", 2 * config.AudioWidth, config.HiddenWidth).Relu(),
                $"networks.{i}.output", config.HiddenWidth, Emotions.Count)),
        ];
        Value temperature = weights.Take(graph, "temperature", 1);
        weights.Check();
        graph.Output(
            "logits", networks.Aggregate((sum, next) => sum + next) / temperature / config.Networks,
            ElementType.Float32, "batch", Emotions.Count);
        return graph.Build();
    }
}
