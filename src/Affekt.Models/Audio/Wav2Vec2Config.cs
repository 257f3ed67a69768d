using Affekt.Models.Published;

namespace Affekt.Models.Audio;

/// <summary>The sizes of a wav2vec 2.0, or of its relatives HuBERT and WavLM, as Hugging Face's config.json states them.</summary>
public sealed record Wav2Vec2Config
{
    /// <summary>The family of wav2vec 2.0, as model_type names it.</summary>
    public const string Architecture = "wav2vec2";

    /// <summary>The family of HuBERT, as model_type names it.</summary>
    public const string Hubert = "hubert";

    private const string GatedArchitecture = "wavlm";
    private const string GroupNormName = "group";
    private const string LayerNormName = "layer";

    /// <summary>The architecture's name: wav2vec2, hubert or wavlm.</summary>
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
    /// group: the first convolution's channels are each normalized over the whole sound; layer: every convolution's
    /// frames are normalized over their channels.
    /// </summary>
    public string FeatExtractNorm { get; init; } = GroupNormName;

    /// <summary>The activation after each convolution: gelu or relu.</summary>
    public string FeatExtractActivation { get; init; } = "gelu";

    /// <summary>Whether the transformer layers normalize what they read, not what they give.</summary>
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

    /// <summary>Whether what enters the transformer is normalized over its channels first; HuBERT's may not be.</summary>
    public bool FeatProjLayerNorm { get; init; } = true;

    /// <summary>Whether the convolution that tells positions has a batch norm before it, not a weight norm; HuBERT's may.</summary>
    public bool ConvPosBatchNorm { get; init; }

    /// <summary>WavLM's kinds of distance between two frames, half of them for each direction.</summary>
    public int NumBuckets { get; init; } = 320;

    /// <summary>The distance from which on WavLM tells no further ones apart, in frames.</summary>
    public int MaxBucketDistance { get; init; } = 800;

    /// <summary>Whether a classifier reads a learned mixture of all layers' states, not the last.</summary>
    public bool UseWeightedLayerSum { get; init; }

    /// <summary>Features between a classifier's two layers.</summary>
    public int ClassifierProjSize { get; init; } = 256;

    /// <summary>How the head of published networks that no class of transformers' knows joins frames: mean, sum or max.</summary>
    public string PoolingMode { get; init; } = "mean";

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

    internal bool HasGatedPositions => ModelType == GatedArchitecture;

    /// <summary>Reads config.json.</summary>
    /// <exception cref="ModelException">
    /// The file is missing, no JSON, or lacks a field; or states a size that no wav2vec 2.0 has, or a part that is not
    /// supported.
    /// </exception>
    /// <param name="file">The file.</param>
    /// <param name="family">wav2vec2, or hubert as far as its parts are those of wav2vec 2.0.</param>
    public static Wav2Vec2Config Load(string file, string family = Architecture)
    {
        Wav2Vec2Config config = ModelJson.Read<Wav2Vec2Config>(file, "the configuration of a wav2vec 2.0");
        config.Check(file, [family], name => name is "gelu" or "relu", "\"gelu\" or \"relu\"");
        return config.FeatProjLayerNorm && !config.ConvPosBatchNorm
            ? config
            : throw new ModelException(file, "feat_proj_layer_norm and conv_pos_batch_norm", "another network", "true and false");
    }

    /// <summary>
    /// Whether a folder's wav2vec 2.0 or HuBERT has weights, the parts of a wav2vec 2.0 alone, and the activations that an
    /// <see cref="IEncoderAccelerator"/> knows.
    /// </summary>
    /// <param name="folder">A folder in Hugging Face's layout.</param>
    /// <exception cref="ModelException">Its config.json is missing or not of one of these networks.</exception>
    public static bool FitsAccelerator(string folder) => PublishedFolder.HasWeights(folder) && LoadRelative(Path.Combine(folder, "config.json")) is
    {
        ModelType: Architecture or Hubert, FeatProjLayerNorm: true, ConvPosBatchNorm: false, HiddenAct: "gelu" or "relu", FeatExtractActivation: "gelu" or "relu",
    };

    /// <summary>Reads config.json of a wav2vec 2.0, a HuBERT or a WavLM, for <see cref="Wav2Vec2Graph"/>.</summary>
    /// <inheritdoc cref="Load"/>
    public static Wav2Vec2Config LoadRelative(string file)
    {
        Wav2Vec2Config config = ModelJson.Read<Wav2Vec2Config>(file, "the configuration of a wav2vec 2.0, a HuBERT or a WavLM");
        config.Check(file, [Architecture, Hubert, GatedArchitecture], Onnx.Graphs.Blocks.IsActivation, "an activation that is known here");
        return config;
    }

    private void Check(string file, string[] families, Func<string, bool> isActivation, string activations)
    {
        const int MostOfAnything = 1 << 24;
        const int MostLayers = 1 << 10;
        Require(families.Contains(ModelType), "model_type", $"\"{ModelType}\"", string.Join(" or ", families.Select(name => $"\"{name}\"")));
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
            Require(isActivation(name), field, $"\"{name}\"", activations);
        }

        Require(
            FeatExtractNorm is GroupNormName or LayerNormName, "feat_extract_norm", $"\"{FeatExtractNorm}\"",
            $"\"{GroupNormName}\" or \"{LayerNormName}\"");
        Require(NumBuckets is >= 4 and <= MostOfAnything && NumBuckets % 2 == 0, "num_buckets", $"{NumBuckets}", $"an even number, 4 to {MostOfAnything}");
        Require(
            MaxBucketDistance > NumBuckets / 4 && MaxBucketDistance <= 1 << 16, "max_bucket_distance", $"{MaxBucketDistance}",
            $"more than a quarter of num_buckets, up to {1 << 16}");
        Require(ClassifierProjSize is >= 1 and <= MostOfAnything, "classifier_proj_size", $"{ClassifierProjSize}", $"1 to {MostOfAnything}");
        Require(PoolingMode is "mean" or "sum" or "max", "pooling_mode", $"\"{PoolingMode}\"", "mean, sum or max");
        Require(!AddAdapter, "add_adapter", "true", "false: adapters are not supported");
        Require(AdapterAttnDim is null, "adapter_attn_dim", $"{AdapterAttnDim}", "null: adapters are not supported");

        void Require(bool fulfilled, string field, string found, string expected)
        {
            if (!fulfilled)
                throw new ModelException(file, field, found, expected);
        }
    }
}
