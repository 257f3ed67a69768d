using Affekt.Models.Published;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Text;

/// <summary>
/// The sizes of a text network of a published family, as Hugging Face's config.json states them: BERT, DistilBERT, RoBERTa,
/// XLM-RoBERTa or ELECTRA.
/// </summary>
public sealed record TextNetworkConfig
{
    private const int MostOfAnything = 1 << 24;

    /// <summary>The family: bert, distilbert, roberta, xlm-roberta or electra.</summary>
    public string ModelType { get; init; } = "bert";

    /// <summary>Entries of the vocabulary.</summary>
    public int VocabSize { get; init; }

    /// <summary>Features of a token's state, D.</summary>
    public int HiddenSize { get; init; }

    /// <summary>Features of an embedding; 0 for as many as <see cref="HiddenSize"/>.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>Transformer layers.</summary>
    public int NumHiddenLayers { get; init; }

    /// <summary>Attention heads; they divide <see cref="HiddenSize"/>.</summary>
    public int NumAttentionHeads { get; init; }

    /// <summary>Features inside the feed-forward layers.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>The feed-forward activation.</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>Rows of the table of positions.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Kinds of segment.</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>How positions are told; only "absolute", a table of them, is known here.</summary>
    public string PositionEmbeddingType { get; init; } = "absolute";

    /// <summary>Added to variances.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>The padding's token; RoBERTa counts positions from after it. Null for none.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>Whether a token sees only those before it; such a network is not known here.</summary>
    public bool IsDecoder { get; init; }

    /// <summary>What a classifier's outputs are called, by their number.</summary>
    public IReadOnlyDictionary<string, string>? Id2label { get; init; }

    /// <summary>DistilBERT's name of <see cref="HiddenSize"/>.</summary>
    public int Dim { get; init; }

    /// <summary>DistilBERT's name of <see cref="NumHiddenLayers"/>.</summary>
    public int NLayers { get; init; }

    /// <summary>DistilBERT's name of <see cref="NumAttentionHeads"/>.</summary>
    public int NHeads { get; init; }

    /// <summary>DistilBERT's name of <see cref="IntermediateSize"/>.</summary>
    public int HiddenDim { get; init; }

    /// <summary>DistilBERT's name of <see cref="HiddenAct"/>.</summary>
    public string? Activation { get; init; }

    /// <summary>The longest input, in tokens.</summary>
    public int MaxTokens => MaxPositionEmbeddings - FirstPosition;

    internal bool CountsFromPadding => ModelType is "roberta" or "xlm-roberta";

    internal int FirstPosition => CountsFromPadding ? (PadTokenId ?? 1) + 1 : 0;

    // RoBERTa's layers are BERT's: it counts positions from another number, and has one segment. libtorch's BERT knows two activations.
    internal bool IsBertInside => (ModelType == "bert" || CountsFromPadding) && HiddenAct is "gelu" or "relu";

    internal int EmbeddingWidth => EmbeddingSize == 0 ? HiddenSize : EmbeddingSize;

    /// <summary>Reads config.json.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="ModelException">
    /// The file is missing, no JSON, or lacks a field; or states a family or a size that is not supported.
    /// </exception>
    public static TextNetworkConfig Load(string file)
    {
        TextNetworkConfig config = ModelJson.Read<TextNetworkConfig>(file, "the configuration of a text network");
        bool distil = config.ModelType == "distilbert", electra = config.ModelType == "electra";

        // What a file leaves out is what the family's first network had.
        config = config with
        {
            VocabSize = Known(config.VocabSize, config.ModelType == "roberta" ? 50_265 : 30_522),
            HiddenSize = distil ? Known(config.Dim, Known(config.HiddenSize, 768)) : Known(config.HiddenSize, electra ? 256 : 768),
            NumHiddenLayers = distil ? Known(config.NLayers, Known(config.NumHiddenLayers, 6)) : Known(config.NumHiddenLayers, 12),
            NumAttentionHeads = distil ? Known(config.NHeads, Known(config.NumAttentionHeads, 12)) : Known(config.NumAttentionHeads, electra ? 4 : 12),
            IntermediateSize = distil ? Known(config.HiddenDim, 3_072) : Known(config.IntermediateSize, electra ? 1_024 : 3_072),
            EmbeddingSize = electra ? Known(config.EmbeddingSize, 128) : 0,
            HiddenAct = distil ? config.Activation ?? "gelu" : config.HiddenAct,
            LayerNormEps = distil ? 1e-12 : config.LayerNormEps,
        };

        config.Check(file);
        return config;
    }

