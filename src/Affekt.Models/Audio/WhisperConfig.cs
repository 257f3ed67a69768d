using Affekt.Onnx.Graphs;

namespace Affekt.Models.Audio;

/// <summary>The sizes of a Whisper's encoder, as Hugging Face's config.json states them.</summary>
public sealed record WhisperConfig
{
    /// <summary>The architecture's name: whisper.</summary>
    public string ModelType { get; init; } = "";

    /// <summary>Features of a frame's state, D.</summary>
    public int DModel { get; init; } = 384;

    /// <summary>Transformer layers.</summary>
    public int EncoderLayers { get; init; } = 4;

    /// <summary>Attention heads; they divide <see cref="DModel"/>.</summary>
    public int EncoderAttentionHeads { get; init; } = 6;

    /// <summary>Features inside the feed-forward layers.</summary>
    public int EncoderFfnDim { get; init; } = 1536;

    /// <summary>Bands of the spectrogram.</summary>
    public int NumMelBins { get; init; } = 80;

    /// <summary>Frames of a state: half of the spectrogram's, which are always as many.</summary>
    public int MaxSourcePositions { get; init; } = 1500;

    /// <summary>The feed-forward activation.</summary>
    public string ActivationFunction { get; init; } = "gelu";

    /// <summary>Whether a classifier reads a learned mixture of all layers' states, not the last.</summary>
    public bool UseWeightedLayerSum { get; init; }

    /// <summary>Features between a classifier's two layers.</summary>
    public int ClassifierProjSize { get; init; } = 256;

    /// <summary>Reads config.json.</summary>
    /// <exception cref="ModelException">The file is missing or no JSON, or states a size that no Whisper has.</exception>
    public static WhisperConfig Load(string file)
    {
        const int MostOfAnything = 1 << 20;
        WhisperConfig config = ModelJson.Read<WhisperConfig>(file, "the configuration of a Whisper");
        Require(config.ModelType == "whisper", "model_type", $"\"{config.ModelType}\"", "\"whisper\"");
        foreach ((string field, int size) in new[]
        {
            ("d_model", config.DModel), ("encoder_layers", config.EncoderLayers), ("encoder_attention_heads", config.EncoderAttentionHeads),
            ("encoder_ffn_dim", config.EncoderFfnDim), ("num_mel_bins", config.NumMelBins), ("max_source_positions", config.MaxSourcePositions),
            ("classifier_proj_size", config.ClassifierProjSize),
        })
        {
            Require(size is >= 1 and <= MostOfAnything, field, $"{size}", $"1 to {MostOfAnything}");
        }

        Require(
            config.DModel % config.EncoderAttentionHeads == 0, "encoder_attention_heads", $"{config.EncoderAttentionHeads}", $"a divisor of d_model {config.DModel}");
        Require(
            Blocks.IsActivation(config.ActivationFunction), "activation_function", $"\"{config.ActivationFunction}\"", "an activation that is known here");
        return config;

        void Require(bool fulfilled, string field, string found, string expected)
        {
            if (!fulfilled)
                throw new ModelException(file, field, found, expected);
        }
    }
}
