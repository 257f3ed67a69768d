using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Branches;

/// <summary>What the audio-text branch remembers of a dialogue: the LSTM's state, [H] each. It is not changed.</summary>
/// <param name="Hidden">Its output.</param>
/// <param name="Cell">Its cell.</param>
public sealed record DialogueState(float[] Hidden, float[] Cell);

/// <summary>A trained audio-text branch, ready for use, as a graph.</summary>
public sealed class AudioTextNetwork : GraphNetwork<AudioTextConfig>
{
    internal const string Trust = "audio_trust";

    private static readonly string[] _statistics = ["audio_mean", "audio_deviation", Trust];

    private AudioTextNetwork(AudioTextConfig config, NetworkWeights weights, Network network)
        : base(config, weights, _statistics, network)
    {
    }

    /// <summary>How far the audio's own logits count beside text, in [0, 1]; it was fitted on sound that the branch was not trained on.</summary>
    public double AudioTrust { get; private init; }

    /// <summary>Loads a branch.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="file">Its weights.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not such a branch.</exception>
    public static AudioTextNetwork Load(AudioTextConfig config, string file)
    {
        using NetworkWeights weights = NetworkWeights.Open(file);
        double trust = weights.Floats(Trust, 1)[0];
        Network network = BranchLayers.Open(weights, "an audio-text branch", held => AudioTextGraph.Build(config, held));
        return new AudioTextNetwork(config, weights, network) { AudioTrust = trust };
    }

    /// <summary>What the branch says about the next utterance of a dialogue.</summary>
    /// <param name="text">Its text features; null where there is no text.</param>
    /// <param name="audio">Its audio features; null where there is no usable sound.</param>
    /// <param name="metadata">Its categories.</param>
    /// <param name="before">What is remembered of the dialogue; null for one that starts.</param>
    /// <returns>The logits, in label order and before calibration, and what is remembered now.</returns>
    public (double[] Logits, DialogueState After) Next(float[]? text, float[]? audio, MetadataFeatures metadata, DialogueState? before)
    {
        int width = Config.LstmWidth;
        using NetworkTensor words = Row(text, Config.TextWidth), hasWords = Flag(text), sound = Row(audio, Config.AudioWidth), hasSound = Flag(audio);
        using NetworkTensor categories = NetworkTensor.Over(BranchLayers.Categories(metadata), 1, 1, MetadataFeatures.Names.Count);
        using NetworkTensor hidden = NetworkTensor.Over(before?.Hidden ?? new float[width], 1, 1, width);
        using NetworkTensor cell = NetworkTensor.Over(before?.Cell ?? new float[width], 1, 1, width);
        using NetworkOutputs outputs = Network.Run(
            ("text", words), ("has_text", hasWords), ("audio", sound), ("has_audio", hasSound), ("metadata", categories),
            ("hidden", hidden), ("cell", cell));
        return (
            Array.ConvertAll(outputs["logits"].ToArray<float>(), value => (double)value),
            new DialogueState(outputs["hidden_after"].ToArray<float>(), outputs["cell_after"].ToArray<float>()));
    }

    private static NetworkTensor Row(float[]? features, int width) => NetworkTensor.Over(features ?? new float[width], 1, 1, width);

    private static NetworkTensor Flag(float[]? features) => NetworkTensor.Over([features is null ? 0f : 1f], 1, 1, 1);
}
