using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// A text's token states as one vector: a learned query attends to them (scaled dot product, one head). A text that is
/// missing is replaced by a learned vector.
/// </summary>
internal sealed class TokenAttention : Module
{
    private readonly double _scale;
    private readonly Tensor _query;
    private readonly Tensor _missing;
    private readonly Linear _key;
    private readonly Linear _value;

    public TokenAttention(int tokenWidth, int width)
    {
        _scale = 1 / Math.Sqrt(width);
        _query = Parameter("query", Tensor.Randn(width, 1));
        _missing = Parameter("missing", Tensor.Zeros(width));
        _key = Child("key", new Linear(tokenWidth, width));
        _value = Child("value", new Linear(tokenWidth, width));
    }

    /// <summary>Tokens [B, L, token width], and 1 for a token or 0 for padding [B, L, 1], to [B, D].</summary>
    public Tensor Forward(Tensor tokens, Tensor hasToken)
    {
        Tensor tokens_BLE = MissingInputs.ZeroMissing(tokens, hasToken);
        Tensor scores_BL1 = (_key.Forward(tokens_BLE).MatMul(_query) * _scale) + MissingInputs.ScoreMask(hasToken);
        Tensor attended_BD = (_value.Forward(tokens_BLE) * scores_BL1.Softmax(1)).Sum(1);
        return MissingInputs.FillMissing(attended_BD, hasToken.Sum(1).Clamp(0, 1), _missing);
    }
}
