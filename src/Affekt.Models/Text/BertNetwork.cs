using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Text;

/// <summary>A BERT ready for use in ONNX Runtime, frozen, without libtorch. Any number of threads may call it at once.</summary>
public sealed class BertNetwork : IDisposable
{
    private readonly Network _network;

    private BertNetwork(BertConfig config, Network network, IReadOnlyList<string> unused)
    {
        Config = config;
        _network = network;
        Unused = unused;
    }

    /// <summary>The sizes.</summary>
    public BertConfig Config { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>Loads a folder in Hugging Face's layout: config.json and weights, which stay where they lie.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How it is computed.</param>
    /// <param name="int8">
    /// Whether the large products multiply int8. Activations then share one scale in each call, so that a text's numbers depend a little on
    /// the others in its batch.
    /// </param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not a BERT's.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    /// <exception cref="EngineException">What should compute is not there.</exception>
    public static BertNetwork Load(string folder, EngineOptions? options = null, bool int8 = false)
    {
        BertConfig config = BertConfig.Load(Path.Combine(folder, "config.json"));
        using NetworkWeights weights = BertWeights.Open(folder);
        NetworkGraph graph = BertGraph.Build(config, weights);
        return new BertNetwork(config, Network.Open(int8 ? graph.ToInt8() : graph, options), weights.Unused);
    }

    /// <summary>The last layer's states of all tokens [B, T, D], row by row; those of padding hold nothing of use.</summary>
    /// <param name="texts">B.</param>
    /// <param name="ids">Token ids [B, T].</param>
    /// <param name="mask">1 for a token, 0 for padding behind it [B, T].</param>
    /// <param name="cancellation">Stops within the network.</param>
    public float[] LastStates(int texts, long[] ids, long[] mask, CancellationToken cancellation = default)
    {
        int tokens = ids.Length / texts;
        using NetworkTensor input = NetworkTensor.Over(ids, texts, tokens);
        using NetworkTensor there = NetworkTensor.Over(mask, texts, tokens);
        using NetworkOutputs outputs = _network.Run([(BertGraph.Ids, input), (BertGraph.Mask, there)], null, cancellation);
        return outputs[BertGraph.LastStates].ToArray<float>();
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
