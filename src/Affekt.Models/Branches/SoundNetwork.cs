using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Branches;

/// <summary>A trained sound branch, ready for use, as a graph.</summary>
public sealed class SoundNetwork : GraphNetwork<SoundConfig>
{
    private static readonly string[] _statistics = ["mean", "deviation", "difference_deviation", "temperatures"];

    private SoundNetwork(SoundConfig config, NetworkWeights weights, Network network)
        : base(config, weights, _statistics, network)
    {
    }

    /// <summary>Loads a branch.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="file">Its weights.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not such a branch.</exception>
    public static SoundNetwork Load(SoundConfig config, string file)
    {
        using NetworkWeights weights = NetworkWeights.Open(file);
        return new SoundNetwork(config, weights, BranchLayers.Open(weights, "a sound branch", held => SoundGraph.Build(config, held)));
    }

    /// <summary>The calibrated logits of one utterance, in label order.</summary>
    /// <param name="features">What the audio encoder made of it.</param>
    /// <param name="baseline">What is known of how its speaker usually sounds, without the utterance itself.</param>
    public double[] Logits(float[] features, VoiceBaseline baseline)
    {
        float[] usual = new float[features.Length];
        baseline.CopyMean(usual);
        using NetworkTensor sound = NetworkTensor.Over(features, 1, features.Length), mean = NetworkTensor.Over(usual, 1, usual.Length);
        using NetworkTensor utterances = NetworkTensor.Over([(float)baseline.Utterances], 1, 1);
        using NetworkOutputs outputs = Network.Run(("features", sound), ("baseline", mean), ("utterances", utterances));
        return Array.ConvertAll(outputs[0].ToArray<float>(), value => (double)value);
    }
}
