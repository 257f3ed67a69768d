using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// A convolution over [B, C, T, H, W] without bias, and the batch normalization after it: parts <c>0</c> and <c>1</c>, as in
/// torchvision's sequences. For use the second is folded into the first.
/// </summary>
internal sealed class NormalizedConvolution : Module
{
    private readonly Convolution _convolution;
    private readonly BatchNorm _norm;
    private readonly Convolution? _ofFrames;
    private Tensor? _weight;
    private Tensor? _bias;

    /// <summary>A kernel of <paramref name="depth"/> frames and <paramref name="side"/> x side pixels, padded to keep sizes.</summary>
    public NormalizedConvolution(int inputs, int outputs, int depth, int side, int stride)
    {
        long[] kernel = [depth, side, side], strides = [1, stride, stride], padding = [depth / 2, side / 2, side / 2];
        _convolution = Child("0", new Convolution(inputs, outputs, kernel, strides, padding, bias: false));
        _norm = Child("1", new BatchNorm(outputs));
        if (depth == 1)
        {
            // Not a part: it only convolves, with the folded weights.
            using IDisposable skipped = Initial.Skipped();
            _ofFrames = new Convolution(1, 1, kernel[1..], strides[1..], padding[1..], bias: false);
        }
    }

    /// <summary>
    /// [B, C, T, H, W] to [B, C', T, H', W']. Once prepared it takes and gives what <see cref="Prepare"/> says.
    /// </summary>
    public Tensor Forward(Tensor x) => _weight is null
        ? _norm.Forward(_convolution.Forward(x))
        : (_ofFrames ?? _convolution).Apply(x, _weight, _bias);

    /// <summary>Whether training multiplies in bfloat16.</summary>
    public void UseMixedPrecision(bool on) => _convolution.UseMixedPrecision(on);

    /// <summary>
    /// Whether the batch's own mean and variance are used while training, or the running ones, which then stay as they are.
    /// </summary>
    public void UseBatchStatistics(bool on) => _norm.Train(on);

    /// <summary>
    /// Folds for use. A kernel of one frame then convolves each frame by itself, [B * T, C, H, W]; a deeper one
    /// [B, C, T, H, W]; both of the type given.
    /// </summary>
    public void Prepare(Dtype dtype)
    {
        Release();
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        (Tensor factor, Tensor offset) = _norm.InUse();
        Tensor weight = _convolution.Weight * factor.Reshape(-1, 1, 1, 1, 1);
        if (_ofFrames is not null)
            weight = weight.Squeeze(2);
        _weight = TensorScope.Detached(weight.To(dtype).ChannelsLast());
        _bias = TensorScope.Detached(offset.To(dtype));
    }

    /// <summary>Forgets what was folded.</summary>
    public void Release()
    {
        _weight?.Dispose();
        _bias?.Dispose();
        (_weight, _bias) = (null, null);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Release();
        _ofFrames?.Dispose();
        base.Dispose(disposing);
    }
}
