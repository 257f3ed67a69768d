using Affekt.Models.Published;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Audio;

/// <summary>
/// Reads a wav2vec 2.0 from a folder in Hugging Face's layout: config.json, and the first that is there of
/// model.safetensors, model.safetensors.index.json with its shards, and pytorch_model.bin.
/// </summary>
public static class Wav2Vec2Weights
{
    internal const string HeadWeight = "lm_head.weight";

    // Stands for frames that are hidden in training.
    private const string MaskedFrame = "masked_spec_embed";

    /// <summary>
    /// Opens the weights for <see cref="Wav2Vec2Graph"/>, named as there. Stored names may begin with "wav2vec2.", and the weight norm's
    /// may be those of before and since PyTorch 2.0.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="family">wav2vec2 or hubert, with which stored names may begin.</param>
    /// <exception cref="ModelException">There are no weights.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    public static NetworkWeights Open(string folder, string family = Wav2Vec2Config.Architecture) =>
        PublishedFolder.Open(folder, name => Rename(family, name));

    /// <summary>A stored tensor's name in the network of a family, or null for what only training reads.</summary>
    /// <param name="family">wav2vec2, hubert or wavlm; names may begin with it.</param>
    /// <param name="stored">The name in the file.</param>
    internal static string? Rename(string family, string stored)
    {
        string prefix = family + ".";
        stored = PublishedFolder.Unwrapped(stored);
        string name = stored.StartsWith(prefix, StringComparison.Ordinal) ? stored[prefix.Length..] : stored;
        return name == MaskedFrame
            ? null
            : name.Replace("parametrizations.weight.original0", "weight_g", StringComparison.Ordinal)
                .Replace("parametrizations.weight.original1", "weight_v", StringComparison.Ordinal);
    }
}
