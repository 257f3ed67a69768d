using System.Text.Json;
using Affekt.Models.Tokenizers;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Video;

/// <summary>The sizes of a ViT, as Hugging Face's config.json states them.</summary>
public sealed record VitConfig
{
    /// <summary>The architecture's name: vit.</summary>
    public string ModelType { get; init; } = "";

    /// <summary>Features of a patch's state, D.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Transformer layers.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Attention heads; they divide <see cref="HiddenSize"/>.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Features inside the feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>The feed-forward activation.</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>Added to variances.</summary>
    public double LayerNormEps { get; init; } = 1e-12;

    /// <summary>Colors of a picture.</summary>
    public int NumChannels { get; init; } = 3;

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>The picture's sizes in pixels: a number, or height and width.</summary>
    public JsonElement ImageSize { get; init; }

    /// <summary>A patch's sizes in pixels: a number, or height and width.</summary>
    public JsonElement PatchSize { get; init; }

    internal (int Height, int Width) Image { get; private init; }

    internal (int Height, int Width) Patch { get; private init; }

    internal int Patches => Image.Height / Patch.Height * (Image.Width / Patch.Width);

    /// <summary>Reads config.json.</summary>
    /// <exception cref="ModelException">The file is missing or no JSON, or states a size that no ViT has.</exception>
    public static VitConfig Load(string file)
    {
        const int MostOfAnything = 1 << 20;
        VitConfig config = ModelJson.Read<VitConfig>(file, "the configuration of a ViT");
        Require(config.ModelType == "vit", "model_type", $"\"{config.ModelType}\"", "\"vit\"");
        JsonField root = JsonField.Read(file);
        config = config with { Image = Pair(root.Find("image_size"), 224), Patch = Pair(root.Find("patch_size"), 16) };
        foreach ((string field, int size) in new[]
        {
            ("hidden_size", config.HiddenSize), ("num_hidden_layers", config.NumHiddenLayers), ("num_attention_heads", config.NumAttentionHeads),
            ("intermediate_size", config.IntermediateSize), ("num_channels", config.NumChannels), ("image_size", config.Image.Height),
            ("image_size", config.Image.Width), ("patch_size", config.Patch.Height), ("patch_size", config.Patch.Width), ("patch_size", config.Patches),
        })
        {
            Require(size is >= 1 and <= MostOfAnything, field, $"{size}", $"1 to {MostOfAnything}");
        }

        Require(config.NumChannels == 3, "num_channels", $"{config.NumChannels}", "3: red, green and blue");
        Require(config.HiddenSize % config.NumAttentionHeads == 0, "num_attention_heads", $"{config.NumAttentionHeads}", $"a divisor of {config.HiddenSize}");
        Require(Blocks.IsActivation(config.HiddenAct), "hidden_act", $"\"{config.HiddenAct}\"", "an activation that is known here");
        return config;

        (int Height, int Width) Pair(JsonField? part, int otherwise)
        {
            if (part is null)
                return (otherwise, otherwise);
            if (!part.IsArray)
                return (part.Count(1, MostOfAnything), part.Count(1, MostOfAnything));
            JsonField[] both = [.. part.Elements()];
            return both.Length == 2
                ? (both[0].Count(1, MostOfAnything), both[1].Count(1, MostOfAnything))
                : throw part.Wrong(part.Short, "a number, or height and width");
        }

        void Require(bool fulfilled, string field, string found, string expected)
        {
            if (!fulfilled)
                throw new ModelException(file, field, found, expected);
        }
    }
}
