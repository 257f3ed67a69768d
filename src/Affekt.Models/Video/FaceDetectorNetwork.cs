using Affekt.Models.Weights;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Video;

/// <summary>
/// The network of the tiny face detector: a convolution, five depthwise separable ones (Howard et al., 2017), each with its
/// pooling, and a linear map for each cell. Parameters are named as in the package, with dots for slashes.
/// </summary>
internal sealed class FaceDetectorNetwork : Module
{
    /// <summary>Pixels of a cell's side: five poolings by two.</summary>
    public const int Cell = 32;

    private const double LeakySlope = 0.1;
    private const double Brightest = 255;

    private static readonly int[] _widths = [16, 32, 64, 128, 256, 512];

    // The mean of red, green and blue that the package subtracts (tinyFaceDetector/const.ts).
    private static readonly float[] _mean = [117.001f, 114.697f, 97.404f];

    private readonly Convolution _first;
    private readonly SeparableConvolution[] _separable;
    private readonly Convolution _last;

    public FaceDetectorNetwork()
    {
        // Alone among them it has no padding, so that later poolings meet odd sizes and must keep the last row and column.
        _first = Child("conv0", new Convolution(3, _widths[0], [3, 3]));
        _separable =
        [
            .. Enumerable.Range(1, _widths.Length - 1)
                .Select(i => Child($"conv{i}", new SeparableConvolution(_widths[i - 1], _widths[i]))),
        ];
        _last = Child("conv8", new Convolution(_widths[^1], 25, [1, 1]));
    }

    /// <summary>
    /// Red, green and blue 0 to 255, [B, 3, H, W] with sides that are multiples of 32, to [B, 25, H/32, W/32]: for each cell
    /// five boxes of x, y, width, height and score before their sigmoids and exponentials.
    /// </summary>
    public Tensor Forward(Tensor rgb)
    {
        Tensor x = (rgb - Tensor.From<float>(_mean, 1, 3, 1, 1)) / Brightest;
        x = Leaky(_first.Forward(x));
        foreach (SeparableConvolution layer in _separable)
            x = Leaky(layer.Forward(Pool(x, 2)));

        // The last pooling keeps the size: a row and a column that count for nothing are added behind.
        Tensor padded = Operator.Get("aten::constant_pad_nd").Call(x, new long[] { 0, 1, 0, 1 }, double.NegativeInfinity);
        return _last.Forward(Pool(padded, 1));
    }

    /// <summary>
    /// The same in one pass over bytes [B, H, W, 3] of any size, with the cells first: [B, ⌈H / 32⌉, ⌈W / 32⌉, 25]. Needs
    /// <see cref="PackedKernels.Available"/>.
    /// </summary>
    public PackedPictures Pack()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();

        // w (x - mean) / 255 as a convolution of x; without padding that holds at the edges too.
        Tensor weight = _first.Weight / Brightest;
        Tensor bias = _first.Bias! - (weight * Tensor.From<float>(_mean, 1, 3, 1, 1)).Reshape(weight.Shape[0], -1).Sum(1);
        return new PackedPictures(weight, bias, LeakySlope, [.. _separable.Select(layer => layer.Parts)], _last);
    }

    public static FaceDetectorNetwork Load(string manifest)
    {
        using StateFile file = StateFile.Open(manifest);
        using TensorScope scope = new();
        Dictionary<string, Tensor> state = [];
        foreach (StoredTensor stored in file.Tensors.Values)
            state[Name(stored.Name)] = Arranged(stored);
        FaceDetectorNetwork network;
        using (Initial.Skipped())
            network = new FaceDetectorNetwork();
        try
        {
            network.LoadState(state, manifest);
        }
        catch (StateMismatchException e)
        {
            network.Dispose();
            throw new ModelException(manifest, null, e.Message, "face-api's tiny face detector", e);
        }

        network.RequireGrad(false);
        return network;
    }

    // conv0/filters, conv1/depthwise_filter, conv1/pointwise_filter, conv1/bias.
    private static string Name(string stored)
    {
        string[] parts = stored.Split('/');
        return string.Join('.', parts[0], parts[^1] switch
        {
            "filters" => "weight",
            "depthwise_filter" => "depthwise.weight",
            "pointwise_filter" => "pointwise.weight",
            "bias" when parts[0] is not ("conv0" or "conv8") => "pointwise.bias",
            string other => other,
        });
    }

    // TensorFlow has kernels as [height, width, in, out], and depthwise ones as [height, width, channels, 1].
    private static Tensor Arranged(StoredTensor stored)
    {
        Tensor tensor = stored.ToTorch();
        if (tensor.Rank != 4)
            return tensor;
        return stored.Name.EndsWith("depthwise_filter", StringComparison.Ordinal) ? tensor.Permute(2, 3, 0, 1) : tensor.Permute(3, 2, 0, 1);
    }

    private static Tensor Leaky(Tensor x) => Operator.Get("aten::leaky_relu").Call(x, LeakySlope);

    private static Tensor Pool(Tensor x, long stride) => Operator.Get("aten::max_pool2d").Call(
        x, new long[] { 2, 2 }, new[] { stride, stride }, new long[] { 0, 0 }, new long[] { 1, 1 }, true);

    private sealed class SeparableConvolution : Module
    {
        private readonly Convolution _depthwise;
        private readonly Convolution _pointwise;

        public SeparableConvolution(long inputs, long outputs)
        {
            _depthwise = Child("depthwise", new Convolution(inputs, inputs, [3, 3], padding: [1, 1], groups: inputs, bias: false));
            _pointwise = Child("pointwise", new Convolution(inputs, outputs, [1, 1]));
        }

        public SeparableParts Parts => new(_depthwise, _pointwise);

        public Tensor Forward(Tensor x) => _pointwise.Forward(_depthwise.Forward(x));
    }
}
