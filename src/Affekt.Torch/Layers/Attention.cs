namespace Affekt.Torch.Layers;

/// <summary>Scaled dot-product attention (Vaswani et al., 2017, equation 1).</summary>
public static class Attention
{
    /// <summary>softmax(q k^T / sqrt(d) + mask) v.</summary>
    /// <param name="query">[B, heads, T, d].</param>
    /// <param name="key">[B, heads, S, d].</param>
    /// <param name="value">[B, heads, S, d].</param>
    /// <param name="mask">Added to the scores, broadcast to [B, heads, T, S]; null where everything is seen.</param>
    /// <param name="dropout">Probability with which an attention weight is dropped; for training.</param>
    /// <param name="mixed">Whether the two products multiply in bfloat16; softmax and result stay as they are.</param>
    public static Tensor Apply(
        Tensor query, Tensor key, Tensor value, Tensor? mask = null, double dropout = 0, bool mixed = false)
    {
        Tensor scores = Product(query * (1 / Math.Sqrt(query.Shape[3])), key.Transpose(2, 3), mixed);
        if (mask is not null)
            scores += mask;
        Tensor weights = scores.Softmax(-1);
        if (dropout > 0)
            weights = weights.Dropout(dropout, true);
        return Product(weights, value, mixed);
    }

    private static Tensor Product(Tensor left, Tensor right, bool mixed) => mixed
        ? left.To(Dtype.BFloat16).MatMul(right.To(Dtype.BFloat16)).To(Dtype.Float32)
        : left.MatMul(right);
}
