using Affekt.Onnx;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Branches;

/// <summary>Layers of the branches as parts of a graph. Parameters are named and laid out as PyTorch does.</summary>
internal static class BranchLayers
{
    /// <summary>Loads a branch: one utterance at a time is too little to be shared by threads.</summary>
    /// <exception cref="ModelException">The weights are not such a branch's.</exception>
    public static Network Open(NetworkWeights weights, string what, Func<NetworkWeights, NetworkGraph> build)
    {
        try
        {
            return Network.Open(build(weights), EngineOptions.Default with { Threads = 1 });
        }
        catch (WeightsMismatchException e)
        {
            throw new ModelException(weights.Path, null, e.Message, what, e);
        }
    }

    /// <summary>Category indexes as the graphs read them.</summary>
    public static long[] Categories(MetadataFeatures metadata)
    {
        long[] categories = new long[MetadataFeatures.Names.Count];
        metadata.CopyTo(categories);
        return categories;
    }

    /// <summary>[.., in] to [.., out]: <c>weight</c> [out, in], <c>bias</c> [out].</summary>
    public static Value Linear(this NetworkWeights weights, Value x, string name, long inputs, long outputs) =>
        x.MatMul(weights.Take(x.Graph, $"{name}.weight", outputs, inputs).Transpose(1, 0)) + weights.Take(x.Graph, $"{name}.bias", outputs);

    /// <summary>Normalizes the last dimension: <c>weight</c> and <c>bias</c> [D].</summary>
    public static Value LayerNorm(this NetworkWeights weights, Value x, string name, long width) =>
        x.LayerNorm(weights.Take(x.Graph, $"{name}.weight", width), weights.Take(x.Graph, $"{name}.bias", width), 1e-5);

    /// <summary>
    /// A causal LSTM of one layer: [B, T, in] and its memory before, [1, B, H] each, to [B, T, H] and its memory after. PyTorch's
    /// gates stand in the order input, forget, cell, output; ONNX's in the order input, output, forget, cell.
    /// </summary>
    public static (Value Output, Value Hidden, Value Cell) Lstm(
        this NetworkWeights weights, Value x_BTI, Value hidden, Value cell, string name, long inputs, long width)
    {
        Value[] results = weights.Lstm(x_BTI, hidden, cell, name, 0, inputs, width);
        return (results[0].Squeeze(1).Transpose(1, 0, 2), results[1], results[2]);
    }

    /// <summary>A layer of an LSTM without a memory before, "lstm" in the weights: [B, T, in] to [B, T, H].</summary>
    public static Value Lstm(this NetworkWeights weights, Value x_BTI, long inputs, long width, int layer) =>
        weights.Lstm(x_BTI, Value.None, Value.None, "lstm", layer, inputs, width)[0].Squeeze(1).Transpose(1, 0, 2);

    private static Value[] Lstm(
        this NetworkWeights weights, Value x_BTI, Value hidden, Value cell, string name, int layer, long inputs, long width)
    {
        GraphBuilder graph = x_BTI.Graph;
        Value input = Gates(weights.Take(graph, $"{name}.weight_ih_l{layer}", 4 * width, inputs));
        Value recurrent = Gates(weights.Take(graph, $"{name}.weight_hh_l{layer}", 4 * width, width));
        Value bias = Blocks.Concat(
            1, Gates(weights.Take(graph, $"{name}.bias_ih_l{layer}", 4 * width)), Gates(weights.Take(graph, $"{name}.bias_hh_l{layer}", 4 * width)));
        return graph.Apply(
            "", "LSTM", 3, [x_BTI.Transpose(1, 0, 2), input, recurrent, bias, Value.None, hidden, cell], ("hidden_size", width));

        // The only direction comes first: [1, 4H, ..].
        static Value Gates(Value pytorch)
        {
            Value[] gates = pytorch.Split(0, 4);
            return Blocks.Concat(0, gates[0], gates[3], gates[1], gates[2]).Unsqueeze(0);
        }
    }

    /// <summary>Category indexes [.., categories], each embedded, together projected to [.., width].</summary>
    public static Value Metadata(this NetworkWeights weights, Value indexes, IReadOnlyList<int> sizes, int embeddingWidth, int width)
    {
        GraphBuilder graph = indexes.Graph;
        Value[] embedded =
        [
            .. sizes.Select((size, i) => weights.Take(graph, $"metadata.categories.{i}.weight", size, embeddingWidth)
                .Gather(indexes.Gather(graph.Constant<long>([i]), -1))),
        ];
        return weights.Linear(Blocks.Concat(-1, embedded), "metadata.projection", sizes.Count * embeddingWidth, width);
    }

    /// <summary>Equal parts of a dimension.</summary>
    public static Value[] Split(this Value x, long axis, int parts) =>
        x.Graph.Apply("", "Split", parts, [x], ("axis", axis), ("num_outputs", (long)parts));

    /// <summary>Values within limits; null for none.</summary>
    public static Value Clip(this Value x, float? least, float? most) => x.Graph.Apply(
        "Clip", [x, least is { } low ? x.Graph.Constant(low) : Value.None, most is { } high ? x.Graph.Constant(high) : Value.None]);

    /// <summary>The features where present is not 0, else 0: what is no number would stay so when multiplied by 0.</summary>
    public static Value ZeroMissing(this Value features, Value present) => features.FillMissing(present, features.Graph.Constant(0f));

    /// <summary>The features where present is not 0, else a learned vector in their place.</summary>
    public static Value FillMissing(this Value features, Value present, Value standIn) =>
        features.Graph.Apply("Where", [present.Cast(ElementType.Bool), features, standIn]);

    /// <summary>Added to scores: so low where nothing is present that the weight is 0 in single precision.</summary>
    public static Value ScoreMask(this Value present) => (present - 1) * 1e30f;
}
