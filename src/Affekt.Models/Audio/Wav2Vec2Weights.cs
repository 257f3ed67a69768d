using Affekt.Models.Weights;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;
using Affekt.Torch.Layers;

namespace Affekt.Models.Audio;

/// <summary>
/// Reads a wav2vec 2.0 from a folder in Hugging Face's layout: config.json, and the first that is there of
/// model.safetensors, model.safetensors.index.json with its shards, and pytorch_model.bin.
/// </summary>
public static class Wav2Vec2Weights
{
    private const string Prefix = "wav2vec2.";
    private const string HeadWeight = "lm_head.weight";

    // Stands for frames that are hidden in training.
    private const string MaskedFrame = "masked_spec_embed";

    /// <summary>
    /// Loads the network, frozen. Names may begin with "wav2vec2.", and the weight norm's may be those of before and
    /// since PyTorch 2.0.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="head">Whether to take the layer for transcripts, where the file has one.</param>
    /// <param name="unused">Stored tensors that the network has no place for, in its names, sorted.</param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not a wav2vec 2.0's.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static Wav2Vec2Model Load(string folder, bool head, out IReadOnlyList<string> unused)
    {
        Wav2Vec2Config config = Wav2Vec2Config.Load(Path.Combine(folder, "config.json"));
        Wav2Vec2Model network = PublishedFolder.Load(folder, Make, Rename, out unused);
        network.RequireGrad(false);
        return network;

        Wav2Vec2Model Make(StateFile file) => new(config, head && file.Tensors.Keys.Any(name => Rename(name) == HeadWeight));
    }

    /// <summary>Opens the weights for <see cref="Wav2Vec2Graph"/>, named as there.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ModelException">There are no weights.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    public static NetworkWeights Open(string folder) => PublishedFolder.Open(folder, Rename);

    /// <summary>A stored tensor's name in the network of a family, or null for what only training reads.</summary>
    /// <param name="family">wav2vec2, hubert or wavlm; names may begin with it.</param>
    /// <param name="stored">The name in the file.</param>
    internal static string? Rename(string family, string stored) => Renamed(family + ".", stored);

    private static string? Rename(string stored) => Renamed(Prefix, stored);

    private static string? Renamed(string prefix, string stored)
    {
        string name = stored.StartsWith(prefix, StringComparison.Ordinal) ? stored[prefix.Length..] : stored;
        return name == MaskedFrame
            ? null
            : name.Replace("parametrizations.weight.original0", "weight_g", StringComparison.Ordinal)
                .Replace("parametrizations.weight.original1", "weight_v", StringComparison.Ordinal);
    }
}
