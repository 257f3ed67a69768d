using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Speech;

/// <summary>Tells how probable it is that somebody speaks, 31 times a second. One network serves any number of recordings.</summary>
public sealed class SpeechDetector : IDisposable
{
    /// <summary>Samples at 16 kHz that one probability is for: 32 ms.</summary>
    public const int Chunk = SileroNetwork.Chunk;

    private readonly SileroNetwork _network;

    private SpeechDetector(SileroNetwork network) => _network = network;

    /// <summary>Loads the published network from silero_vad_v5.onnx.</summary>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static SpeechDetector Load(string onnxFile) => new(SileroNetwork.Load(onnxFile));

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
        // What is computed at once: half a minute, a few MB of states.
        private const int MostChunks = 1024;

        private readonly SileroNetwork _network;
        private readonly List<float> _waiting = [.. new float[SileroNetwork.Context]];
        private LstmState? _state;

        internal Listener(SileroNetwork network) => _network = network;

        /// <summary>Hears more of the recording.</summary>
        /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
        /// <returns>The probability of speech, in [0, 1], in each chunk that is complete now and was not before.</returns>
        public float[] Hear(ReadOnlySpan<float> samples)
        {
            _waiting.AddRange(samples);
            List<float> probabilities = [];
            int chunks;
            while ((chunks = Math.Min(MostChunks, (_waiting.Count - SileroNetwork.Context) / Chunk)) > 0)
            {
                probabilities.AddRange(Run(chunks));
                _waiting.RemoveRange(0, chunks * Chunk);
            }

            return [.. probabilities];
        }

        /// <inheritdoc/>
        public void Dispose() => Forget();

        private float[] Run(int chunks)
        {
            const int Width = SileroNetwork.Context + Chunk;
            float[] rows = new float[chunks * Width];
            for (int i = 0; i < chunks; i++)
                _waiting.CopyTo(i * Chunk, rows, i * Width, Width);
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            (Tensor probabilities, LstmState after) = _network.Forward(
                Tensor.From<float>(rows, chunks, Width), _state ?? _network.Start());
            Forget();
            _state = new LstmState(TensorScope.Detached(after.Hidden), TensorScope.Detached(after.Cell));
            return probabilities.ToArray<float>();
        }

        private void Forget()
        {
            _state?.Hidden.Dispose();
            _state?.Cell.Dispose();
            _state = null;
        }
    }
}
