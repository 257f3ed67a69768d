using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Branches;

/// <summary>The sound branch as a graph, for use: the same calibrated logits as of the one that is trained.</summary>
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
        Value unknown_B1 = (known_B1 * -1) + 1;
        Value mean_A = weights.Take(graph, "mean", config.AudioWidth);
        Value difference_BA = features_BA - mean_A - ((baseline_BA.OrZero(known_B1) - mean_A) * known_B1);
        Value deviation_BA = (weights.Take(graph, "deviation", config.AudioWidth) * unknown_B1)
            + (weights.Take(graph, "difference_deviation", config.AudioWidth) * known_B1);
        Value heard_BA = (difference_BA / deviation_BA).Clip(-LargestDeviation, LargestDeviation);
        Value[] networks =
        [
            .. Enumerable.Range(0, config.Networks).Select(i => weights.Linear(
                weights.Linear(heard_BA, $"networks.{i}.hidden", config.AudioWidth, config.HiddenWidth).Relu(),
                $"networks.{i}.output", config.HiddenWidth, Emotions.Count)),
        ];
        Value temperatures = weights.Take(graph, "temperatures", 2);
        Value temperature_B1 = (temperatures.Slice(0, 0, 1) * unknown_B1) + (temperatures.Slice(0, 1, 2) * known_B1);
        weights.Check();
        graph.Output(
            "logits", networks.Aggregate((sum, next) => sum + next) / temperature_B1 / config.Networks,
            ElementType.Float32, "batch", Emotions.Count);
        return graph.Build();
    }
}
