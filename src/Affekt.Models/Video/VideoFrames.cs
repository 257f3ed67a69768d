namespace Affekt.Models.Video;

/// <summary>Pictures of one stretch of video, in their order, all of one size.</summary>
public sealed record VideoFrames
{
    /// <summary>Pictures over memory that the caller keeps.</summary>
    /// <param name="rgb">The pixels as [picture, row, column, (red, green, blue)], each 0 to 255.</param>
    /// <param name="count">Pictures.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ArgumentException">The number of bytes is not what the sizes say.</exception>
    public VideoFrames(ReadOnlyMemory<byte> rgb, int count, int width, int height)
    {
        if (rgb.Length != 3L * count * width * height)
            throw new ArgumentException($"found {rgb.Length} bytes, expected {count} x {height} x {width} x 3", nameof(rgb));
        (Rgb, Count, Width, Height) = (rgb, count, width, height);
    }

    /// <summary>The pixels as [picture, row, column, (red, green, blue)], each 0 to 255.</summary>
    public ReadOnlyMemory<byte> Rgb { get; }

    /// <summary>Pictures; 0 where there is none.</summary>
    public int Count { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The pixels of one picture as [row, column, (red, green, blue)].</summary>
    public ReadOnlySpan<byte> Picture(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int size = 3 * Width * Height;
        return Rgb.Span.Slice(index * size, size);
    }
}
