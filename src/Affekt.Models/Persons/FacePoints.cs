namespace Affekt.Models.Persons;

/// <summary>
/// Where 68 points of a face lie, in pixels of its picture: 0 to 16 the jaw, 17 to 26 the brows, 27 to 35 the nose, 36 to 47 the eyes,
/// 48 to 59 the lips' outer edge, 60 to 67 their inner one.
/// </summary>
/// <param name="X">From the picture's left edge.</param>
/// <param name="Y">From its upper edge.</param>
public sealed record FacePoints(float[] X, float[] Y)
{
    /// <summary>
    /// How far the mouth is open: the distance between the lips' inner edges, as a share of the distance between the eyes and the
    /// mouth; 0 or more.
    /// </summary>
    public double MouthOpening
    {
        get
        {
            // The three pairs of points above each other, left, middle and right.
            double open = (Distance(61, 67) + Distance(62, 66) + Distance(63, 65)) / 3;
            double height = EyesToMouth;
            return height > 0 ? open / height : 0;
        }
    }

    /// <summary>
    /// The square that a face is described in: from its eyes and mouth, so that each face lies in it alike. Its measures are those
    /// that the descriptor learned with.
    /// </summary>
    internal FaceSquare Aligned
    {
        get
        {
            const double RelativeHeight = 0.43, RelativeSize = 0.45;
            ((double X, double Y) left, (double X, double Y) right, (double X, double Y) mouth) = (Center(36, 42), Center(42, 48), Center(48, 68));
            double side = Math.Max(1, EyesToMouth / RelativeSize);
            return new FaceSquare(
                ((left.X + right.X + mouth.X) / 3) - (side / 2), ((left.Y + right.Y + mouth.Y) / 3) - (RelativeHeight * side), side);
        }
    }

    private double EyesToMouth
    {
        get
        {
            ((double X, double Y) left, (double X, double Y) right, (double X, double Y) mouth) = (Center(36, 42), Center(42, 48), Center(48, 68));
            return (Length(left.X - mouth.X, left.Y - mouth.Y) + Length(right.X - mouth.X, right.Y - mouth.Y)) / 2;
        }
    }

    private double Distance(int a, int b) => Length(X[a] - X[b], Y[a] - Y[b]);

    private (double X, double Y) Center(int from, int to)
    {
        double x = 0, y = 0;
        for (int i = from; i < to; i++)
            (x, y) = (x + X[i], y + Y[i]);
        return (x / (to - from), y / (to - from));
    }

    private static double Length(double x, double y) => Math.Sqrt((x * x) + (y * y));
}
