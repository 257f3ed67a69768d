using Affekt.Models.Published;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Text;

/// <summary>A BERT, DistilBERT, RoBERTa, XLM-RoBERTa or ELECTRA in ONNX Runtime.</summary>
public sealed class TextNetwork : GraphNetwork<TextNetworkConfig>, ITextNetwork
{
    private TextNetwork(TextNetworkConfig config, NetworkWeights weights, Network network)
        : base(config, weights, [], network)
    {
    }

    /// <summary>Loads a folder in Hugging Face's layout: config.json and weights, which stay where they lie.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How it is computed.</param>
    /// <param name="int8">
    /// Whether the large products multiply int8. Activations then share one scale in each call, so that a text's numbers depend a little on
    /// the others in its batch.
    /// </param>
    /// <param name="mix">As <see cref="TextOutputs.Mix"/>.</param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not one of these networks'.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    /// <exception cref="EngineException">What should compute is not there.</exception>
    public static TextNetwork Load(string folder, EngineOptions? options = null, bool int8 = false, IReadOnlyList<double>? mix = null)
    {
        TextNetworkConfig config = TextNetworkConfig.Load(Path.Combine(folder, "config.json"));
        if (mix is { Count: > 0 })
            LayerMix.Require(Path.Combine(folder, "config.json"), mix, config.NumHiddenLayers);
        using NetworkWeights weights = PublishedFolder.Open(folder, name => TextGraph.Rename(config.ModelType, name));
        NetworkGraph graph = TextGraph.Build(config, weights, new TextOutputs { Mix = mix });
        return new TextNetwork(config, weights, Network.Open(int8 ? graph.ToInt8() : graph, options));
    }

    /// <inheritdoc/>
    public float[] LastStates(int texts, long[] ids, long[] mask, CancellationToken cancellation = default)
    {
        int tokens = ids.Length / texts;
        using NetworkTensor input = NetworkTensor.Over(ids, texts, tokens);
        using NetworkTensor there = NetworkTensor.Over(mask, texts, tokens);
        using NetworkOutputs outputs = Network.Run([(TextGraph.Ids, input), (TextGraph.Mask, there)], null, cancellation);
        return outputs[TextGraph.LastStates].ToArray<float>();
    }
}
