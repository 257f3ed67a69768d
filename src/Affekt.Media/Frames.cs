namespace Affekt.Media;

/// <summary>Pictures taken from a stretch of video, all of one size.</summary>
public sealed class Frames
{
    internal Frames(int width, int height, byte[] rgb, IReadOnlyList<TimeSpan> timestamps, IReadOnlyList<MediaWarning> warnings)
    {
        Width = width;
        Height = height;
        Rgb = rgb;
        Timestamps = timestamps;
        Warnings = warnings;
    }

    /// <summary>Width of each picture in pixels.</summary>
    public int Width { get; }

    /// <summary>Height of each picture in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels as [frame, row, column, (red, green, blue)], each 0 to 255.</summary>
    public byte[] Rgb { get; }

    /// <summary>
    /// For each picture the time in the file at which it is on screen: the time asked for, not the later or earlier
    /// one at which it appeared.
    /// </summary>
    public IReadOnlyList<TimeSpan> Timestamps { get; }

    /// <summary>What went less than well.</summary>
    public IReadOnlyList<MediaWarning> Warnings { get; }

    /// <summary>Number of pictures: as many as asked for, or 0 if <see cref="IsMissing"/>.</summary>
    public int Count => Timestamps.Count;

    /// <summary>Whether there is no picture; <see cref="Warnings"/> says why.</summary>
    public bool IsMissing => Count == 0;

    /// <summary>The pixels of one picture as [row, column, (red, green, blue)].</summary>
    public ReadOnlySpan<byte> Picture(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int size = Width * Height * 3;
        return Rgb.AsSpan(index * size, size);
    }
}

/// <summary>Gray pictures of one size.</summary>
/// <param name="Width">Width of each in pixels.</param>
/// <param name="Height">Height of each in pixels.</param>
/// <param name="Gray">The pixels as [picture, row, column], each 0 to 255.</param>
public sealed record GrayPictures(int Width, int Height, byte[] Gray)
{
    /// <summary>How many there are.</summary>
    public int Count => Gray.Length / (Width * Height);
}

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
