using Affekt.Models.Audio;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>One convolution over the sound with its norm, where it has one, and its activation.</summary>
internal sealed class Wav2Vec2Convolution : Module
{
    /// <summary>Added to variances, as PyTorch's norms do by themselves.</summary>
    public const double Epsilon = 1e-5;

    private readonly bool _relu;
    private readonly Convolution _convolution;
    private readonly GroupNorm? _groupNorm;
    private readonly LayerNorm? _layerNorm;

    public Wav2Vec2Convolution(Wav2Vec2Config config, int index)
    {
        int inputs = index == 0 ? 1 : config.ConvDim[index - 1], outputs = config.ConvDim[index];
        _relu = config.FeatExtractActivation == "relu";
        _convolution = Child("conv", new Convolution(
            inputs, outputs, [config.ConvKernel[index]], stride: [config.ConvStride[index]], bias: config.ConvBias));
        if (!config.NormalizesGroups)
            _layerNorm = Child("layer_norm", new LayerNorm(outputs, Epsilon));
        else if (index == 0)
            _groupNorm = Child("layer_norm", new GroupNorm(outputs, outputs, Epsilon));
    }

    public SoundConvolution Parts => new(_convolution, _layerNorm);

    public GroupNorm? SoundNorm => _groupNorm;

    public Tensor Forward(Tensor x_BCT)
    {
        x_BCT = _convolution.Forward(x_BCT);
        if (_groupNorm is not null)
            x_BCT = _groupNorm.Forward(x_BCT);
        if (_layerNorm is not null)
            x_BCT = _layerNorm.Forward(x_BCT.Transpose(1, 2)).Transpose(1, 2);
        return _relu ? x_BCT.Relu() : x_BCT.Gelu();
    }
}

/// <summary>
/// Tells positions by a convolution over the frames. Its weight [D, D / groups, taps] is stored as directions and lengths
/// (Salimans and Kingma, 2016), one length for each tap.
/// </summary>
internal sealed class Wav2Vec2Positions : Module
{
    private readonly bool _relu;
    private readonly long _groups;
    private readonly Tensor _lengths;
    private readonly Tensor _directions;
    private readonly Tensor _bias;

    public Wav2Vec2Positions(Wav2Vec2Config config)
    {
        long width = config.HiddenSize, taps = config.NumConvPosEmbeddings;
        _relu = config.FeatExtractActivation == "relu";
        _groups = config.NumConvPosEmbeddingGroups;
        Tensor weight = Tensor.Randn(width, width / _groups, taps) * (2 / Math.Sqrt(taps * width));
        _lengths = Parameter("weight_g", (weight * weight).Sum(0, keep: true).Sum(1, keep: true).Sqrt());
        _directions = Parameter("weight_v", weight);
        _bias = Parameter("bias", Tensor.Zeros(width));
    }

    /// <summary>Made for the call; the caller's scope frees the weight.</summary>
    public PositionalConvolution Parts => new(Weight(), _bias, _groups, _relu ? Activation.Relu : Activation.Gelu);

    public Tensor Forward(Tensor x_BTD)
    {
        Tensor weight = Weight();
        long[] one = [1], padding = [weight.Shape[2] / 2];
        Tensor y_BDT = Operator.Get("aten::conv1d").Call(x_BTD.Transpose(1, 2), weight, _bias, one, padding, one, _groups);

        // An even number of taps gives a frame too many at the end.
        y_BDT = y_BDT.Narrow(2, 0, x_BTD.Shape[1]);
        return (_relu ? y_BDT.Relu() : y_BDT.Gelu()).Transpose(1, 2);
    }

    private Tensor Weight() => Operator.Get("aten::_weight_norm").Call(_directions, _lengths, 2);
}
