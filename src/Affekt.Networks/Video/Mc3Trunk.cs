using Affekt.Models;
using Affekt.Models.Video;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// MC3-18 (Tran et al., 2018, "A closer look at spatiotemporal convolutions") up to its last block, with the tensor names of
/// torchvision's mc3_18: a stem and one stage of convolutions over three frames, three stages of convolutions within a frame.
/// No step along time, so each frame keeps its features. B clips, T frames, C features.
/// </summary>
public sealed class Mc3Trunk : Module
{
    private const int Colors = 3;

    private readonly NormalizedConvolution _stem;
    private readonly Mc3Block[] _blocks;
    private Dtype? _prepared;

    /// <summary>A network with random weights.</summary>
    /// <param name="stemWidth">Channels of the stem; 64 in the published network. The last stage has eight times as many.</param>
    public Mc3Trunk(int stemWidth = 64)
    {
        StemWidth = stemWidth;
        _stem = Child("stem", new NormalizedConvolution(Colors, stemWidth, 3, 7, 2));
        _blocks =
        [
            Child("layer1.0", new Mc3Block(stemWidth, stemWidth, 3, 1)),
            Child("layer1.1", new Mc3Block(stemWidth, stemWidth, 3, 1)),
            Child("layer2.0", new Mc3Block(stemWidth, 2 * stemWidth, 1, 2)),
            Child("layer2.1", new Mc3Block(2 * stemWidth, 2 * stemWidth, 1, 1)),
            Child("layer3.0", new Mc3Block(2 * stemWidth, 4 * stemWidth, 1, 2)),
            Child("layer3.1", new Mc3Block(4 * stemWidth, 4 * stemWidth, 1, 1)),
            Child("layer4.0", new Mc3Block(4 * stemWidth, 8 * stemWidth, 1, 2)),
            Child("layer4.1", new Mc3Block(8 * stemWidth, 8 * stemWidth, 1, 1)),
        ];
    }

    /// <summary>Loads torchvision's state file of mc3_18 (.pth) as it is published, or a trunk that Affekt trained.</summary>
    /// <param name="file">The state file.</param>
    /// <param name="unused">Stored tensors that the network has no place for, sorted: fc.bias and fc.weight of torchvision's.</param>
    /// <exception cref="ModelException">The file is missing, cannot be read, or is no MC3 network.</exception>
    public static Mc3Trunk Load(string file, out IReadOnlyList<string> unused)
    {
        Mc3Trunk? network = null;
        try
        {
            using StateFile state = StateFile.Open(file);
            using (Initial.Skipped())
                network = new Mc3Trunk((int)Mc3Encoder.StemWidth(state.Tensors.GetValueOrDefault(Mc3Encoder.StemWeight), file));
            unused = NetworkState.Load(network, state);
            return network;
        }
        catch (Exception e) when (e is StateFileException or StateMismatchException)
        {
            network?.Dispose();
            throw new ModelException(file, null, e.Message, "the weights of an MC3 network", e);
        }
    }

    /// <summary>Channels of the stem.</summary>
    public int StemWidth { get; }

    /// <summary>Features of a frame, C: 512 in the published network.</summary>
    public int Width => 8 * StemWidth;

    /// <summary>Whether training multiplies in bfloat16; see <see cref="Linear.UseMixedPrecision"/>.</summary>
    public void UseMixedPrecision(bool on)
    {
        foreach (NormalizedConvolution convolution in Convolutions)
            convolution.UseMixedPrecision(on);
    }

    /// <summary>
    /// Whether batch normalization uses the batch's own statistics while training. Call it after <see cref="Module.Train"/>;
    /// off is for fine-tuning with few clips in a batch, whose statistics would be poor.
    /// </summary>
    public void UseBatchStatistics(bool on)
    {
        foreach (NormalizedConvolution convolution in Convolutions)
            convolution.UseBatchStatistics(on);
    }

