using Affekt.Training.Recipes;

namespace Affekt.Training.Expression;

/// <summary>A place and light under which a face is seen: what augmentation draws, and what a moving head changes.</summary>
/// <param name="ShiftX">To the right, as a share of the size.</param>
/// <param name="ShiftY">Down, as a share of the size.</param>
/// <param name="Scale">Above 1 the face is larger.</param>
/// <param name="Rotation">In radians.</param>
/// <param name="Gamma">The power that gray values in [0, 1] are taken to.</param>
/// <param name="Mirror">Whether left and right are swapped.</param>
internal sealed record FaceMotion(double ShiftX, double ShiftY, double Scale, double Rotation, double Gamma, bool Mirror)
{
    /// <summary>The face's width against its height: below 1 the head is turned.</summary>
    public double Stretch { get; init; } = 1;

    /// <summary>The face as it is.</summary>
    public static FaceMotion None { get; } = new(0, 0, 1, 0, 1, false);

    /// <summary>A motion at random within the limits.</summary>
    public static FaceMotion Draw(FaceAugmentation limits, Random random)
    {
        double Signed() => (random.NextDouble() * 2) - 1;
        return new FaceMotion(
            Signed() * limits.Shift,
            Signed() * limits.Shift,
            Math.Pow(1 + limits.Scale, Signed()),
            Signed() * limits.Rotation * Math.PI / 180,
            Math.Pow(1 + limits.Gamma, Signed()),
            random.NextDouble() < limits.Mirror)
        {
            Stretch = limits.Stretch > 0 ? Math.Pow(1 + limits.Stretch, Signed()) : 1,
        };
    }

    /// <summary>A motion part of the way to another; 0 gives this one, 1 the other.</summary>
    public FaceMotion Towards(FaceMotion other, double share) => new(
        Mix(ShiftX, other.ShiftX, share), Mix(ShiftY, other.ShiftY, share), Mix(Scale, other.Scale, share),
        Mix(Rotation, other.Rotation, share), Mix(Gamma, other.Gamma, share), Mirror)
    {
        Stretch = Mix(Stretch, other.Stretch, share),
    };

    /// <summary>Draws a square face anew, bilinearly; what lies outside repeats the edge.</summary>
    /// <param name="face">Gray values [side, side].</param>
    /// <param name="side">Pixels of the face's side.</param>
    /// <param name="target">Receives gray values 0 to 255, [size, size].</param>
    /// <param name="size">Pixels of the result's side.</param>
    public void Apply(ReadOnlySpan<byte> face, int side, Span<float> target, int size)
    {
        Span<float> light = stackalloc float[256];
        for (int i = 0; i < light.Length; i++)
            light[i] = Gamma == 1 ? i : 255 * MathF.Pow(i / 255f, (float)Gamma);
        double step = side / (size * Scale);
        double cos = Math.Cos(Rotation) * step, sin = Math.Sin(Rotation) * step;
        double middle = (size - 1) / 2.0;
        double centerX = ((side - 1) / 2.0) - (ShiftX * side), centerY = ((side - 1) / 2.0) - (ShiftY * side);
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                double dx = (Mirror ? middle - column : column - middle) / Stretch, dy = row - middle;
                double x = Math.Clamp(centerX + (cos * dx) + (sin * dy), 0, side - 1);
                double y = Math.Clamp(centerY - (sin * dx) + (cos * dy), 0, side - 1);
                int left = Math.Min((int)x, side - 2), top = Math.Min((int)y, side - 2);
                float right = (float)(x - left), below = (float)(y - top);
                int at = (top * side) + left;
                float upper = (light[face[at]] * (1 - right)) + (light[face[at + 1]] * right);
                float lower = (light[face[at + side]] * (1 - right)) + (light[face[at + side + 1]] * right);
                target[(row * size) + column] = (upper * (1 - below)) + (lower * below);
            }
        }
    }

    private static double Mix(double from, double to, double share) => from + ((to - from) * share);
}
