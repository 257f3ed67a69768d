namespace Affekt.Torch.Layers;

/// <summary>One convolution over raw sound or over what the one before gives.</summary>
/// <param name="Convolution">Without padding, one group.</param>
/// <param name="Norm">Its norm over the channels of each frame, before the activation; null for none.</param>
public sealed record SoundConvolution(Convolution Convolution, LayerNorm? Norm);

/// <summary>
/// Convolutions over raw sound laid out for use: a few frames go through all of them together, so that what lies between
/// stays in the processor's cache. The result is the same with any number of threads.
/// </summary>
public sealed class PackedConvolutions : IDisposable
{
    private readonly TorchObject _packed;

    /// <summary>Lays copies of the parts' weights out; the parts are not needed afterwards.</summary>
    /// <param name="parts">The convolutions in their order; the first reads one channel.</param>
    /// <param name="soundNorm">
    /// The norm of the first one's channels, each over the whole sound; null for none. Its epsilon is that of the others.
    /// </param>
    /// <param name="activation">Behind each.</param>
    /// <param name="epsilon">Added to variances.</param>
    /// <param name="precision">The arithmetic: int8 multiplies in bfloat16 here, where there is one.</param>
    /// <exception cref="TorchException">
    /// Not <see cref="PackedKernels.Available"/>, or more than 8192 channels somewhere.
    /// </exception>
    public PackedConvolutions(
        IReadOnlyList<SoundConvolution> parts, GroupNorm? soundNorm, Activation activation, double epsilon, Precision precision)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Tensor none = Tensor.Empty(0);
        _packed = Operator.Get("affekt::convolutions_pack").CallForObject(
            (int)precision, parts.Select(part => part.Convolution.Stride[0]).ToArray(), epsilon, soundNorm is not null, (int)activation,
            parts.Select(part => part.Convolution.Weight).ToArray(),
            parts.Select(part => part.Convolution.Bias ?? none).ToArray(),
            parts.Select((part, i) => (i == 0 ? soundNorm?.Weight : null) ?? part.Norm?.Weight ?? none).ToArray(),
            parts.Select((part, i) => (i == 0 ? soundNorm?.Bias : null) ?? part.Norm?.Bias ?? none).ToArray());
    }

    /// <summary>Samples [n] to frames [T, C].</summary>
    /// <exception cref="TorchException">The sound fills no frame.</exception>
    public Tensor Forward(Tensor sound) => Operator.Get("affekt::convolutions").Call(sound, _packed);

    /// <inheritdoc/>
    public void Dispose() => _packed.Dispose();
}
