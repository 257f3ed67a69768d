using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Hub;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Onnx.Graphs;
using Affekt.Torch;

namespace Affekt.Cli.Features;

/// <summary>Opens encoders by what their config.json says they are.</summary>
internal static class FeatureEncoders
{
    /// <summary>
    /// Opens a folder in Hugging Face's layout: BERT and wav2vec 2.0 without a classifier, and characters of wav2vec 2.0, in libtorch, which
    /// has every precision and device, where it knows their activation; everything else as it was published, in ONNX Runtime.
    /// </summary>
    /// <exception cref="ModelException">Its config.json cannot be read, or tells of a model that is not known here.</exception>
    /// <exception cref="CommandException">It does not compute so.</exception>
    public static IFeatureEncoder Open(string folder, string level, Precision precision, Device device)
    {
        PublishedConfig config = PublishedConfig.Load(folder);
        bool plain = precision != Precision.Float32 || device.IsCuda || config.Architecture?.EndsWith("Classification", StringComparison.Ordinal) != true;
        if (config.Family == "bert" && plain && level is FeatureLevel.Ids or FeatureLevel.Token or FeatureLevel.Utterance
            && Has(folder, "vocab.txt") && !Has(folder, "tokenizer.json") && TextNetworkConfig.FitsAccelerator(folder))
        {
            return BertFeatures.Load(folder, precision, device);
        }

        if (config.Family == "wav2vec2" && Wav2Vec2Config.FitsAccelerator(folder)
            && (level is FeatureLevel.Ids or FeatureLevel.Logits ? HasCharacters(folder) : plain && level is FeatureLevel.Token or FeatureLevel.Utterance))
        {
            return Wav2Vec2Features.Load(folder, precision, device);
        }

        if (precision == Precision.BFloat16 || device.IsCuda)
        {
            throw new CommandException(
                $"{folder}: found --precision {Commands.CommonOptions.NameOf(precision)} on {device}, expected fp32 or int8 on cpu for this network and level",
                ExitCode.Unusable);
        }

        return PublishedEncoder.Load(folder, level, precision == Precision.Int8);
    }

    private static bool Has(string folder, string name) => File.Exists(Path.Combine(folder, name));

    private static bool HasCharacters(string folder)
    {
        using NetworkWeights weights = Wav2Vec2Weights.Open(folder);
        return weights.Has("lm_head.weight");
    }
}

/// <summary>Finds published networks by their folder, or by their repository on the hub.</summary>
internal static class PublishedFolders
{
    /// <inheritdoc cref="PublishedHub.FindAsync"/>
    public static Task<string> FindAsync(string place, Terminal terminal, CancellationToken cancellation) =>
        PublishedHub.FindAsync(place, HubOptions.FromEnvironment(), terminal.Downloads, cancellation);
}
