using Affekt.Models.Video;
using Affekt.Torch;

namespace Affekt.Networks;

/// <summary>Clips as torchvision's video networks were trained to see them on Kinetics-400, as tensors.</summary>
public static class KineticsClips
{
    /// <summary>Bytes of one clip to [1, 3, T, H, W], normalized by color, on the processor.</summary>
    public static Tensor Normalize(VideoFrames frames)
    {
        using TensorScope scope = new();
        return scope.Keep(Normalize(Unit(frames)));
    }

    /// <summary>Bytes of one clip to [1, 3, T, H, W] in [0, 1], on the processor.</summary>
    public static Tensor Unit(VideoFrames frames)
    {
        using TensorScope scope = new();
        Tensor bytes = Tensor.From(frames.Rgb.Span, 1, frames.Count, frames.Height, frames.Width, 3);
        return scope.Keep((bytes.To(Dtype.Float32) / 255).Permute(0, 4, 1, 2, 3));
    }

    /// <summary>[B, 3, T, H, W] in [0, 1] to the same, normalized by color.</summary>
    public static Tensor Normalize(Tensor unit)
    {
        using TensorScope scope = new();
        return scope.Keep((unit - ByColor(KineticsPixels.Mean)) / ByColor(KineticsPixels.Deviation));
    }

    private static Tensor ByColor(ReadOnlySpan<float> values) => Tensor.From(values, 1, 3, 1, 1, 1);
}
