using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Audio;

/// <summary>
/// A wav2vec 2.0 ready for use in ONNX Runtime, frozen, without libtorch. Any number of threads may call it at once. A sound's result
/// does not depend on other sounds: each is computed by itself.
/// </summary>
public sealed class Wav2Vec2Network : IDisposable
{
    private readonly Network _convolutions;
    private readonly Network _transformer;

    private Wav2Vec2Network(Wav2Vec2Config config, Network convolutions, Network transformer, IReadOnlyList<string> unused)
    {
        Config = config;
        _convolutions = convolutions;
        _transformer = transformer;
        Unused = unused;
    }

    /// <summary>The sizes.</summary>
    public Wav2Vec2Config Config { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>Loads a folder in Hugging Face's layout: config.json and weights, which stay where they lie.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How it is computed.</param>
    /// <param name="int8">Whether the transformer's large products multiply int8; the convolutions stay in single precision.</param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not a wav2vec 2.0's.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    /// <exception cref="EngineException">What should compute is not there.</exception>
    public static Wav2Vec2Network Load(string folder, EngineOptions? options = null, bool int8 = false)
    {
        Wav2Vec2Config config = Wav2Vec2Config.Load(Path.Combine(folder, "config.json"));
        using NetworkWeights weights = Wav2Vec2Weights.Open(folder);
        NetworkGraph transformer = Wav2Vec2Graph.Transformer(config, weights);
        Network convolutions = Network.Open(Wav2Vec2Graph.Convolutions(config, weights), options);
        try
        {
            return new Wav2Vec2Network(config, convolutions, Network.Open(int8 ? transformer.ToInt8() : transformer, options), weights.Unused);
        }
        catch
        {
            convolutions.Dispose();
            throw;
        }
    }

    /// <summary>The last layer's states of a sound [T, D], row by row.</summary>
    /// <param name="sound">
    /// At 16 kHz and scaled as the network was trained, at least <see cref="Wav2Vec2Config.ShortestSound"/> long.
    /// </param>
    /// <param name="cancellation">Stops within the network.</param>
    public float[] States(float[] sound, CancellationToken cancellation = default)
    {
        using NetworkTensor samples = NetworkTensor.Over(sound, 1, sound.Length);
        using NetworkOutputs convolved = _convolutions.Run([(Wav2Vec2Graph.Sound, samples)], null, cancellation);
        NetworkTensor features = convolved[Wav2Vec2Graph.Features];
        long[] all = new long[features.Shape[1]];
        all.AsSpan().Fill(1);
        using NetworkTensor mask = NetworkTensor.Over(all, 1, all.Length);
        using NetworkOutputs outputs = _transformer.Run(
            [(Wav2Vec2Graph.Features, features), (Wav2Vec2Graph.Mask, mask)], null, cancellation);
        return outputs[Wav2Vec2Graph.LastStates].ToArray<float>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _convolutions.Dispose();
        _transformer.Dispose();
    }
}
