namespace Affekt.Media;

/// <summary>The size a displayed picture is scaled to, and the size cut from the middle of that.</summary>
internal readonly record struct FrameGeometry(int ScaledWidth, int ScaledHeight, int Width, int Height)
{
    public long Bytes => 3L * Width * Height;

    /// <summary>The smallest scale that covers width x height, then the center of it.</summary>
    public static FrameGeometry Cover(int sourceWidth, int sourceHeight, int width, int height)
    {
        double scale = Math.Max((double)width / sourceWidth, (double)height / sourceHeight);
        return new(
            Math.Max(width, Scaled(sourceWidth, scale)), Math.Max(height, Scaled(sourceHeight, scale)), width, height);
    }

    /// <summary>The whole picture, its longer side at most so long; never enlarged.</summary>
    public static FrameGeometry Within(int sourceWidth, int sourceHeight, int longerSide)
    {
        double scale = Math.Min(1, (double)longerSide / Math.Max(sourceWidth, sourceHeight));
        int width = Scaled(sourceWidth, scale);
        int height = Scaled(sourceHeight, scale);
        return new(width, height, width, height);
    }

    private static int Scaled(int side, double scale) => Math.Max(1, (int)Math.Round(side * scale));
}
