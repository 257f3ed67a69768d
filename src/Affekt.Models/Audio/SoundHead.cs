using Affekt.Models.Text;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Audio;

/// <summary>
/// What published sound networks have after their layers: states for who asks, and a classifier. That is transformers' own (a layer to
/// fewer features, the mean over frames, a layer to the labels), or the one that many networks share though transformers has no class for
/// it: the mean over frames, a layer, tanh, a layer to the labels.
/// </summary>
internal sealed class SoundHead(GraphBuilder graph, NetworkWeights weights, bool mixes, int inner, string pooling)
{
    private const string Dense = "classifier.dense";

    // Larger than any state: padding is never the maximum.
    private const float Never = 1e30f;

    /// <summary>Adds the outputs that are asked for.</summary>
    /// <param name="outputs">Which.</param>
    /// <param name="states_BTD">What enters the first layer, and each layer's states.</param>
    /// <param name="last_BTD">The states after the last layer, and its norm.</param>
    /// <param name="mask_BT">1 for a frame, 0 for padding; null where there is none.</param>
    /// <param name="width">D.</param>
    /// <param name="frames">What the number of frames is called.</param>
    public void Outputs(SoundOutputs outputs, IReadOnlyList<Value> states_BTD, Value last_BTD, Value? mask_BT, long width, Dimension frames)
    {
        foreach (int layer in outputs.States)
            graph.Output(TextGraph.State(layer), states_BTD[layer], ElementType.Float32, "batch", frames, width);
        if (outputs.Labels == 0)
            return;
        using IDisposable scope = graph.Scope("classifier");
        Value logits_BL = weights.Has(Dense + ".weight")
            ? DensePooled(last_BTD, mask_BT, width, outputs.Labels)
            : ProjectedMean(mixes ? Mixed(states_BTD) : last_BTD, mask_BT, width, outputs.Labels);
        graph.Output(TextGraph.Logits, logits_BL, ElementType.Float32, "batch", outputs.Labels);
    }

    private Value ProjectedMean(Value read_BTD, Value? mask_BT, long width, int labels)
    {
        Value projected_BTP = read_BTD.MatMul(weights.Take(graph, "projector.weight", inner, width).Transpose(1, 0))
            + weights.Take(graph, "projector.bias", inner);
        return Linear(Mean(projected_BTP, mask_BT), "classifier", inner, labels);
    }

    private Value DensePooled(Value last_BTD, Value? mask_BT, long width, int labels)
    {
        Value pooled_BD = pooling switch
        {
            "sum" => Kept(last_BTD, mask_BT).Sum(false, 1),
            "max" => graph.Apply(
                "ReduceMax", [mask_BT is { } mask ? last_BTD + ((mask - 1) * Never).Unsqueeze(2) : last_BTD, graph.Integers(1)], ("keepdims", 0L)),
            _ => Mean(last_BTD, mask_BT),
        };
        string output = weights.Has("classifier.output.weight") ? "classifier.output" : "classifier.out_proj";
        return Linear(Linear(pooled_BD, Dense, width, width).Tanh(), output, width, labels);
    }

    private Value Mixed(IReadOnlyList<Value> states_BTD)
    {
        Value shares_L = weights.Take(graph, "layer_weights", states_BTD.Count).Softmax();
        Value sum = states_BTD[0] * shares_L.Slice(0, 0, 1);
        for (int i = 1; i < states_BTD.Count; i++)
            sum += states_BTD[i] * shares_L.Slice(0, i, i + 1);
        return sum;
    }

    private static Value Kept(Value x_BTD, Value? mask_BT) => mask_BT is { } mask ? x_BTD * mask.Unsqueeze(2) : x_BTD;

    private static Value Mean(Value x_BTD, Value? mask_BT) =>
        mask_BT is { } mask ? Kept(x_BTD, mask).Sum(false, 1) / mask.Sum(true, 1) : x_BTD.Mean(false, 1);

    private Value Linear(Value x, string name, long inputs, long outputs) =>
        x.Linear(weights.Take(graph, name + ".weight", outputs, inputs), weights.Take(graph, name + ".bias", outputs));
}

/// <summary>What a sound network's graph gives beside the states after the last layer.</summary>
public sealed record SoundOutputs
{
    /// <summary>Labels of the published classification head, whose scores come out before softmax; 0 for none.</summary>
    public int Labels { get; init; }

    /// <summary>Layers whose states come out; 0 for what enters the first one.</summary>
    public IReadOnlyList<int> States { get; init; } = [];

    /// <inheritdoc cref="TextOutputs.Mix"/>
    public IReadOnlyList<double>? Mix { get; init; }
}
