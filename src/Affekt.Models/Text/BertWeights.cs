using Affekt.Models.Weights;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;
using Affekt.Torch.Layers;

namespace Affekt.Models.Text;

/// <summary>
/// Reads a BERT from a folder in Hugging Face's layout: config.json, and the first that is there of model.safetensors,
/// model.safetensors.index.json with its shards, and pytorch_model.bin.
/// </summary>
public static class BertWeights
{
    private const string Prefix = "bert.";
    private const string PoolerWeight = "pooler.dense.weight";

    /// <summary>Loads the network. Names may begin with "bert.", and norms may have gamma and beta.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pooler">Whether to take the dense layer over [CLS], where the file has one.</param>
    /// <param name="unused">Stored tensors that the network has no place for, in its names, sorted.</param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not a BERT's.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static BertModel Load(string folder, bool pooler, out IReadOnlyList<string> unused)
    {
        BertConfig config = BertConfig.Load(Path.Combine(folder, "config.json"));
        return PublishedFolder.Load(folder, Make, Rename, out unused);

        BertModel Make(StateFile file) =>
            new(config, pooler && file.Tensors.Keys.Any(name => Rename(name) == PoolerWeight));
    }

    /// <summary>Opens the weights for <see cref="BertGraph"/>, named as there.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ModelException">There are no weights.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    public static NetworkWeights Open(string folder) => PublishedFolder.Open(folder, Rename);

    private static string? Rename(string stored)
    {
        string name = stored.StartsWith(Prefix, StringComparison.Ordinal) ? stored[Prefix.Length..] : stored;

        // Positions are counted; old files store the counting.
        return name == "embeddings.position_ids"
            ? null
            : name.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal)
                .Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);
    }
}
