namespace Affekt.Models.Audio;

/// <summary>The sizes of a wav2vec 2.0, as Hugging Face's config.json states them.</summary>
public sealed record Wav2Vec2Config
{
    private const string Architecture = "wav2vec2";
    private const string GroupNormName = "group";
    private const string LayerNormName = "layer";

    /// <summary>The architecture's name; another one is refused.</summary>
    public string ModelType { get; init; } = Architecture;

    /// <summary>Features of a frame's state, D.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Transformer layers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Attention heads; they divide <see cref="HiddenSize"/>.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Features inside the feed-forward layers.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Channels out of each convolution over the sound.</summary>
    public IReadOnlyList<int> ConvDim { get; init; } = [512, 512, 512, 512, 512, 512, 512];

    /// <summary>Taps of each convolution over the sound.</summary>
    public IReadOnlyList<int> ConvKernel { get; init; } = [10, 3, 3, 3, 3, 2, 2];

    /// <summary>Steps of each convolution over the sound; their product is the samples from frame to frame.</summary>
    public IReadOnlyList<int> ConvStride { get; init; } = [5, 2, 2, 2, 2, 2, 2];

    /// <summary>Whether the convolutions over the sound add a bias.</summary>
    public bool ConvBias { get; init; }

    /// <summary>
    /// group: the first convolution's channels are each normalised over the whole sound; layer: every convolution's
    /// frames are normalised over their channels.
    /// </summary>
    public string FeatExtractNorm { get; init; } = GroupNormName;

    /// <summary>The activation behind each convolution: gelu or relu.</summary>
    public string FeatExtractActivation { get; init; } = "gelu";

    /// <summary>Whether the transformer layers normalise what they read, not what they give.</summary>
    public bool DoStableLayerNorm { get; init; }

    /// <summary>Taps of the convolution that tells positions.</summary>
    public int NumConvPosEmbeddings { get; init; } = 128;

    /// <summary>Groups of channels of the convolution that tells positions; they divide <see cref="HiddenSize"/>.</summary>
    public int NumConvPosEmbeddingGroups { get; init; } = 16;

    /// <summary>The feed-forward activation: gelu or relu.</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>Added to variances of the transformer.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>Characters of the layer for transcripts.</summary>
    public int VocabSize { get; init; } = 32;

    /// <summary>Whether convolutions follow the transformer, which is not supported.</summary>
    public bool AddAdapter { get; init; }

    /// <summary>The width of adapters inside the layers, which are not supported; null where there are none.</summary>
    public int? AdapterAttnDim { get; init; }

    /// <summary>The shortest sound that fills one frame, in samples.</summary>
    public int ShortestSound
    {
        get
        {
            long samples = 1;
            for (int i = ConvKernel.Count - 1; i >= 0; i--)
                samples = Math.Min(int.MaxValue, ((samples - 1) * ConvStride[i]) + ConvKernel[i]);
            return (int)samples;
        }
    }

    internal bool NormalizesGroups => FeatExtractNorm == GroupNormName;

    /// <summary>Reads config.json.</summary>
    /// <exception cref="ModelException">
    /// The file is missing, no JSON, or lacks a field; or states a size that no wav2vec 2.0 has, or a part that is not
    /// supported.
    /// </exception>
    public static Wav2Vec2Config Load(string file)
    {
        Wav2Vec2Config config = ModelJson.Read<Wav2Vec2Config>(file, "the configuration of a wav2vec 2.0");
        config.Check(file);
        return config;
    }

    private void Check(string file)
    {
        const int MostOfAnything = 1 << 24;
        const int MostLayers = 1 << 10;
        Require(ModelType == Architecture, "model_type", $"\"{ModelType}\"", $"\"{Architecture}\"");
        (string Field, int Size, int Most)[] sizes =
        [
            ("hidden_size", HiddenSize, MostOfAnything), ("num_hidden_layers", NumHiddenLayers, MostLayers),
            ("num_attention_heads", NumAttentionHeads, MostOfAnything), ("intermediate_size", IntermediateSize, MostOfAnything),
            ("num_conv_pos_embeddings", NumConvPosEmbeddings, MostOfAnything),
            ("num_conv_pos_embedding_groups", NumConvPosEmbeddingGroups, MostOfAnything),
            ("vocab_size", VocabSize, MostOfAnything), ("conv_dim", ConvDim.Count, MostLayers),
            .. ConvDim.Select((size, i) => ($"conv_dim[{i}]", size, MostOfAnything)),
            .. ConvKernel.Select((size, i) => ($"conv_kernel[{i}]", size, MostOfAnything)),
            .. ConvStride.Select((size, i) => ($"conv_stride[{i}]", size, MostOfAnything)),
        ];
        foreach ((string field, int size, int most) in sizes)
            Require(size >= 1 && size <= most, field, $"{size}", $"1 to {most}");

        Require(ConvKernel.Count == ConvDim.Count, "conv_kernel", $"{ConvKernel.Count} numbers", $"{ConvDim.Count} as in conv_dim");
        Require(ConvStride.Count == ConvDim.Count, "conv_stride", $"{ConvStride.Count} numbers", $"{ConvDim.Count} as in conv_dim");
        foreach ((string field, int divisor) in new[]
        {
            ("num_attention_heads", NumAttentionHeads), ("num_conv_pos_embedding_groups", NumConvPosEmbeddingGroups),
        })
        {
            Require(HiddenSize % divisor == 0, field, $"{divisor}", $"a divisor of hidden_size {HiddenSize}");
        }

        foreach ((string field, string name) in new[]
        {
            ("hidden_act", HiddenAct), ("feat_extract_activation", FeatExtractActivation),
        })
        {
            Require(name is "gelu" or "relu", field, $"\"{name}\"", "\"gelu\" or \"relu\"");
        }

        Require(
            FeatExtractNorm is GroupNormName or LayerNormName, "feat_extract_norm", $"\"{FeatExtractNorm}\"",
            $"\"{GroupNormName}\" or \"{LayerNormName}\"");
        Require(!AddAdapter, "add_adapter", "true", "false: adapters are not supported");
        Require(AdapterAttnDim is null, "adapter_attn_dim", $"{AdapterAttnDim}", "null: adapters are not supported");

        void Require(bool fulfilled, string field, string found, string expected)
        {
            if (!fulfilled)
                throw new ModelException(file, field, found, expected);
        }
    }
}
