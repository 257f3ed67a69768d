namespace Affekt.Models.Text;

/// <summary>The sizes of a BERT, as Hugging Face's config.json states them.</summary>
public sealed record BertConfig
{
    /// <summary>Entries of the vocabulary.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Features of a token's state, D.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Transformer layers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Attention heads; they divide <see cref="HiddenSize"/>.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Features inside the feed-forward layers.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The feed-forward activation: gelu or relu.</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>The longest input, in tokens.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>Kinds of segment.</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>Added to variances.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>Dropout of states while training, in [0, 1).</summary>
    public double HiddenDropoutProb { get; init; } = 0.1;

    /// <summary>Dropout of attention weights while training, in [0, 1).</summary>
    public double AttentionProbsDropoutProb { get; init; } = 0.1;

    /// <summary>Reads config.json.</summary>
    /// <exception cref="ModelException">The file is missing, no JSON, or lacks a field; or states a size that no BERT has.</exception>
    public static BertConfig Load(string file)
    {
        BertConfig config = ModelJson.Read<BertConfig>(file, "the configuration of a BERT");
        config.Check(file);
        return config;
    }

    private void Check(string file)
    {
        const int MostOfAnything = 1 << 24;
        (string Field, int Size)[] sizes =
        [
            ("vocab_size", VocabSize), ("hidden_size", HiddenSize), ("num_hidden_layers", NumHiddenLayers),
            ("num_attention_heads", NumAttentionHeads), ("intermediate_size", IntermediateSize),
            ("max_position_embeddings", MaxPositionEmbeddings), ("type_vocab_size", TypeVocabSize),
        ];
        foreach ((string field, int size) in sizes)
        {
            if (size is < 1 or > MostOfAnything)
                throw new ModelException(file, field, $"{size}", $"1 to {MostOfAnything}");
        }

        if (HiddenSize % NumAttentionHeads != 0)
            throw new ModelException(file, "num_attention_heads", $"{NumAttentionHeads}", $"a divisor of hidden_size {HiddenSize}");
        if (HiddenAct is not ("gelu" or "relu"))
            throw new ModelException(file, "hidden_act", $"\"{HiddenAct}\"", "\"gelu\" or \"relu\"");
    }
}
