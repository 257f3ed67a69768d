namespace Affekt.Media;

/// <summary>The size a displayed picture is scaled to, and the size cut from the middle of that.</summary>
internal readonly record struct FrameGeometry(int ScaledWidth, int ScaledHeight, int Width, int Height)
{
    public long Bytes => 3L * Width * Height;

    /// <summary>The smallest scale that covers width x height, then the centre of it.</summary>
    public static FrameGeometry Cover(VideoStream video, int width, int height)
    {
        double scale = Math.Max((double)width / video.Width, (double)height / video.Height);
        return new(
            Math.Max(width, Scaled(video.Width, scale)), Math.Max(height, Scaled(video.Height, scale)), width, height);
    }

    /// <summary>The whole picture, its longer side at most so long; never enlarged.</summary>
    public static FrameGeometry Within(VideoStream video, int longerSide)
    {
        double scale = Math.Min(1, (double)longerSide / Math.Max(video.Width, video.Height));
        int width = Scaled(video.Width, scale);
        int height = Scaled(video.Height, scale);
        return new(width, height, width, height);
    }

    private static int Scaled(int side, double scale) => Math.Max(1, (int)Math.Round(side * scale));
}
