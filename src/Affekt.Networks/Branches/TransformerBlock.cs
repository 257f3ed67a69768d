using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// A transformer block that normalizes after each part (Vaswani et al., 2017): z = LayerNorm(x + attention(x)), then
/// LayerNorm(z + feed-forward(z)). Named as PyTorch's TransformerEncoderLayer.
/// </summary>
internal sealed class TransformerBlock : Module
{
    private readonly MultiHeadAttention _attention;
    private readonly LayerNorm _attentionNorm;
    private readonly Linear _inner;
    private readonly Linear _outer;
    private readonly LayerNorm _outputNorm;
    private readonly Dropout _dropout;

    public TransformerBlock(int width, int heads, int feedForward, double dropout)
    {
        _attention = Child("self_attn", new MultiHeadAttention(width, heads));
        _attentionNorm = Child("norm1", new LayerNorm(width));
        _inner = Child("linear1", new Linear(width, feedForward));
        _outer = Child("linear2", new Linear(feedForward, width));
        _outputNorm = Child("norm2", new LayerNorm(width));
        _dropout = Child("dropout", new Dropout(dropout));
    }

    /// <summary>[B, T, D] to [B, T, D]; <paramref name="mask"/> [B, 1, 1, T] is added to the scores.</summary>
    public Tensor Forward(Tensor x_BTD, Tensor mask)
    {
        Tensor z_BTD = _attentionNorm.Forward(x_BTD + _dropout.Forward(_attention.Forward(x_BTD, mask)));
        Tensor inner = _dropout.Forward(_inner.Forward(z_BTD).Relu());
        return _outputNorm.Forward(z_BTD + _dropout.Forward(_outer.Forward(inner)));
    }
}
