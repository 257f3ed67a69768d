namespace Affekt.Media;

/// <summary>Gray pictures of one size.</summary>
/// <param name="Width">Width of each in pixels.</param>
/// <param name="Height">Height of each in pixels.</param>
/// <param name="Gray">The pixels as [picture, row, column], each 0 to 255.</param>
public sealed record GrayPictures(int Width, int Height, byte[] Gray)
{
    /// <summary>How many there are.</summary>
    public int Count => Gray.Length / (Width * Height);
}
