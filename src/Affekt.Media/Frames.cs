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
