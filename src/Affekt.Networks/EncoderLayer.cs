using Affekt.Onnx.Graphs;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// A transformer layer of BERT or wav2vec 2.0, whose norms stand after its two parts or before them, with the tensor names of their
/// checkpoints. B sequences, T rows, D features, H heads.
/// </summary>
internal sealed class EncoderLayer : Module
{
    private readonly TransformerLayers _sizes;
    private readonly double _attentionDropout;
    private readonly Dropout _dropout;

    public EncoderLayer(TransformerLayers sizes, double dropout = 0, double attentionDropout = 0)
    {
        (_sizes, _attentionDropout) = (sizes, attentionDropout);
        int width = sizes.Width;
        Weights = new TransformerLayerWeights(
            Child(sizes.Names.Query, new Linear(width, width)), Child(sizes.Names.Key, new Linear(width, width)),
            Child(sizes.Names.Value, new Linear(width, width)), Child(sizes.Names.Attended, new Linear(width, width)),
            Child(sizes.Names.AttentionNorm, new LayerNorm(width, sizes.Epsilon)),
            Child(sizes.Names.Up, new Linear(width, sizes.Inner)), Child(sizes.Names.Down, new Linear(sizes.Inner, width)),
            Child(sizes.Names.OutputNorm, new LayerNorm(width, sizes.Epsilon)));
        _dropout = Child("dropout", new Dropout(dropout));
    }

    public bool MixedPrecision { get; set; }

    public TransformerLayerWeights Weights { get; }

    public static Activation ActivationOf(string name) => name == "relu" ? Activation.Relu : Activation.Gelu;

    /// <summary>[B, T, D] to [B, T, D]; <paramref name="mask"/> [B, 1, 1, T] is added to the scores.</summary>
    public Tensor Forward(Tensor x_BTD, Tensor? mask)
    {
        if (_sizes.NormFirst)
        {
            x_BTD += Attend(Weights.AttentionNorm.Forward(x_BTD), mask);
            return x_BTD + FeedForward(Weights.OutputNorm.Forward(x_BTD));
        }

        x_BTD = Weights.AttentionNorm.Forward(x_BTD + Attend(x_BTD, mask));
        return Weights.OutputNorm.Forward(x_BTD + FeedForward(x_BTD));
    }

    private Tensor Attend(Tensor x_BTD, Tensor? mask)
    {
        Tensor attended = Attention.Apply(
            Heads(Weights.Query.Forward(x_BTD)), Heads(Weights.Key.Forward(x_BTD)), Heads(Weights.Value.Forward(x_BTD)),
            mask, Training ? _attentionDropout : 0, MixedPrecision);
        return _dropout.Forward(Weights.Attended.Forward(attended.Transpose(1, 2).Reshape([.. x_BTD.Shape])));
    }

    private Tensor FeedForward(Tensor x_BTD)
    {
        Tensor inner = Weights.Up.Forward(x_BTD);
        return _dropout.Forward(Weights.Down.Forward(_sizes.Activation == "relu" ? inner.Relu() : inner.Gelu()));
    }

    // [B, T, D] to [B, H, T, D/H].
    private Tensor Heads(Tensor x) => x.Reshape(x.Shape[0], x.Shape[1], _sizes.Heads, x.Shape[2] / _sizes.Heads).Transpose(1, 2);
}
