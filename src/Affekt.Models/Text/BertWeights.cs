using Affekt.Models.Published;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Text;

/// <summary>
/// Reads a BERT from a folder in Hugging Face's layout: config.json, and the first that is there of model.safetensors,
/// model.safetensors.index.json with its shards, and pytorch_model.bin.
/// </summary>
public static class BertWeights
{
    private const string Prefix = "bert.";

    /// <summary>
    /// Opens the weights for <see cref="BertGraph"/>, named as there. Stored names may begin with "bert.", and norms may have gamma and
    /// beta.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ModelException">There are no weights.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    public static NetworkWeights Open(string folder) => PublishedFolder.Open(folder, Rename);

    internal static string? Rename(string stored)
    {
        string name = stored.StartsWith(Prefix, StringComparison.Ordinal) ? stored[Prefix.Length..] : stored;

        // Positions are counted; old files store the counting.
        return name == "embeddings.position_ids"
            ? null
            : name.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal)
                .Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);
    }
}
