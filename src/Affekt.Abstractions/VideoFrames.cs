namespace Affekt.Models.Video;

/// <summary>Pictures of one stretch of video, in their order, all of one size.</summary>
public sealed record VideoFrames
{
    /// <summary>Pictures over memory that the caller keeps.</summary>
    /// <param name="rgb">The pixels as [picture, row, column, (red, green, blue)], each 0 to 255.</param>
    /// <param name="count">Pictures.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ArgumentException">The number of bytes is not what the sizes say, or a size is less than it can be.</exception>
    public VideoFrames(ReadOnlyMemory<byte> rgb, int count, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, Math.Min(count, 1));
        ArgumentOutOfRangeException.ThrowIfLessThan(height, Math.Min(count, 1));
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

    /// <summary>One of each so many pictures that follow one another, the middle one; the same where that is each.</summary>
    /// <param name="each">An odd number that divides their number.</param>
    public VideoFrames Every(int each) => each == 1 ? this : Choose([.. Enumerable.Range(0, Count / each).Select(i => (i * each) + (each / 2))]);

    /// <summary>Some of the pictures, copied.</summary>
    /// <param name="pictures">Their numbers.</param>
    public VideoFrames Choose(IReadOnlyList<int> pictures)
    {
        int size = 3 * Width * Height;
        byte[] rgb = GC.AllocateUninitializedArray<byte>(pictures.Count * size);
        for (int i = 0; i < pictures.Count; i++)
            Picture(pictures[i]).CopyTo(rgb.AsSpan(i * size));
        return new VideoFrames(rgb, pictures.Count, Width, Height);
    }
}

/// <summary>The pictures that a frame encoder wants of an utterance, spread evenly over its stretch.</summary>
/// <param name="Count">Pictures, 1 or more.</param>
/// <param name="Side">
/// Pixels: width and height of a square that is cut from the center after the shorter side was scaled to it; of whole pictures
/// the most that the longer side may have.
/// </param>
/// <param name="Whole">Whether the pictures stay whole, for an encoder that looks for faces itself.</param>
public sealed record FrameRequest(int Count, int Side, bool Whole);
