namespace Affekt.Torch.Layers;

/// <summary>What a transformer encoder is made of. D features, F features inside, C features of the input.</summary>
public sealed record TransformerWeights
{
    /// <summary>Attention heads; they divide D.</summary>
    public required long Heads { get; init; }

    /// <summary>Added to variances.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Whether the norms stand before attention and feed-forward, not after.</summary>
    public bool NormFirst { get; init; }

    /// <summary>The feed-forward activation.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Features at the front of each head that turn with the row's place in its sequence; 0 for none.</summary>
    public long Rotated { get; init; }

    /// <summary>The layers, at least one.</summary>
    public required IReadOnlyList<TransformerLayerWeights> Layers { get; init; }

    /// <summary>The norm of the input [C], and the product C to D; null where rows come with D features.</summary>
    public (LayerNorm Norm, Linear Product)? Input { get; init; }

    /// <summary>A convolution over each sequence whose activated outputs are added; null for none.</summary>
    public PositionalConvolution? Positions { get; init; }

    /// <summary>The norm before the layers, or after them where norms stand first; null for none.</summary>
    public LayerNorm? Norm { get; init; }
}

/// <summary>One layer.</summary>
public sealed record TransformerLayerWeights(
    Linear Query, Linear Key, Linear Value, Linear Attended, LayerNorm AttentionNorm, Linear Up, Linear Down, LayerNorm OutputNorm);

/// <summary>A convolution that tells positions.</summary>
/// <param name="Weight">[D, D / groups, taps].</param>
/// <param name="Bias">[D].</param>
/// <param name="Groups">Groups of features that do not mix.</param>
/// <param name="Activation">Behind it.</param>
public sealed record PositionalConvolution(Tensor Weight, Tensor Bias, long Groups, Activation Activation);

/// <summary>
/// A transformer encoder laid out for use: all layers over all rows in one call, without padding. A sequence's result is
/// the same to the last bit whatever else is in the call, and with any number of threads.
/// </summary>
public sealed class PackedTransformer : IDisposable
{
    private readonly TorchObject _packed;

    /// <summary>Lays copies of the parts' weights out; the parts are not needed afterwards.</summary>
    /// <exception cref="TorchException">
    /// Not <see cref="PackedKernels.Available"/>, or more than 8192 features somewhere.
    /// </exception>
    public PackedTransformer(TransformerWeights parts, Precision precision)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Tensor none = Tensor.Empty(0);
        Tensor[] layers =
        [
            .. parts.Layers.SelectMany(layer => (Tensor?[])
            [
                layer.Query.Weight, layer.Query.Bias, layer.Key.Weight, layer.Key.Bias, layer.Value.Weight, layer.Value.Bias,
                layer.Attended.Weight, layer.Attended.Bias, layer.AttentionNorm.Weight, layer.AttentionNorm.Bias,
                layer.Up.Weight, layer.Up.Bias, layer.Down.Weight, layer.Down.Bias, layer.OutputNorm.Weight, layer.OutputNorm.Bias,
            ]).Select(tensor => tensor ?? none),
        ];
        Tensor?[] front =
        [
            parts.Input?.Norm.Weight, parts.Input?.Norm.Bias, parts.Input?.Product.Weight, parts.Input?.Product.Bias,
            parts.Positions?.Weight, parts.Positions?.Bias, parts.Norm?.Weight, parts.Norm?.Bias,
        ];
        _packed = Operator.Get("affekt::transformer_pack").CallForObject(
            (int)precision, parts.Heads, parts.Epsilon, parts.NormFirst, (int)parts.Activation, parts.Rotated,
            parts.Positions?.Groups ?? 1, (int)(parts.Positions?.Activation ?? Activation.None), layers,
            front.Select(tensor => tensor ?? none).ToArray());
    }

    /// <summary>The states after the last layer.</summary>
    /// <param name="x">Rows of all sequences, [rows, C or D].</param>
    /// <param name="starts">The first row of each sequence.</param>
    /// <param name="lengths">The rows of each sequence.</param>
    /// <returns>[rows, D]; rows of no sequence are zero.</returns>
    public Tensor Forward(Tensor x, long[] starts, long[] lengths) => Run(x, starts, lengths, every: false)[0];

    /// <summary>The states after each layer; otherwise as <see cref="Forward"/>.</summary>
    public Tensor[] ForwardEvery(Tensor x, long[] starts, long[] lengths) => Run(x, starts, lengths, every: true);

    /// <summary>Sequences of a padded batch, [B, T, ..] with each one's rows in front.</summary>
    /// <param name="batch">B.</param>
    /// <param name="time">T.</param>
    /// <param name="mask">1 for a row, 0 for padding after it, [B, T]; null where there is no padding.</param>
    /// <exception cref="ArgumentException">There is a gap in a row of the mask.</exception>
    public static (long[] Starts, long[] Lengths) Sequences(long batch, long time, Tensor? mask)
    {
        long[] starts = new long[batch], lengths = new long[batch];
        float[]? there = mask?.ToArray<float>();
        for (long row = 0; row < batch; row++)
        {
            starts[row] = row * time;
            ReadOnlySpan<float> own = there is null ? [] : there.AsSpan((int)(row * time), (int)time);
            int padding = own.IndexOf(0f);
            if (padding >= 0 && own[padding..].ContainsAnyExcept(0f))
                throw new ArgumentException($"row {row} has a gap at {padding}, expected padding behind it only", nameof(mask));
            lengths[row] = padding < 0 ? time : padding;
        }

        return (starts, lengths);
    }

    /// <inheritdoc/>
    public void Dispose() => _packed.Dispose();

    private Tensor[] Run(Tensor x, long[] starts, long[] lengths, bool every) =>
        Operator.Get("affekt::transformer").CallMany(x, _packed, starts, lengths, every);
}
