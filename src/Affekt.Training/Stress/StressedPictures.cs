using Affekt.Models.Video;

namespace Affekt.Training.Stress;

/// <summary>Pictures in which there is no face to read.</summary>
internal static class StressedPictures
{
    private const int Width = 320;
    private const int Height = 240;

    /// <summary>Made ones of one picture each, by kind.</summary>
    public static IReadOnlyList<(string Name, Func<Random, VideoFrames> Make)> Nothings { get; } =
    [
        ("noise", random =>
        {
            byte[] rgb = new byte[3 * Width * Height];
            random.NextBytes(rgb);
            return new VideoFrames(rgb, 1, Width, Height);
        }),
        ("an empty room (a wall, a floor, boxes)", Room),
        ("a person from behind (drawn)", Back),
    ];

    /// <summary>
    /// The same pictures, with what is above each face drawn down over it, as hair would be from behind.
    /// </summary>
    /// <param name="frames">The pictures.</param>
    /// <param name="faces">The faces in each.</param>
    public static VideoFrames Hidden(VideoFrames frames, IReadOnlyList<IReadOnlyList<FaceBox>> faces)
    {
        byte[] rgb = frames.Rgb.ToArray();
        int row = 3 * frames.Width;
        foreach ((int picture, IReadOnlyList<FaceBox> inIt) in faces.Index())
        {
            foreach (FaceBox face in inIt)
            {
                int left = Math.Max(0, (int)((face.Left - (0.1f * face.Width)) * frames.Width));
                int right = Math.Min(frames.Width, (int)((face.Left + (1.1f * face.Width)) * frames.Width));
                int top = Math.Clamp((int)((face.Top - (0.15f * face.Height)) * frames.Height), 0, frames.Height - 1);
                int bottom = Math.Min(frames.Height, (int)((face.Top + (1.1f * face.Height)) * frames.Height));
                Span<byte> pixels = rgb.AsSpan(picture * row * frames.Height, row * frames.Height);
                for (int y = top + 1; y < bottom; y++)
                    pixels[((top * row) + (3 * left))..((top * row) + (3 * right))].CopyTo(pixels[((y * row) + (3 * left))..]);
            }
        }

        return new VideoFrames(rgb, frames.Count, frames.Width, frames.Height);
    }

    private static VideoFrames Room(Random random)
    {
        int floor = random.Next(Height / 2, Height - 20);
        double wall = random.Next(90, 230), ground = random.Next(40, 160);
        (int Left, int Top, int Right, int Bottom, int Gray)[] boxes = [.. Enumerable.Range(0, 6).Select(_ =>
        {
            int left = random.Next(Width - 40), top = random.Next(Height - 40);
            return (left, top, left + random.Next(20, 120), top + random.Next(20, 120), random.Next(256));
        })];
        return Draw(random, (x, y) => boxes.FirstOrDefault(box => x >= box.Left && x < box.Right && y >= box.Top && y < box.Bottom) is { Right: > 0 } box
            ? box.Gray : y < floor ? wall - (x * 0.1) : ground + ((y - floor) * 0.3));
    }

    // Hair in strands, a neck and shoulders.
    private static VideoFrames Back(Random random)
    {
        double middle = random.Next(110, 210), head = random.Next(35, 60), dark = random.Next(20, 90), coat = random.Next(30, 200), wall = random.Next(120, 230);
        double crown = 100 + random.Next(-20, 20);
        return Draw(random, (x, y) =>
        {
            double across = (x - middle) / head, down = (y - crown) / (1.3 * head);
            if ((across * across) + (down * down) < 1)
                return dark + (12 * Math.Sin(x * 1.7)) + (20 * Math.Max(0, -down));
            if (Math.Abs(across) < 0.5 && down is > 0 and < 1.3)
                return 150;
            return down > 1.15 + (0.12 * across * across) && Math.Abs(across) < 2.4 ? coat : wall;
        });
    }

    private static VideoFrames Draw(Random random, Func<int, int, double> gray)
    {
        byte[] rgb = new byte[3 * Width * Height];
        for (int i = 0; i < Width * Height; i++)
            rgb.AsSpan(3 * i, 3).Fill((byte)Math.Clamp(gray(i % Width, i / Width) + random.Next(-6, 7), 0, 255));
        return new VideoFrames(rgb, 1, Width, Height);
    }
}
