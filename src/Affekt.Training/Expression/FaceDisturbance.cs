using Affekt.Training.Recipes;

namespace Affekt.Training.Expression;

/// <summary>
/// What makes a picture of a face worse than FER2013's: light from a side, darkness, few pixels, blur, noise, compression;
/// and a mouth that speaks.
/// </summary>
internal static class FaceDisturbance
{
    private const int Block = 8;

    // The luminance table of JPEG (ITU-T T.81, annex K.1).
    private static readonly byte[] _quantization =
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static readonly float[] _cosines = Cosines();

    /// <summary>
    /// Opens the mouth: a dark gap where the lips of a face cut as FER2013's lie, and what is below them moved down. People
    /// who speak do so whatever they feel.
    /// </summary>
    /// <param name="face">Gray values [side, side].</param>
    /// <param name="side">Pixels of the face's side.</param>
    /// <param name="random">Draws how far, and where.</param>
    /// <returns>The face that speaks.</returns>
    public static byte[] OpenMouth(ReadOnlySpan<byte> face, int side, Random random)
    {
        byte[] target = face.ToArray();
        double middle = (0.5 + ((random.NextDouble() - 0.5) * 0.08)) * side;
        double line = (0.76 + ((random.NextDouble() - 0.5) * 0.08)) * side;
        double opening = (0.03 + (random.NextDouble() * 0.09)) * side;
        double half = (0.13 + (random.NextDouble() * 0.06)) * side;
        for (int column = 0; column < side; column++)
        {
            double across = (column - middle) / half;
            double gap = Math.Abs(across) < 1 ? opening * Math.Sqrt(1 - (across * across)) : 0;
            double moved = opening * Math.Exp(-across * across / 3);
            int darkest = 255;
            for (int row = Math.Max(0, (int)line - 3); row < Math.Min(side, (int)line + 4); row++)
                darkest = Math.Min(darkest, face[(row * side) + column]);
            for (int row = (int)Math.Ceiling(line); row < side; row++)
            {
                double below = row - line;
                if (below < gap)
                {
                    target[(row * side) + column] = (byte)(darkest * 0.45);
                    continue;
                }

                double from = Math.Clamp(line + ((below - moved) * (side - line) / Math.Max(1, side - line - moved)), line, side - 1);
                int upper = Math.Min((int)from, side - 2);
                double share = from - upper;
                target[(row * side) + column] = (byte)Math.Round(
                    (face[(upper * side) + column] * (1 - share)) + (face[((upper + 1) * side) + column] * share));
            }
        }

        return target;
    }

    /// <summary>Disturbs a picture, each way with the limits' probability.</summary>
    /// <param name="limits">How far, and how often.</param>
    /// <param name="picture">Gray values 0 to 255, [size, size]; changed in place.</param>
    /// <param name="size">Pixels of its side.</param>
    /// <param name="random">Draws the disturbances.</param>
    public static void Apply(FaceAugmentation limits, Span<float> picture, int size, Random random)
    {
        bool Chance() => random.NextDouble() < limits.Disturb;
        if (limits.Disturb <= 0)
            return;
        if (Chance())
            Shade(picture, size, limits.Shade * random.NextDouble(), random.NextDouble() * 2 * Math.PI);
        if (Chance())
            Blur(picture, size, limits.Blur * size * random.NextDouble());
        if (Chance())
            Coarsen(picture, size, 1 - ((1 - limits.LeastResolution) * random.NextDouble()));
        if (Chance())
            Dim(picture, 1 - ((1 - limits.LeastLight) * random.NextDouble()));
        if (Chance())
            AddNoise(picture, limits.Noise * random.NextDouble(), random);
        if (limits.Compress > 0 && Chance())
            Compress(picture, size, limits.Compress * random.NextDouble());
    }

    /// <summary>Lets the light fall off from one edge to the other.</summary>
    internal static void Shade(Span<float> picture, int size, double depth, double direction)
    {
        float x = (float)(Math.Cos(direction) / size), y = (float)(Math.Sin(direction) / size);
        float middle = (size - 1) / 2f;
        for (int i = 0; i < picture.Length; i++)
        {
            float along = ((((i % size) - middle) * x) + (((i / size) - middle) * y)) * 2;
            picture[i] *= 1 - ((float)depth * Math.Clamp((along + 1) / 2, 0, 1));
        }
    }

