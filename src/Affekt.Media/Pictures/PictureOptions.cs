namespace Affekt.Media;

/// <summary>How single pictures are decoded, and how much they may take.</summary>
public sealed record PictureOptions
{
    /// <summary>
    /// Pixels, 1 or more: the longest side of a whole picture, never enlarged; or the sides of a square that the picture covers
    /// and is cut to. Default 640.
    /// </summary>
    public int Side { get; init; } = 640;

    /// <summary>Whether pictures stay whole; otherwise a square is cut from their center. Default true.</summary>
    public bool Whole { get; init; } = true;

    /// <summary>Pixels that a picture may have, before it is scaled. Default 16,777,216: 4096 x 4096.</summary>
    public int MostPixels { get; init; } = 1 << 24;

    /// <summary>How long one picture may take; more than zero. Default 5 s, which allows for a tool that has to start.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>One decoded picture.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">[row, column, (red, green, blue)], each 0 to 255; a caller's own buffer may be longer.</param>
public sealed record Picture(int Width, int Height, byte[] Rgb)
{
    /// <summary>How many bytes the pixels take.</summary>
    public int Bytes => 3 * Width * Height;
}
