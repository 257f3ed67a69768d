using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Branches;

/// <summary>The sound branch as a graph, for use: the same calibrated logits as of the one that is trained.</summary>
/// <remarks>B utterances; inputs and outputs are named as here.</remarks>
internal static class SoundGraph
{
    private const float LargestDeviation = (float)SoundConfig.LargestDeviation;

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
        Value difference_BA = features_BA - mean_A - ((baseline_BA.ZeroMissing(known_B1) - mean_A) * known_B1);
        Value deviation_A = weights.Take(graph, "deviation", config.AudioWidth);
        Value deviation_BA = (deviation_A * unknown_B1)
            + (weights.Take(graph, "difference_deviation", config.AudioWidth) * known_B1);
        Value heard_BA = (difference_BA / deviation_BA).Clip(-LargestDeviation, LargestDeviation);
        Value logits_BE = Mean(weights, heard_BA, "networks", config.Networks, config);
        Value temperatures = weights.Take(graph, "temperatures", config.HomeNetworks > 0 ? 3 : 2);
        Value temperature_B1 = (temperatures.Slice(0, 0, 1) * unknown_B1) + (temperatures.Slice(0, 1, 2) * known_B1);
        Value usual_BA = ((features_BA - mean_A) / deviation_A).Clip(-LargestDeviation, LargestDeviation);
        if (config.HomeNetworks > 0)
        {
            Value home_B1 = (weights.Linear(usual_BA, "home.gate", config.AudioWidth, 1) + (float)Math.Log(config.HomeOdds)).Sigmoid();
            Value share_B1 = home_B1 * (float)config.HomeWeight;
            logits_BE = (logits_BE * Rest(share_B1)) + (Mean(weights, usual_BA, "home", config.HomeNetworks, config) * share_B1);
            temperature_B1 = (temperature_B1 * Rest(home_B1)) + (temperatures.Slice(0, 2, 3) * home_B1);
        }

        logits_BE /= temperature_B1;
        if (config.FarthestVoice is { } farthest)
        {
            Value distance_B1 = graph.Apply("Sqrt", [(usual_BA * usual_BA).Mean(true, 1)]);
            logits_BE *= (((distance_B1 * -1) + (float)(SoundConfig.NoVoice * farthest)) / (float)((SoundConfig.NoVoice - 1) * farthest)).Clip(0, 1);
        }

        weights.Check();
        graph.Output("logits", logits_BE, ElementType.Float32, "batch", Emotions.Count);
        return graph.Build();
    }
    private static Value Rest(Value share) => (share * -1) + 1;

    private static Value Mean(NetworkWeights weights, Value read_BA, string group, int count, SoundConfig config) => Enumerable.Range(0, count)
        .Select(i => weights.Linear(
            weights.Linear(read_BA, $"{group}.{i}.hidden", config.AudioWidth, config.HiddenWidth).Relu(),
            $"{group}.{i}.output", config.HiddenWidth, Emotions.Count))
        .Aggregate((sum, next) => sum + next) / count;
}