    /// <summary>A Gaussian's blur, whose deviation is in pixels.</summary>
    internal static void Blur(Span<float> picture, int size, double deviation)
    {
        if (deviation < 0.2)
            return;
        int reach = (int)Math.Ceiling(2.5 * deviation);
        float[] kernel = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(i => (float)Math.Exp(-i * i / (2 * deviation * deviation)))];
        float sum = kernel.Sum();
        float[] once = new float[picture.Length];
        for (int pass = 0; pass < 2; pass++)
        {
            ReadOnlySpan<float> from = pass == 0 ? picture : once;
            Span<float> to = pass == 0 ? once : picture;
            for (int row = 0; row < size; row++)
            {
                for (int column = 0; column < size; column++)
                {
                    float value = 0;
                    for (int k = -reach; k <= reach; k++)
                    {
                        int at = pass == 0
                            ? (row * size) + Math.Clamp(column + k, 0, size - 1)
                            : (Math.Clamp(row + k, 0, size - 1) * size) + column;
                        value += kernel[k + reach] * from[at];
                    }

                    to[(row * size) + column] = value / sum;
                }
            }
        }
    }

    /// <summary>Makes the picture smaller, each pixel the mean of what it covers, and large again.</summary>
    internal static void Coarsen(Span<float> picture, int size, double share)
    {
        int small = Math.Max(8, (int)Math.Round(size * share));
        if (small >= size)
            return;
        float[] coarse = new float[small * small];
        double step = (double)size / small;
        for (int i = 0; i < coarse.Length; i++)
        {
            int left = (int)(i % small * step), right = Math.Max(left + 1, (int)(((i % small) + 1) * step));
            int top = (int)(i / small * step), bottom = Math.Max(top + 1, (int)(((i / small) + 1) * step));
            float sum = 0;
            for (int row = top; row < bottom; row++)
            {
                for (int column = left; column < right; column++)
                    sum += picture[(row * size) + column];
            }

            coarse[i] = sum / ((right - left) * (bottom - top));
        }

        for (int i = 0; i < picture.Length; i++)
        {
            double x = Math.Clamp((((i % size) + 0.5) / step) - 0.5, 0, small - 1);
            double y = Math.Clamp((((i / size) + 0.5) / step) - 0.5, 0, small - 1);
            int left = Math.Min((int)x, small - 2), top = Math.Min((int)y, small - 2);
            float right = (float)(x - left), below = (float)(y - top);
            int at = (top * small) + left;
            float upper = (coarse[at] * (1 - right)) + (coarse[at + 1] * right);
            float lower = (coarse[at + small] * (1 - right)) + (coarse[at + small + 1] * right);
            picture[i] = (upper * (1 - below)) + (lower * below);
        }
    }

    /// <summary>Takes light away, down to whole gray values.</summary>
    internal static void Dim(Span<float> picture, double light)
    {
        foreach (ref float value in picture)
            value = MathF.Round(value * (float)light);
    }

    /// <summary>Rounds the cosine coefficients of blocks of eight pixels, as JPEG and films do.</summary>
    /// <param name="picture">Gray values; changed in place.</param>
    /// <param name="size">Pixels of its side; what is left of it beside whole blocks stays.</param>
    /// <param name="strength">The table's factor: 1 is JPEG's quality 50, 5 its quality 10.</param>
    internal static void Compress(Span<float> picture, int size, double strength)
    {
        Span<float> block = stackalloc float[Block * Block];
        Span<float> other = stackalloc float[Block * Block];
        for (int top = 0; top + Block <= size; top += Block)
        {
            for (int left = 0; left + Block <= size; left += Block)
            {
                for (int row = 0; row < Block; row++)
                    picture.Slice(((top + row) * size) + left, Block).CopyTo(block[(row * Block)..]);
                Transform(block, other, forward: true);
                for (int i = 0; i < block.Length; i++)
                {
                    float step = Math.Max(1, _quantization[i] * (float)strength);
                    block[i] = MathF.Round(block[i] / step) * step;
                }

                Transform(block, other, forward: false);
                for (int row = 0; row < Block; row++)
                    block.Slice(row * Block, Block).CopyTo(picture[(((top + row) * size) + left)..]);
            }
        }

        foreach (ref float value in picture)
            value = Math.Clamp(value, 0, 255);
    }

    private static void AddNoise(Span<float> picture, double deviation, Random random)
    {
        // The sum of four even draws is near enough to a normal one, whose deviation is then the root of 1/3.
        foreach (ref float value in picture)
        {
            double drawn = random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2;
            value = Math.Clamp(value + (float)(drawn * deviation * Math.Sqrt(3)), 0, 255);
        }
    }

    // Rows, then columns: C X C' forward, C' X C back, for an orthonormal C.
    private static void Transform(Span<float> block, Span<float> other, bool forward)
    {
        float Cosine(int frequency, int place) =>
            forward ? _cosines[(frequency * Block) + place] : _cosines[(place * Block) + frequency];
        for (int row = 0; row < Block; row++)
        {
            for (int i = 0; i < Block; i++)
            {
                float sum = 0;
                for (int k = 0; k < Block; k++)
                    sum += block[(row * Block) + k] * Cosine(i, k);
                other[(row * Block) + i] = sum;
            }
        }

        for (int column = 0; column < Block; column++)
        {
            for (int i = 0; i < Block; i++)
            {
                float sum = 0;
                for (int k = 0; k < Block; k++)
                    sum += other[(k * Block) + column] * Cosine(i, k);
                block[(i * Block) + column] = sum;
            }
        }
    }

    private static float[] Cosines() =>
    [
        .. Enumerable.Range(0, Block * Block).Select(i => (float)(
            Math.Sqrt((i < Block ? 1.0 : 2.0) / Block) * Math.Cos((((i % Block) * 2) + 1) * (i / Block) * Math.PI / (2 * Block)))),
    ];
}
