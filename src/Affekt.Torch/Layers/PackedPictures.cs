namespace Affekt.Torch.Layers;

/// <summary>A convolution separated into one within each channel and one across channels.</summary>
/// <param name="Within">3x3 within each channel, padded by 1, without bias; as many groups as channels.</param>
/// <param name="Across">1x1, with bias.</param>
public sealed record SeparableParts(Convolution Within, Convolution Across);

/// <summary>
/// A small network over whole pictures laid out for use: a convolution of 3x3 to 16 channels, without padding; separable
/// convolutions, before each of which the largest of 2x2 pixels is taken; a last such pooling that keeps the size; and a linear
/// map for each cell. Behind every convolution but the last stands a leaky ReLU. The result is the same with any number of threads.
/// </summary>
public sealed class PackedPictures : IDisposable
{
    private readonly TorchObject _packed;

    /// <summary>Lays copies of the weights out; the originals are not needed afterwards.</summary>
    /// <param name="first">Weights [16, 3, 3, 3] over red, green and blue as bytes, so that any normalisation is part of them.</param>
    /// <param name="firstBias">Its bias [16].</param>
    /// <param name="slope">The activation's below zero, in (0, 1).</param>
    /// <param name="layers">The separable convolutions in their order; channels are multiples of 16.</param>
    /// <param name="last">1x1, with bias.</param>
    /// <exception cref="TorchException">Not <see cref="PackedKernels.Available"/>, or other shapes.</exception>
    public PackedPictures(Tensor first, Tensor firstBias, double slope, IReadOnlyList<SeparableParts> layers, Convolution last)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        _packed = Operator.Get("affekt::pictures_pack").CallForObject(
            first, firstBias, slope, layers.Select(layer => layer.Within.Weight).ToArray(),
            layers.Select(layer => layer.Across.Weight).ToArray(), layers.Select(layer => layer.Across.Bias!).ToArray(),
            last.Weight, last.Bias!);
    }

    /// <summary>
    /// Bytes [B, H, W, 3] to [B, ⌈H / cell⌉, ⌈W / cell⌉, C], a cell's side being 2 to the number of layers; black is added to the
    /// right and below up to whole cells.
    /// </summary>
    /// <exception cref="TorchException">No bytes of that shape.</exception>
    public Tensor Forward(Tensor rgb) => Operator.Get("affekt::pictures").Call(rgb, _packed);

    /// <inheritdoc/>
    public void Dispose() => _packed.Dispose();
}