    /// <summary>Whether a folder has weights of a BERT, RoBERTa or XLM-RoBERTa with an activation that an <see cref="IEncoderAccelerator"/> knows.</summary>
    /// <param name="folder">A folder in Hugging Face's layout.</param>
    /// <exception cref="ModelException">Its config.json is missing or not of a text network.</exception>
    public static bool FitsAccelerator(string folder) => PublishedFolder.HasWeights(folder) && Load(Path.Combine(folder, "config.json")).IsBertInside;

    private static int Known(int size, int otherwise) => size == 0 ? otherwise : size;

    internal static TextNetworkConfig Of(BertConfig config) => new()
    {
        VocabSize = config.VocabSize,
        HiddenSize = config.HiddenSize,
        NumHiddenLayers = config.NumHiddenLayers,
        NumAttentionHeads = config.NumAttentionHeads,
        IntermediateSize = config.IntermediateSize,
        HiddenAct = config.HiddenAct,
        MaxPositionEmbeddings = config.MaxPositionEmbeddings,
        TypeVocabSize = config.TypeVocabSize,
        LayerNormEps = config.LayerNormEps,
    };

    internal BertConfig ToBert() => new()
    {
        VocabSize = VocabSize,
        HiddenSize = HiddenSize,
        NumHiddenLayers = NumHiddenLayers,
        NumAttentionHeads = NumAttentionHeads,
        IntermediateSize = IntermediateSize,
        HiddenAct = HiddenAct,
        MaxPositionEmbeddings = MaxPositionEmbeddings,
        TypeVocabSize = TypeVocabSize,
        LayerNormEps = LayerNormEps,
    };

    private void Check(string file)
    {
        Require(TextGraph.Knows(ModelType), "model_type", $"\"{ModelType}\"", TextGraph.Families);
        bool distil = ModelType == "distilbert";
        (string Field, int Size)[] sizes =
        [
            ("vocab_size", VocabSize), (distil ? "dim" : "hidden_size", HiddenSize), (distil ? "n_layers" : "num_hidden_layers", NumHiddenLayers),
            (distil ? "n_heads" : "num_attention_heads", NumAttentionHeads), (distil ? "hidden_dim" : "intermediate_size", IntermediateSize),
            ("max_position_embeddings", MaxPositionEmbeddings), ("type_vocab_size", TypeVocabSize),
        ];
        foreach ((string field, int size) in sizes)
            Require(size is >= 1 and <= MostOfAnything, field, $"{size}", $"1 to {MostOfAnything}");
        Require(EmbeddingSize is >= 0 and <= MostOfAnything, "embedding_size", $"{EmbeddingSize}", $"0 to {MostOfAnything}");
        Require(HiddenSize % NumAttentionHeads == 0, "num_attention_heads", $"{NumAttentionHeads}", $"a divisor of {HiddenSize}");
        Require(PadTokenId is null or >= 0 && MaxTokens >= 1, "pad_token_id", $"{PadTokenId}", $"0 to {MaxPositionEmbeddings - 2}");
        Require(PositionEmbeddingType == "absolute", "position_embedding_type", $"\"{PositionEmbeddingType}\"", "\"absolute\"");
        Require(!IsDecoder, "is_decoder", "true", "false: a token sees all others");
        Require(Blocks.IsActivation(HiddenAct), distil ? "activation" : "hidden_act", $"\"{HiddenAct}\"", "an activation that is known here");

        void Require(bool fulfilled, string field, string found, string expected)
        {
            if (!fulfilled)
                throw new ModelException(file, field, found, expected);
        }
    }
}
