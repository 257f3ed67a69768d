namespace Affekt.Onnx.Graphs;

/// <summary>How rows [R, D] stand for B sequences of T places, as attention sees them.</summary>
/// <param name="Heads">The sizes [B, T, H, D / H], as a value.</param>
/// <param name="HeadCount">H.</param>
/// <param name="HeadWidth">D / H.</param>
/// <param name="Bias">Added to the scores [B, H, T, T], broadcast; it keeps padding out; null for none.</param>
public sealed record AttentionShape(Value Heads, long HeadCount, long HeadWidth, Value? Bias)
{
    // A score so low that its weight is 0 in single precision.
    private const float Never = 1e30f;

    /// <summary>Sequences with padding after them.</summary>
    /// <param name="sizes">[B, T], Int64 [2].</param>
    /// <param name="mask">1 for a place, 0 for padding [B, T], Float32; null where there is no padding.</param>
    /// <param name="width">D.</param>
    /// <param name="heads">H.</param>
    public static AttentionShape Of(Value sizes, Value? mask, long width, long heads) => new(
        Blocks.Concat(0, sizes, sizes.Graph.Integers(heads, width / heads)),
        heads,
        width / heads,
        mask is { } there ? ((there - 1) * Never).Unsqueeze(1, 2) : null);

    /// <summary>The same with more added to the scores [B, H, T, T], broadcast.</summary>
    public AttentionShape With(Value scores) => this with { Bias = Bias is { } own ? own + scores : scores };
}
