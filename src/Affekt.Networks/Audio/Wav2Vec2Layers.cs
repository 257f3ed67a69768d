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

/// <summary>A transformer layer whose norms stand behind its two parts, or before them. H heads.</summary>
internal sealed class Wav2Vec2Layer : Module
{
    private readonly int _heads;
    private readonly bool _normFirst;
    private readonly bool _relu;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _attentionOutput;
    private readonly LayerNorm _attentionNorm;
    private readonly Linear _intermediate;
    private readonly Linear _output;
    private readonly LayerNorm _outputNorm;

    public Wav2Vec2Layer(Wav2Vec2Config config)
    {
        int width = config.HiddenSize;
        _heads = config.NumAttentionHeads;
        _normFirst = config.DoStableLayerNorm;
        _relu = config.HiddenAct == "relu";
        _query = Child("attention.q_proj", new Linear(width, width));
        _key = Child("attention.k_proj", new Linear(width, width));
        _value = Child("attention.v_proj", new Linear(width, width));
        _attentionOutput = Child("attention.out_proj", new Linear(width, width));
        _attentionNorm = Child("layer_norm", new LayerNorm(width, config.LayerNormEps));
        _intermediate = Child("feed_forward.intermediate_dense", new Linear(width, config.IntermediateSize));
        _output = Child("feed_forward.output_dense", new Linear(config.IntermediateSize, width));
        _outputNorm = Child("final_layer_norm", new LayerNorm(width, config.LayerNormEps));
    }

    public TransformerLayerWeights Parts =>
        new(_query, _key, _value, _attentionOutput, _attentionNorm, _intermediate, _output, _outputNorm);

    public Tensor Forward(Tensor x_BTD, Tensor? mask)
    {
        if (_normFirst)
        {
            x_BTD += Attend(_attentionNorm.Forward(x_BTD), mask);
            return x_BTD + FeedForward(_outputNorm.Forward(x_BTD));
        }

        x_BTD = _attentionNorm.Forward(x_BTD + Attend(x_BTD, mask));
        return _outputNorm.Forward(x_BTD + FeedForward(x_BTD));
    }

    private Tensor Attend(Tensor x_BTD, Tensor? mask)
    {
        Tensor attended = Attention.Apply(
            Heads(_query.Forward(x_BTD)), Heads(_key.Forward(x_BTD)), Heads(_value.Forward(x_BTD)), mask);
        return _attentionOutput.Forward(attended.Transpose(1, 2).Reshape([.. x_BTD.Shape]));
    }

    private Tensor FeedForward(Tensor x_BTD)
    {
        Tensor inner = _intermediate.Forward(x_BTD);
        return _output.Forward(_relu ? inner.Relu() : inner.Gelu());
    }

    // [B, T, D] to [B, H, T, D/H].
    private Tensor Heads(Tensor x) =>
        x.Reshape(x.Shape[0], x.Shape[1], _heads, x.Shape[2] / _heads).Transpose(1, 2);
}
