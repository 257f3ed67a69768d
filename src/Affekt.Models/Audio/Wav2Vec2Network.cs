using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Audio;

/// <summary>A wav2vec 2.0 in ONNX Runtime. Sounds of one length are computed together, without padding, so that they do not depend on each other.</summary>
public sealed class Wav2Vec2Network : GraphNetwork<Wav2Vec2Config>, IWav2Vec2Network
{
    private readonly Network _transformer;
    private readonly Network? _head;

    private Wav2Vec2Network(Wav2Vec2Config config, NetworkWeights weights, Network[] parts)
        : base(config, weights, [], parts)
    {
        _transformer = parts[1];
        _head = parts.ElementAtOrDefault(2);
    }

    /// <inheritdoc/>
    public bool HasHead => _head is not null;

    /// <summary>
    /// Loads a folder in Hugging Face's layout: config.json and weights, which stay where they lie; the layer for transcripts too, where
    /// the checkpoint has it.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How it is computed.</param>
    /// <param name="int8">Whether the transformer's large products multiply int8; the convolutions stay in single precision.</param>
    /// <param name="family">wav2vec2 or hubert.</param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not of that family.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    /// <exception cref="EngineException">What should compute is not there.</exception>
    public static Wav2Vec2Network Load(string folder, EngineOptions? options = null, bool int8 = false, string family = Wav2Vec2Config.Architecture)
    {
        Wav2Vec2Config config = Wav2Vec2Config.Load(Path.Combine(folder, "config.json"), family);
        using NetworkWeights weights = Wav2Vec2Weights.Open(folder, family);
        NetworkGraph transformer = Wav2Vec2Graph.Transformer(config, weights);
        List<NetworkGraph> graphs = [Wav2Vec2Graph.Convolutions(config, weights), int8 ? transformer.ToInt8() : transformer];
        if (weights.Has(Wav2Vec2Weights.HeadWeight))
            graphs.Add(Wav2Vec2Graph.Head(config, weights));
        List<Network> parts = [];
        try
        {
            foreach (NetworkGraph graph in graphs)
                parts.Add(Network.Open(graph, options));
            return new Wav2Vec2Network(config, weights, [.. parts]);
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<float[]> States(IReadOnlyList<float[]> sounds, CancellationToken cancellation = default)
    {
        float[][] states = new float[sounds.Count][];
        foreach (IGrouping<int, int> equals in Enumerable.Range(0, sounds.Count).GroupBy(i => sounds[i].Length))
        {
            float[] all = States([.. equals.SelectMany(i => sounds[i])], equals.Count(), cancellation);
            foreach ((int i, float[] own) in equals.Zip(all.Chunk(all.Length / equals.Count())))
                states[i] = own;
        }

        return states;
    }

    /// <inheritdoc/>
    public float[] Logits(float[] states)
    {
        if (_head is null)
            throw new InvalidOperationException("this wav2vec 2.0 has no layer for transcripts");
        using NetworkTensor input = NetworkTensor.Over(states, states.Length / Config.HiddenSize, Config.HiddenSize);
        using NetworkOutputs outputs = _head.Run((Wav2Vec2Graph.LastStates, input));
        return outputs[0].ToArray<float>();
    }

    // Sounds of one length, one after the other, to [sounds, T, D].
    private float[] States(float[] samples, int sounds, CancellationToken cancellation)
    {
        using NetworkTensor input = NetworkTensor.Over(samples, sounds, samples.Length / sounds);
        using NetworkOutputs convolved = Network.Run([(Wav2Vec2Graph.Sound, input)], null, cancellation);
        NetworkTensor features = convolved[Wav2Vec2Graph.Features];
        long[] all = new long[sounds * features.Shape[1]];
        all.AsSpan().Fill(1);
        using NetworkTensor mask = NetworkTensor.Over(all, sounds, features.Shape[1]);
        using NetworkOutputs outputs = _transformer.Run(
            [(Wav2Vec2Graph.Features, features), (Wav2Vec2Graph.Mask, mask)], null, cancellation);
        return outputs[Wav2Vec2Graph.LastStates].ToArray<float>();
    }
}
