using Affekt.Models.Weights;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Speech;

/// <summary>
/// The network of Silero VAD 5 for 16 kHz (Silero Team, MIT): a short-time Fourier transform as a convolution, four
/// convolutions over it, and an LSTM over the chunks. N chunks of 512 samples, each with the 64 samples before it.
/// </summary>
internal sealed class SileroNetwork : Module
{
    /// <summary>Samples of a chunk, at 16 kHz: 32 ms.</summary>
    public const int Chunk = 512;

    /// <summary>Samples before a chunk that are read with it.</summary>
    public const int Context = 64;

    private const int Bins = 129;
    private const int Width = 128;
    private const int Hop = 128;
    private const int Padding = 64;

    private readonly Convolution _transform;
    private readonly Convolution[] _encoder;
    private readonly Lstm _memory;
    private readonly Convolution _output;

    private SileroNetwork()
    {
        _transform = Child("stft", new Convolution(1, 2 * Bins, [2 * Hop], stride: [Hop], bias: false));
        (int In, int Out, int Stride)[] layers = [(Bins, Width, 1), (Width, Width / 2, 2), (Width / 2, Width / 2, 2), (Width / 2, Width, 1)];
        _encoder =
        [
            .. layers.Select((layer, i) => Child(
                $"encoder.{i}.reparam_conv", new Convolution(layer.In, layer.Out, [3], stride: [layer.Stride], padding: [1]))),
        ];
        _memory = Child("decoder.rnn", new Lstm(Width, Width));
        _output = Child("decoder.decoder.2", new Convolution(Width, 1, [1]));
    }

    /// <summary>Loads the published network from silero_vad_v5.onnx.</summary>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static SileroNetwork Load(string onnxFile)
    {
        // The graph's first branch is the one for 16 kHz.
        const string Branch = "then/If_0_then_branch__Inline_0__";
        using StateFile state = StateFile.Open(onnxFile);
        using TensorScope scope = new();
        Dictionary<string, Tensor> tensors = state.Tensors.Values
            .Where(stored => stored.Name.StartsWith(Branch, StringComparison.Ordinal) && stored.Type == ElementType.Float32)
            .ToDictionary(
                stored => Published(stored.Name[Branch.Length..]),
                stored => stored.ToTorch());
        SileroNetwork network;
        using (Initial.Skipped())
            network = new SileroNetwork();
        try
        {
            network.LoadState(tensors, onnxFile);
        }
        catch (StateMismatchException e)
        {
            network.Dispose();
            throw new ModelException(onnxFile, null, e.Message, "Silero VAD 5", e);
        }

        network.RequireGrad(false);
        return network;
    }

    /// <summary>A state with nothing heard.</summary>
    public LstmState Start() => _memory.ZeroState(1);

    /// <summary>Chunks that follow each other, [N, 576], to the probability of speech in each, [N], and the state after.</summary>
    public (Tensor Probabilities, LstmState State) Forward(Tensor sound, LstmState state)
    {
        Tensor padded = Operator.Get("aten::reflection_pad1d").Call(sound.Unsqueeze(1), new long[] { 0, Padding });
        Tensor transformed = _transform.Forward(padded);
        Tensor real = transformed.Narrow(1, 0, Bins), imaginary = transformed.Narrow(1, Bins, Bins);
        Tensor x = ((real * real) + (imaginary * imaginary)).Sqrt();
        foreach (Convolution layer in _encoder)
            x = layer.Forward(x).Relu();

        // [N, 128, 1] as one sequence of N steps.
        (Tensor hidden, LstmState after) = _memory.Forward(x.Squeeze(2).Unsqueeze(0), state);
        return (_output.Forward(hidden.Transpose(1, 2).Relu()).Sigmoid().Reshape(-1), after);
    }

    private static string Published(string name) => name switch
    {
        "stft.forward_basis_buffer" => "stft.weight",
        _ when name.StartsWith("decoder.rnn.", StringComparison.Ordinal) => $"{name}_l0",
        _ => name,
    };
}
