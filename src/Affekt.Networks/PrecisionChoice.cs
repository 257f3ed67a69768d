using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>A precision, and why it was chosen.</summary>
/// <param name="Precision">What was chosen.</param>
/// <param name="Reason">For a person to read.</param>
public sealed record PrecisionChoice(Precision Precision, string Reason)
{
    /// <summary>
    /// What is fast on this processor at hardly any cost in numbers: bfloat16 where it multiplies that, else single precision.
    /// int8 is faster still and is left to whoever asks for it.
    /// </summary>
    public static PrecisionChoice Automatic => !TorchEncoders.HasKernels
        ? new(Precision.Float32, "there are no kernels here: they need the native part, and AVX-512 VNNI")
        : PackedKernels.HasBFloat16
            ? new(Precision.BFloat16, "the processor multiplies bfloat16 (AVX-512 BF16)")
            : new(Precision.Float32, "the processor has no products of bfloat16");

    /// <summary>As <see cref="Automatic"/>, for any device: bfloat16 on those that are no processor.</summary>
    public static PrecisionChoice On(Device device) => device == Device.Cpu
        ? Automatic
        : new(Precision.BFloat16, $"{device} multiplies bfloat16");
}
