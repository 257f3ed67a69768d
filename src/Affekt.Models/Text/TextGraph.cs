using Affekt.Models.Published;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Text;

/// <summary>What a text network's graph gives beside the states after the last layer.</summary>
public sealed record TextOutputs
{
    /// <summary>Whether segments go in too; else every text is one segment.</summary>
    public bool Segments { get; init; }

    /// <summary>Whether BERT's pooled vector comes out.</summary>
    public bool Pooler { get; init; }

    /// <summary>Labels of the published classification head, whose scores come out before softmax; 0 for none.</summary>
    public int Labels { get; init; }

    /// <summary>Layers whose states come out; 0 for what enters the first one.</summary>
    public IReadOnlyList<int> States { get; init; } = [];

    /// <summary>
    /// What the states of the layers are multiplied by, of what enters the first one and of each layer's, before they are summed in place of the
    /// states after the last layer; null for these. Without any weights the states stand side by side [..., (layers + 1) * D], for who learns them.
    /// </summary>
    public IReadOnlyList<double>? Mix { get; init; }
}

/// <summary>
/// BERT (Devlin et al., 2019) and its relatives DistilBERT, RoBERTa, XLM-RoBERTa and ELECTRA as graphs, with the tensor names of Hugging
/// Face's checkpoints. B texts, T tokens, R = B * T rows, D features, E features of an embedding.
/// </summary>
public static class TextGraph
{
    /// <summary>Token ids [B, T], Int64.</summary>
    public const string Ids = "input_ids";

    /// <summary>1 for a token, 0 for padding after it, [B, T], Int64.</summary>
    public const string Mask = "attention_mask";

    /// <summary>Segments [B, T], Int64.</summary>
    public const string Types = "token_type_ids";

    /// <summary>tanh of a dense layer over the first token's state [B, D].</summary>
    public const string Pooled = "pooler_output";

    /// <summary>The states after the last layer [B, T, D].</summary>
    public const string LastStates = "last_hidden_state";

    /// <summary>Scores before softmax [B, labels].</summary>
    public const string Logits = "logits";

    private static readonly TransformerNames _bert = new(
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
        "intermediate.dense", "output.dense", "output.LayerNorm");

    private static readonly TransformerNames _distilBert = new(
        "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2",
        "output_layer_norm");

    // What a family's tensors begin with.
    private static readonly Dictionary<string, string> _prefixes = new()
    {
        ["bert"] = "bert.",
        ["distilbert"] = "distilbert.",
        ["roberta"] = "roberta.",
        ["xlm-roberta"] = "roberta.",
        ["electra"] = "electra.",
    };

    internal static string Families => string.Join(", ", _prefixes.Keys);

    internal static bool Knows(string family) => _prefixes.ContainsKey(family);

    /// <summary>The name of the states after a layer, from 1; 0 for what enters the first one.</summary>
    public static string State(int layer) => $"hidden_states.{layer}";

