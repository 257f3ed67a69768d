namespace Affekt.Models.Video;

/// <summary>
/// Pixels as torchvision's video networks were trained to see them on Kinetics-400: mean and standard deviation of red, green and blue in
/// [0, 1], of MC3_18_Weights.KINETICS400_V1.transforms.
/// </summary>
internal static class KineticsPixels
{
    public static ReadOnlySpan<float> Mean => [0.43216f, 0.394666f, 0.37645f];

    public static ReadOnlySpan<float> Deviation => [0.22803f, 0.22145f, 0.216989f];
}
