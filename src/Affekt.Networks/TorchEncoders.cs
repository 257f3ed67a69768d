using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// BERT, RoBERTa, wav2vec 2.0, HuBERT and MC3-18 computed by libtorch: by the project's own kernels where the processor has AVX-512 VNNI, or on a CUDA
/// device. Their bfloat16 and int8 are several times as fast as ONNX Runtime's single precision (`affekt bench encoders`).
/// </summary>
/// <param name="precision">The arithmetic of the large products; convolutions know no int8, and multiply bfloat16 in its place.</param>
/// <param name="device">Where they compute; the processor where null.</param>
public sealed class TorchEncoders(Precision precision, Device? device = null) : IEncoderAccelerator
{
    private readonly Device _device = device ?? Device.Cpu;

    /// <summary>Whether this processor and the native part have kernels for them: then they are faster here than in ONNX Runtime.</summary>
    public static bool HasKernels
    {
        get
        {
            try
            {
                return PackedKernels.Available;
            }
            catch (Exception e) when (e is TorchException or DllNotFoundException)
            {
                // No native part: ONNX Runtime computes everything.
                return false;
            }
        }
    }

    /// <summary>
    /// How encoders are computed in a precision: on a CUDA device by libtorch; on the processor in single precision by ONNX Runtime, and
    /// in the others by the kernels where there are some.
    /// </summary>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="device">Where they compute; the processor where null.</param>
    public static EncoderOptions Options(Precision precision, Device? device = null) => new()
    {
        Precision = precision,
        Accelerator = (device ?? Device.Cpu) != Device.Cpu || (precision != Precision.Float32 && HasKernels) ? new TorchEncoders(precision, device) : null,
    };

    /// <inheritdoc/>
    public ITextNetwork OpenText(string folder)
    {
        TextNetworkConfig family = TextNetworkConfig.Load(Path.Combine(folder, "config.json"));
        return Opened(
            family.CountsFromPadding ? BertModel.LoadRelative(folder, family, out IReadOnlyList<string> unused) : BertModel.Load(folder, pooler: false, out unused),
            network => network.Prepare(precision, keepWeights: false), (network, count) => new Bert(network, family, count, unused));
    }

    /// <inheritdoc/>
    public IWav2Vec2Network OpenSpeech(string folder, string family) => Opened(
        Wav2Vec2Model.Load(folder, head: true, out IReadOnlyList<string> unused, family),
        network => network.Prepare(precision, keepWeights: false), (network, _) => new Speech(network, unused));

    /// <inheritdoc/>
    public IFrameEncoder OpenPictures(string file, int side) => Opened(
        Mc3Trunk.Load(file, out _), network => network.Prepare(precision), (network, _) => new Pictures(network, side));

    private TOpened Opened<TModule, TOpened>(TModule network, Action<TModule> prepare, Func<TModule, long, TOpened> open)
        where TModule : Module
    {
        try
        {
            long count = network.ParameterCount;
            network.RequireGrad(false);
            network.To(_device);
            prepare(network);
            return open(network, count);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private sealed class Bert(BertModel network, TextNetworkConfig config, long parameters, IReadOnlyList<string> unused) : ITextNetwork
    {
        public TextNetworkConfig Config => config;

        public long ParameterCount => parameters;

        public IReadOnlyList<string> Unused => unused;

        public float[] LastStates(int texts, long[] ids, long[] mask, CancellationToken cancellation = default)
        {
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            long tokens = ids.Length / texts;
            return network.LastStates(
                Tensor.From<long>(ids, texts, tokens).To(network.Device),
                Tensor.From<long>(mask, texts, tokens).To(Dtype.Float32).To(network.Device)).ToArray<float>();
        }

        public void Dispose() => network.Dispose();
    }

    private sealed class Speech(Wav2Vec2Model network, IReadOnlyList<string> unused) : IWav2Vec2Network
    {
        public Wav2Vec2Config Config => network.Config;

        public IReadOnlyList<string> Unused => unused;

        public bool HasHead => network.HasHead;

        public IReadOnlyList<float[]> States(IReadOnlyList<float[]> sounds, CancellationToken cancellation = default)
        {
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            return [.. network.States(sounds).Select(states_TD => states_TD.ToArray<float>())];
        }

        public float[] Logits(float[] states)
        {
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            return network.Logits(Tensor.From<float>(states, states.Length / Config.HiddenSize, Config.HiddenSize).To(network.Device)).ToArray<float>();
        }

        public void Dispose() => network.Dispose();
    }

    private sealed class Pictures(Mc3Trunk network, int side) : IFrameEncoder
    {
        public int Width => network.Width;

        public FrameRequest Frames { get; } = new(Mc3Encoder.PaperFrames, side, Whole: false);

        public FrameFeatures Encode(VideoFrames frames)
        {
            if (frames.Count == 0)
                return FrameFeatures.Unusable(0, "there is no picture");
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            float[] values = network.Forward(KineticsClips.Normalize(frames).To(network.Device)).ToArray<float>();
            return new FrameFeatures(values, [.. Enumerable.Repeat(true, frames.Count)], null, []);
        }

        public void Dispose() => network.Dispose();
    }
}
