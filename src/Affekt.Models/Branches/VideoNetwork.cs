using Affekt.Models.Video;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Branches;

/// <summary>A trained video branch, ready for use, as a graph.</summary>
public sealed class VideoNetwork : GraphNetwork<VideoConfig>
{
    private VideoNetwork(VideoConfig config, NetworkWeights weights, Network network)
        : base(config, weights, [], network)
    {
    }

    /// <summary>Loads a branch.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="file">Its weights.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not such a branch.</exception>
    public static VideoNetwork Load(VideoConfig config, string file)
    {
        using NetworkWeights weights = NetworkWeights.Open(file);
        return new VideoNetwork(config, weights, BranchLayers.Open(weights, "a video branch", held => VideoGraph.Build(config, held)));
    }

    /// <summary>What the branch says about an utterance: logits, in label order and before calibration.</summary>
    /// <param name="frames">What the frame encoder made of the picture; some of it is usable.</param>
    /// <param name="tokens">States of the text's tokens [tokens, token width]; null where there is no text. Read if the branch reads text.</param>
    /// <param name="metadata">The categories. Read if the branch reads metadata.</param>
    public double[] Logits(FrameFeatures frames, float[]? tokens, MetadataFeatures metadata)
    {
        int count = frames.Present.Count;
        List<(string, NetworkTensor)> inputs =
        [
            ("frames", NetworkTensor.Over(frames.Values!, 1, count, Config.FrameWidth)),
            ("has_frame", NetworkTensor.Over([.. frames.Present.Select(usable => usable ? 1f : 0f)], 1, count, 1)),
        ];
        if (Config.ReadsText)
        {
            int length = (tokens?.Length ?? 0) / Config.TokenWidth;
            float[] states = length > 0 ? tokens! : new float[Config.TokenWidth], has = new float[Math.Max(1, length)];
            has.AsSpan(0, length).Fill(1);
            inputs.Add(("tokens", NetworkTensor.Over(states, 1, has.Length, Config.TokenWidth)));
            inputs.Add(("has_token", NetworkTensor.Over(has, 1, has.Length, 1)));
        }

        if (Config.ReadsMetadata)
            inputs.Add(("metadata", NetworkTensor.Over(BranchLayers.Categories(metadata), 1, MetadataFeatures.Names.Count)));
        try
        {
            using NetworkOutputs outputs = Network.Run([.. inputs]);
            return Array.ConvertAll(outputs[0].ToArray<float>(), value => (double)value);
        }
        finally
        {
            foreach ((_, NetworkTensor tensor) in inputs)
                tensor.Dispose();
        }
    }
}