    /// <summary>
    /// Lays the weights out for use, for good: batch normalization folded into the convolutions, the channels of a pixel side by side.
    /// </summary>
    /// <param name="precision">
    /// Convolutions know no int8: they then multiply in bfloat16, whose sums are single precision. A processor without instructions for it
    /// computes in single precision: to imitate them takes three times as long. A CUDA device has them.
    /// </param>
    public void Prepare(Precision precision)
    {
        bool isFast = PackedKernels.HasBFloat16 || Device.IsCuda;
        _prepared = precision != Precision.Float32 && isFast ? Dtype.BFloat16 : Dtype.Float32;
        foreach (NormalizedConvolution convolution in Convolutions)
            convolution.Prepare(_prepared.Value);
    }

    /// <summary>Pixels [B, 3, T, H, W] as <see cref="KineticsClips"/> gives them to features [B, T, C].</summary>
    public Tensor Forward(Tensor pixels)
    {
        long batch = pixels.Shape[0], time = pixels.Shape[2];
        Tensor places = _prepared is { } dtype ? InUse(pixels.To(dtype)) : AsTrained(pixels);
        return places.To(Dtype.Float32).Mean(2).Reshape(batch, time, Width);
    }

    private IEnumerable<NormalizedConvolution> Convolutions => Modules().OfType<NormalizedConvolution>();

    // Features of every place of every frame, [B * T, C, H * W].
    private Tensor AsTrained(Tensor pixels)
    {
        Tensor x_BCTHW = _stem.Forward(pixels).Relu();
        foreach (Mc3Block block in _blocks)
            x_BCTHW = block.Forward(x_BCTHW);
        return Places(ByFrame(x_BCTHW));
    }

    private Tensor InUse(Tensor pixels)
    {
        Tensor x = _stem.Forward(pixels.ChannelsLast());
        x.RectifyInPlace();
        foreach (Mc3Block block in _blocks)
            x = block.InUse(block.OfFrames && x.Rank == 5 ? ByFrame(x) : x);
        return Places(x);
    }

    // [B, C, T, H, W] to [B * T, C, H, W]; without copying where channels lie side by side.
    private static Tensor ByFrame(Tensor x) => x.Permute(0, 2, 1, 3, 4).Reshape(-1, x.Shape[1], x.Shape[3], x.Shape[4]);

    private static Tensor Places(Tensor x_NCHW) => x_NCHW.Reshape(x_NCHW.Shape[0], x_NCHW.Shape[1], -1);
}

/// <summary>Two convolutions beside a path that passes them by.</summary>
internal sealed class Mc3Block : Module
{
    private readonly NormalizedConvolution _first;
    private readonly NormalizedConvolution _second;
    private readonly NormalizedConvolution? _shortcut;

    public Mc3Block(int inputs, int outputs, int depth, int stride)
    {
        OfFrames = depth == 1;
        _first = Child("conv1", new NormalizedConvolution(inputs, outputs, depth, 3, stride));
        _second = Child("conv2", new NormalizedConvolution(outputs, outputs, depth, 3, 1));
        if (inputs != outputs)
            _shortcut = Child("downsample", new NormalizedConvolution(inputs, outputs, 1, 1, stride));
    }

    /// <summary>Whether each frame is convolved by itself.</summary>
    public bool OfFrames { get; }

    /// <summary>[B, C, T, H, W] to [B, C', T, H', W'].</summary>
    public Tensor Forward(Tensor x) =>
        (_second.Forward(_first.Forward(x).Relu()) + (_shortcut?.Forward(x) ?? x)).Relu();

    /// <summary>The same once prepared: frames by themselves as [B * T, C, H, W].</summary>
    public Tensor InUse(Tensor x)
    {
        using TensorScope scope = new();
        Tensor inner = _first.Forward(x);
        inner.RectifyInPlace();
        Tensor y = _second.Forward(inner);
        y.AddScaled(_shortcut?.Forward(x) ?? x, 1);
        y.RectifyInPlace();
        return scope.Keep(y);
    }
}
