namespace Affekt.Models.Video;

/// <summary>Cuts faces out of pictures as FER2013 has them: square, gray, the face filling most of it.</summary>
internal static class FaceCrop
{
    /// <summary>
    /// The square's side as a multiple of the box's mean side. Chosen by looking: the detector's boxes reach down to the collar,
    /// while FER2013's faces are cut at the chin, with their eyes at about three eighths of the height.
    /// </summary>
    public const double Margin = 1.0;

    /// <summary>The square's center lies this share of the box's height above the box's center, towards the brows.</summary>
    public const double Raise = 0.08;

    /// <summary>The square around a face, in pixels.</summary>
    public static (double Left, double Top, double Side) Square(FaceBox box, int width, int height)
    {
        double boxWidth = box.Width * width, boxHeight = box.Height * height;
        double side = (boxWidth + boxHeight) / 2 * Margin;
        double centerX = (box.Left * width) + (boxWidth / 2);
        double centerY = (box.Top * height) + (boxHeight / 2) - (Raise * boxHeight);
        return (centerX - (side / 2), centerY - (side / 2), side);
    }

    /// <summary>
    /// Draws the square around a face in gray (luma of ITU-R BT.601, as JPEG has it). Each pixel is the mean over the part of
    /// the picture that it covers; what lies outside the picture repeats its edge.
    /// </summary>
    /// <param name="picture">[row, column, (red, green, blue)].</param>
    /// <param name="width">Pixels in the picture's row.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="box">The face.</param>
    /// <param name="target">Receives gray values 0 to 255, [size, size].</param>
    /// <param name="size">Pixels of the result's side.</param>
    public static void Draw(ReadOnlySpan<byte> picture, int width, int height, FaceBox box, Span<float> target, int size)
    {
        (double left, double top, double side) = Square(box, width, height);
        double step = side / size;

        // Enough points in each pixel that none of the picture's pixels is passed over.
        int points = Math.Max(1, (int)Math.Ceiling(step));
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                double sum = 0;
                for (int i = 0; i < points * points; i++)
                {
                    double x = left + ((column + (((i % points) + 0.5) / points)) * step) - 0.5;
                    double y = top + ((row + (((i / points) + 0.5) / points)) * step) - 0.5;
                    sum += Sample(picture, width, height, x, y);
                }

                target[(row * size) + column] = (float)(sum / (points * points));
            }
        }
    }

    // Bilinear; x and y count from the middle of the first pixel.
    private static double Sample(ReadOnlySpan<byte> picture, int width, int height, double x, double y)
    {
        x = Math.Clamp(x, 0, width - 1);
        y = Math.Clamp(y, 0, height - 1);
        int left = (int)x, top = (int)y;
        int right = Math.Min(left + 1, width - 1), below = Math.Min(top + 1, height - 1);
        double upper = Mix(Gray(picture, (top * width) + left), Gray(picture, (top * width) + right), x - left);
        double lower = Mix(Gray(picture, (below * width) + left), Gray(picture, (below * width) + right), x - left);
        return Mix(upper, lower, y - top);
    }

    private static double Mix(double from, double to, double share) => from + ((to - from) * share);

    private static double Gray(ReadOnlySpan<byte> picture, int pixel) =>
        (0.299 * picture[3 * pixel]) + (0.587 * picture[(3 * pixel) + 1]) + (0.114 * picture[(3 * pixel) + 2]);
}
