using Affekt.Models.Video;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// A small residual network (He et al., 2016) from a gray face to its expression, made for FER2013's 48x48 pictures; any
/// size from 16x16 on goes in. Parameters: <c>stem</c>, <c>second</c>, <c>blocks.0</c> to <c>.2</c>, <c>head</c>.
/// </summary>
/// <remarks>Shapes: B faces, H and W pixels.</remarks>
public sealed class ExpressionNetwork : Module
{
    /// <summary>Features of a face: 256.</summary>
    public const int Width = ExpressionEncoder.Width;

    // Contrast below this (standard deviation of gray values 0 to 255) is noise: it is not blown up.
    private const double LeastContrast = 4;

    private readonly ConvolutionNorm _stem;
    private readonly ConvolutionNorm _second;
    private readonly ResidualBlock[] _blocks;
    private readonly Linear _head;
    private bool _mixed;

    /// <summary>A network that is not trained yet.</summary>
    public ExpressionNetwork()
    {
        _stem = Child("stem", new ConvolutionNorm(1, 32, kernel: 5, stride: 2));
        _second = Child("second", new ConvolutionNorm(32, 64, kernel: 3, stride: 1));
        _blocks =
        [
            Child("blocks.0", new ResidualBlock(64, 128, stride: 2)),
            Child("blocks.1", new ResidualBlock(128, Width, stride: 2)),
            Child("blocks.2", new ResidualBlock(Width, Width, stride: 1)),
        ];
        _head = Child("head", new Linear(Width, Emotions.Count));
    }

    /// <summary>
    /// Whether training multiplies in bfloat16 while weights, gradients and the optimizer stay in single precision
    /// (Micikevicius et al., 2018).
    /// </summary>
    public void UseMixedPrecision(bool on) => _mixed = on;

    /// <summary>
    /// Gray values 0 to 255 [B, 1, H, W] to features [B, 256]. Each picture is brought to zero mean and unit variance
    /// first, so that light and contrast do not matter.
    /// </summary>
    public Tensor Features(Tensor gray)
    {
        Tensor flat = gray.Reshape(gray.Shape[0], -1);
        Tensor centered = flat - flat.Mean(1, keep: true);
        Tensor deviation = (centered * centered).Mean(1, keep: true).Sqrt().Clamp(LeastContrast, null);
        Tensor x = (centered / deviation).Reshape([.. gray.Shape]);
        if (_mixed)
            x = x.To(Dtype.BFloat16);
        x = _second.Forward(_stem.Forward(x).Relu()).Relu();
        foreach (ResidualBlock block in _blocks)
            x = block.Forward(x);
        return x.To(Dtype.Float32).Reshape(x.Shape[0], Width, -1).Mean(2);
    }

    /// <summary>Features [B, 256] to logits [B, 7], by label.</summary>
    public Tensor Logits(Tensor features) => _head.Forward(features);

    /// <summary>A convolution that keeps the size but for its stride, and batch normalization after it.</summary>
    private sealed class ConvolutionNorm : Module
    {
        private readonly Convolution _convolution;
        private readonly BatchNorm _norm;

        public ConvolutionNorm(long inputs, long outputs, long kernel, long stride)
        {
            _convolution = Child("conv", new Convolution(
                inputs, outputs, [kernel, kernel], [stride, stride], [kernel / 2, kernel / 2], bias: false));
            _norm = Child("norm", new BatchNorm(outputs));
        }

        // In the input's type: between layers nothing is converted back.
        public Tensor Forward(Tensor x) => _norm.Forward(_convolution.Apply(x, _convolution.Weight.To(x.Dtype), null));
    }

    private sealed class ResidualBlock : Module
    {
        private readonly ConvolutionNorm _first;
        private readonly ConvolutionNorm _second;
        private readonly ConvolutionNorm? _shortcut;

        public ResidualBlock(long inputs, long outputs, long stride)
        {
            _first = Child("first", new ConvolutionNorm(inputs, outputs, kernel: 3, stride));
            _second = Child("second", new ConvolutionNorm(outputs, outputs, kernel: 3, stride: 1));
            if (stride != 1 || inputs != outputs)
                _shortcut = Child("shortcut", new ConvolutionNorm(inputs, outputs, kernel: 1, stride));
        }

        public Tensor Forward(Tensor x)
        {
            Tensor y = _second.Forward(_first.Forward(x).Relu());
            return (y + (_shortcut?.Forward(x) ?? x)).Relu();
        }
    }
}
