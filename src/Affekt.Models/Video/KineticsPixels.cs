using Affekt.Torch;

namespace Affekt.Models.Video;

/// <summary>Pixels as torchvision's video networks were trained to see them on Kinetics-400.</summary>
public static class KineticsPixels
{
    // Mean and standard deviation of red, green and blue in [0, 1]: torchvision's MC3_18_Weights.KINETICS400_V1.transforms.
    internal static ReadOnlySpan<float> Mean => [0.43216f, 0.394666f, 0.37645f];

    internal static ReadOnlySpan<float> Deviation => [0.22803f, 0.22145f, 0.216989f];

    /// <summary>Bytes of one clip to [1, 3, T, H, W], normalised by colour, on the processor.</summary>
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

    /// <summary>[B, 3, T, H, W] in [0, 1] to the same, normalised by colour.</summary>
    public static Tensor Normalize(Tensor unit)
    {
        using TensorScope scope = new();
        return scope.Keep((unit - ByColour(Mean)) / ByColour(Deviation));
    }

    private static Tensor ByColour(ReadOnlySpan<float> values) => Tensor.From(values, 1, 3, 1, 1, 1);
}