    /// <summary>A stored tensor's name in the network, or null for what no network has: counted positions that old files store.</summary>
    /// <param name="family">As <see cref="TextNetworkConfig.ModelType"/>.</param>
    /// <param name="stored">The name in the file; it may begin with the family's, and norms may have gamma and beta.</param>
    public static string? Rename(string family, string stored)
    {
        string prefix = _prefixes[family];
        stored = PublishedFolder.Unwrapped(stored);
        string name = stored.StartsWith(prefix, StringComparison.Ordinal) ? stored[prefix.Length..] : stored;
        return name == "embeddings.position_ids"
            ? null
            : name.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal)
                .Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);
    }

    /// <summary>The transformer's layers.</summary>
    internal static TransformerLayers Layers(TextNetworkConfig config) => new()
    {
        Width = config.HiddenSize,
        Heads = config.NumAttentionHeads,
        Inner = config.IntermediateSize,
        Activation = config.HiddenAct,
        Epsilon = config.LayerNormEps,
        Names = config.ModelType == "distilbert" ? _distilBert : _bert,
    };

    /// <summary>Builds the network: <see cref="Ids"/> and <see cref="Mask"/> to <see cref="LastStates"/>.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="weights">Its weights, named as <see cref="Rename"/> says.</param>
    /// <param name="outputs">What else goes in and comes out.</param>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static NetworkGraph Build(TextNetworkConfig config, NetworkWeights weights, TextOutputs? outputs = null)
    {
        outputs ??= new TextOutputs();
        GraphBuilder graph = new(config.ModelType);
        Parts parts = new(graph, weights, config);
        Value ids_BT = graph.Input(Ids, ElementType.Int64, "batch", "tokens");
        Value mask_BT = graph.Input(Mask, ElementType.Int64, "batch", "tokens");
        Value? types_BT = outputs.Segments ? graph.Input(Types, ElementType.Int64, "batch", "tokens") : null;
        Value sizes = ids_BT.Shape();
        Value x_RD = parts.Embed(ids_BT, types_BT, sizes);
        bool distil = config.ModelType == "distilbert";
        TransformerLayers layers = Layers(config);
        Value sizes_BTD = Blocks.Concat(0, sizes, graph.Integers(config.HiddenSize));
        AttentionShape shape = AttentionShape.Of(sizes, mask_BT.Cast(ElementType.Float32), config.HiddenSize, config.NumAttentionHeads);
        List<Value> states_RD = [];
        for (int i = 0; i <= config.NumHiddenLayers; i++)
        {
            if (i > 0)
                x_RD = layers.Layer(x_RD, weights, $"{(distil ? "transformer" : "encoder")}.layer.{i - 1}.", shape);
            states_RD.Add(x_RD);
            if (outputs.States.Contains(i))
                graph.Output(State(i), x_RD.Reshape(sizes_BTD), ElementType.Float32, "batch", "tokens", config.HiddenSize);
        }

        long width = config.HiddenSize * LayerMix.SideBySide(outputs.Mix, config.NumHiddenLayers);
        Value last_BTD = (outputs.Mix is { } mix ? LayerMix.Of(states_RD, mix) : x_RD).Reshape(Blocks.Concat(0, sizes, graph.Integers(width)));
        graph.Output(LastStates, last_BTD, ElementType.Float32, "batch", "tokens", width);
        Value first_BD = last_BTD.Gather(graph.Constant<long>([0L]), 1);
        if (outputs.Pooler)
            graph.Output(Pooled, parts.Pool(first_BD), ElementType.Float32, "batch", config.HiddenSize);
        if (outputs.Labels > 0)
            graph.Output(Logits, parts.Classify(first_BD, outputs.Labels), ElementType.Float32, "batch", outputs.Labels);
        weights.Check();
        return graph.Build();
    }

    private sealed class Parts(GraphBuilder graph, NetworkWeights weights, TextNetworkConfig config)
    {
        public Value Embed(Value ids_BT, Value? types_BT, Value sizes)
        {
            using IDisposable scope = graph.Scope("embeddings");
            long width = config.EmbeddingWidth;
            Value words_BTE = weights.Rows(graph, "embeddings.word_embeddings.weight", ids_BT, config.VocabSize, width);
            Value places_PE = weights.Take(graph, "embeddings.position_embeddings.weight", config.MaxPositionEmbeddings, width);
            Value sum_BTE = words_BTE + (config.CountsFromPadding
                ? places_PE.Gather(Counted(ids_BT))
                : places_PE.Slice(0, graph.Integers(0), sizes.Slice(0, 1, 2)));
            if (config.ModelType != "distilbert")
            {
                Value types_SE = weights.Take(graph, "embeddings.token_type_embeddings.weight", config.TypeVocabSize, width);

                // With one segment every token has type 0: one row, added to all.
                sum_BTE += types_BT is { } types ? types_SE.Gather(types) : types_SE.Slice(0, 0, 1);
            }

            Value x_RE = sum_BTE.Reshape(-1, width).LayerNorm(
                weights.Take(graph, "embeddings.LayerNorm.weight", width), weights.Take(graph, "embeddings.LayerNorm.bias", width),
                config.LayerNormEps);
            return width == config.HiddenSize ? x_RE : Linear(x_RE, "embeddings_project", width, config.HiddenSize);
        }

        // RoBERTa counts tokens from after the padding's number, and gives padding that number itself, wherever it stands.
        private Value Counted(Value ids_BT)
        {
            Value padding = graph.Constant<long>([config.FirstPosition - 1L]);
            Value there_BT = graph.Apply("Not", [graph.Apply("Equal", [ids_BT, padding])]).Cast(ElementType.Int64);
            return (graph.Apply("CumSum", [there_BT, graph.Constant<long>([1L])]) * there_BT) + padding;
        }

        public Value Pool(Value first_BD) => Linear(first_BD, "pooler.dense", config.HiddenSize, config.HiddenSize).Tanh();

        public Value Classify(Value first_BD, int labels) => config.ModelType switch
        {
            "bert" => Linear(Pool(first_BD), "classifier", config.HiddenSize, labels),
            "distilbert" => Linear(
                Linear(first_BD, "pre_classifier", config.HiddenSize, config.HiddenSize).Relu(), "classifier", config.HiddenSize, labels),
            _ => Linear(
                Linear(first_BD, "classifier.dense", config.HiddenSize, config.HiddenSize).Activate(config.ModelType == "electra" ? "gelu" : "tanh"),
                "classifier.out_proj", config.HiddenSize, labels),
        };

        private Value Linear(Value x, string name, long inputs, long outputs) =>
            x.Linear(weights.Take(graph, name + ".weight", outputs, inputs), weights.Take(graph, name + ".bias", outputs));
    }
}
