using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Text;

/// <summary>
/// BERT (Devlin et al., 2019) as a graph, with the tensor names of Hugging Face's checkpoints. B texts, T tokens, R = B * T rows,
/// D features.
/// </summary>
public static class BertGraph
{
    /// <summary>Token ids [B, T], Int64.</summary>
    public const string Ids = "input_ids";

    /// <summary>1 for a token, 0 for padding behind it, [B, T], Int64.</summary>
    public const string Mask = "attention_mask";

    /// <summary>Segments [B, T], Int64.</summary>
    public const string Types = "token_type_ids";

    /// <summary>tanh of a dense layer over the first token's state [B, D].</summary>
    public const string Pooled = "pooler_output";

    /// <summary>The states after the last layer [B, T, D].</summary>
    public const string LastStates = "last_hidden_state";

    private static readonly TransformerNames _names = new(
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
        "intermediate.dense", "output.dense", "output.LayerNorm");

    /// <summary>The name of the states after a layer, from 1; 0 for what enters the first one.</summary>
    public static string State(int layer) => $"hidden_states.{layer}";

    /// <summary>Builds the network: <see cref="Ids"/> and <see cref="Mask"/> to <see cref="LastStates"/>.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="weights">Its weights, named as <see cref="BertWeights"/> names them.</param>
    /// <param name="segments">Whether <see cref="Types"/> goes in too; else every text is one segment.</param>
    /// <param name="pooler">Whether <see cref="Pooled"/> comes out too.</param>
    /// <param name="states">Layers whose states come out as well, named by <see cref="State"/>.</param>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static NetworkGraph Build(BertConfig config, NetworkWeights weights, bool segments = false, bool pooler = false, params ReadOnlySpan<int> states)
    {
        GraphBuilder graph = new("BERT");
        Value ids_BT = graph.Input(Ids, ElementType.Int64, "batch", "tokens");
        Value mask_BT = graph.Input(Mask, ElementType.Int64, "batch", "tokens");
        Value sizes = ids_BT.Shape();
        Value? types_BT = segments ? graph.Input(Types, ElementType.Int64, "batch", "tokens") : null;
        Value x_RD = Embed(graph, ids_BT, types_BT, sizes, config, weights);
        TransformerLayers layers = new()
        {
            Width = config.HiddenSize,
            Heads = config.NumAttentionHeads,
            Inner = config.IntermediateSize,
            Activation = config.HiddenAct,
            Epsilon = config.LayerNormEps,
            Names = _names,
        };
        Value sizes_BTD = Blocks.Concat(0, sizes, graph.Integers(config.HiddenSize));
        Places places = Places.Of(sizes, mask_BT.Cast(ElementType.Float32), config.HiddenSize, config.NumAttentionHeads);
        for (int i = 0; i <= config.NumHiddenLayers; i++)
        {
            if (i > 0)
                x_RD = layers.Layer(x_RD, weights, $"encoder.layer.{i - 1}.", places);
            if (states.Contains(i))
                graph.Output(State(i), x_RD.Reshape(sizes_BTD), ElementType.Float32, "batch", "tokens", config.HiddenSize);
        }

        Value last_BTD = x_RD.Reshape(sizes_BTD);
        graph.Output(LastStates, last_BTD, ElementType.Float32, "batch", "tokens", config.HiddenSize);
        if (pooler)
        {
            Value pooled_BD = last_BTD.Gather(graph.Constant<long>([0L]), 1).Linear(
                weights.Take(graph, "pooler.dense.weight", config.HiddenSize, config.HiddenSize),
                weights.Take(graph, "pooler.dense.bias", config.HiddenSize)).Tanh();
            graph.Output(Pooled, pooled_BD, ElementType.Float32, "batch", config.HiddenSize);
        }

        weights.Check();
        return graph.Build();
    }

    private static Value Embed(GraphBuilder graph, Value ids_BT, Value? types_BT, Value sizes, BertConfig config, NetworkWeights weights)
    {
        using IDisposable scope = graph.Scope("embeddings");
        long width = config.HiddenSize;
        Value words_BTD = weights.Rows(graph, "embeddings.word_embeddings.weight", ids_BT, config.VocabSize, width);
        Value positions_TD = weights.Take(graph, "embeddings.position_embeddings.weight", config.MaxPositionEmbeddings, width)
            .Slice(0, graph.Integers(0), sizes.Slice(0, 1, 2));
        Value types_SD = weights.Take(graph, "embeddings.token_type_embeddings.weight", config.TypeVocabSize, width);

        // With one segment every token has type 0: one row, added to all.
        Value type = types_BT is { } types ? types_SD.Gather(types) : types_SD.Slice(0, 0, 1);
        return (words_BTD + positions_TD + type).Reshape(-1, width).LayerNorm(
            weights.Take(graph, "embeddings.LayerNorm.weight", width), weights.Take(graph, "embeddings.LayerNorm.bias", width),
            config.LayerNormEps);
    }
}
