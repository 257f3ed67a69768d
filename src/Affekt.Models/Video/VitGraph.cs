using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Video;

/// <summary>
/// ViT (Dosovitskiy et al., 2021) as a graph, with the tensor names of Hugging Face's checkpoints. B pictures, N places: one for the whole
/// picture, then one for each patch; R = B * N rows, D features.
/// </summary>
public static class VitGraph
{
    /// <summary>Pictures [B, 3, height, width].</summary>
    public const string Pixels = "pixel_values";

    private static readonly TransformerNames _names = new(
        "attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense", "layernorm_before",
        "intermediate.dense", "output.dense", "layernorm_after");

    /// <summary>A stored tensor's name in the network.</summary>
    public static string? Rename(string stored) =>
        PublishedFolder.Unwrapped(stored) is var name && name.StartsWith("vit.", StringComparison.Ordinal) ? name["vit.".Length..] : name;

    /// <summary>Builds the network: <see cref="Pixels"/> to <see cref="TextGraph.LastStates"/>, normalized.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="weights">Weights, named as <see cref="Rename"/> says.</param>
    /// <param name="labels">Labels of the classifier, whose scores before softmax come out; 0 for none.</param>
    /// <param name="states">Layers whose states come out, without the last norm; 0 for what enters the first one.</param>
    /// <param name="mix">As <see cref="TextOutputs.Mix"/>.</param>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static NetworkGraph Build(
        VitConfig config, NetworkWeights weights, int labels = 0, IReadOnlyList<int>? states = null, IReadOnlyList<double>? mix = null)
    {
        GraphBuilder graph = new("vit");
        long width = config.HiddenSize, places = config.Patches + 1;
        ((int height, int across), (int patchHeight, int patchWidth)) = (config.Image, config.Patch);
        Value pixels = graph.Input(Pixels, ElementType.Float32, "batch", config.NumChannels, height, across);
        Value patches_BND = pixels.Convolve(
                weights.Take(graph, "embeddings.patch_embeddings.projection.weight", width, config.NumChannels, patchHeight, patchWidth),
                weights.Take(graph, "embeddings.patch_embeddings.projection.bias", width), [patchHeight, patchWidth], [0, 0, 0, 0])
            .Reshape(0, width, config.Patches).Transpose(0, 2, 1);
        Value batch = pixels.Shape(0, 1);
        Value whole_B1D = graph.Apply(
            "Expand", [weights.Take(graph, "embeddings.cls_token", 1, 1, width), Blocks.Concat(0, batch, graph.Integers(1, width))]);
        Value x_BND = Blocks.Concat(1, whole_B1D, patches_BND) + weights.Take(graph, "embeddings.position_embeddings", 1, places, width);
        Value sizes = x_BND.Shape(0, 2);
        TransformerLayers layers = new()
        {
            Width = config.HiddenSize,
            Heads = config.NumAttentionHeads,
            Inner = config.IntermediateSize,
            Activation = config.HiddenAct,
            Epsilon = config.LayerNormEps,
            NormFirst = true,
            KeyBias = config.QkvBias,
            QueryValueBias = config.QkvBias,
            Names = _names,
        };
        AttentionShape all = AttentionShape.Of(sizes, null, width, config.NumAttentionHeads);
        Value x_RD = x_BND.Reshape(-1, width);
        List<Value> states_RD = [];
        for (int i = 0; i <= config.NumHiddenLayers; i++)
        {
            if (i > 0)
                x_RD = layers.Layer(x_RD, weights, $"encoder.layer.{i - 1}.", all);
            states_RD.Add(x_RD);
            if (states?.Contains(i) == true)
                graph.Output(TextGraph.State(i), x_RD.Reshape(-1, places, width), ElementType.Float32, "batch", places, width);
        }

        Value last_RD = mix is not null ? LayerMix.Of(states_RD, mix) : x_RD.LayerNorm(
            weights.Take(graph, "layernorm.weight", width), weights.Take(graph, "layernorm.bias", width), config.LayerNormEps);
        Value last_BND = last_RD.Reshape(-1, places, width);
        graph.Output(TextGraph.LastStates, last_BND, ElementType.Float32, "batch", places, width);
        if (labels > 0)
        {
            Value logits_BL = last_BND.Gather(graph.Constant<long>([0L]), 1).Linear(
                weights.Take(graph, "classifier.weight", labels, width), weights.Take(graph, "classifier.bias", labels));
            graph.Output(TextGraph.Logits, logits_BL, ElementType.Float32, "batch", labels);
        }

        weights.Check();
        return graph.Build();
    }
}
