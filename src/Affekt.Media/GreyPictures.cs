namespace Affekt.Media;

/// <summary>Grey pictures of one size.</summary>
/// <param name="Width">Width of each in pixels.</param>
/// <param name="Height">Height of each in pixels.</param>
/// <param name="Grey">The pixels as [picture, row, column], each 0 to 255.</param>
public sealed record GreyPictures(int Width, int Height, byte[] Grey)
{
    /// <summary>How many there are.</summary>
    public int Count => Grey.Length / (Width * Height);
}
