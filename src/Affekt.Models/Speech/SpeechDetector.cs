using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Speech;

/// <summary>
/// Tells how probable it is that somebody speaks, 31 times a second, with Silero VAD 5 (Silero Team, MIT) as published. One network
/// serves any number of recordings, from any thread.
/// </summary>
public sealed class SpeechDetector : IDisposable
{
    /// <summary>Samples at 16 kHz that one probability is for: 32 ms.</summary>
    public const int Chunk = 512;

    // Samples before a chunk that are read with it.
    private const int Context = 64;

    // Numbers that the network remembers from chunk to chunk: [2, 1, 128].
    private const int Memory = 128;

    private readonly Network _network;

    private SpeechDetector(Network network) => _network = network;

    /// <summary>Loads the published network from silero_vad_v5.onnx.</summary>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static SpeechDetector Load(string onnxFile)
    {
        using OnnxModel model = OnnxModel.Read(onnxFile);
        if (!model.Inputs.Order(StringComparer.Ordinal).SequenceEqual(["input", "sr", "state"]))
            throw new ModelException(onnxFile, null, $"a network that reads {string.Join(", ", model.Inputs)}", "Silero VAD 5, which reads input, state and sr");
        try
        {
            // The file holds a network for 16 kHz and one for 8 kHz.
            model.Enter("If_0", "then_branch");
            model.KeepOutputs("output", "stateN");

            // It is far too small to be shared by threads.
            return new SpeechDetector(Network.Open(model, new EngineOptions { Threads = 1, KeepsMemory = true }));
        }
        catch (Exception e) when (e is StateFileException or EngineException)
        {
            throw new ModelException(onnxFile, null, e.Message, "Silero VAD 5", e);
        }
    }

    /// <summary>Starts to listen to a recording.</summary>
    public Listener Listen() => new(_network);

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>
    /// One recording, heard from its beginning in pieces of any size, which do not change what is answered. For use by one
    /// thread at a time.
    /// </summary>
    public sealed class Listener : IDisposable
    {
        private readonly Network _network;
        private readonly float[] _sound = new float[Context + Chunk];
        private readonly float[] _memory = new float[2 * Memory];
        private readonly (string, NetworkTensor)[] _inputs;

        // Samples in the room: those before the chunk at hand, and as much of it as was heard.
        private int _filled = Context;

        internal Listener(Network network)
        {
            _network = network;
            _inputs = [("input", NetworkTensor.Over(_sound, 1, _sound.Length)), ("state", NetworkTensor.Over(_memory, 2, 1, Memory))];
        }

        /// <summary>Hears more of the recording.</summary>
        /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
        /// <returns>The probability of speech, in [0, 1], in each chunk that is complete now and was not before.</returns>
        public float[] Hear(ReadOnlySpan<float> samples)
        {
            List<float> probabilities = [];
            while (samples.Length > 0)
            {
                int taken = Math.Min(samples.Length, _sound.Length - _filled);
                samples[..taken].CopyTo(_sound.AsSpan(_filled));
                samples = samples[taken..];
                _filled += taken;
                if (_filled == _sound.Length)
                    probabilities.Add(Run());
            }

            return [.. probabilities];
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            foreach ((_, NetworkTensor tensor) in _inputs)
                tensor.Dispose();
        }

        private float Run()
        {
            using NetworkOutputs outputs = _network.Run(_inputs);
            outputs[1].Span<float>().CopyTo(_memory);
            _sound.AsSpan(Chunk).CopyTo(_sound);
            _filled = Context;
            return outputs[0].Span<float>()[0];
        }
    }
}
