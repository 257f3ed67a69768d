using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Video;
using Affekt.Recognition;

namespace Affekt.Cli.Benchmarks;

/// <summary>One of the people in a scene: pictures of the face, and what there is of the person talking.</summary>
/// <param name="Name">Who.</param>
/// <param name="Still">Pictures in which the person does not talk, shown to and fro.</param>
internal sealed record ScenePerson(string Name, IReadOnlyList<VideoFrames> Still);

/// <summary>Somebody who talks.</summary>
/// <param name="Speaker">Who, a <see cref="ScenePerson.Name"/>.</param>
/// <param name="Pictures">Some a second, as <see cref="PersonsScene.PicturesPerSecond"/> says.</param>
/// <param name="Sound">16 kHz, as long as the pictures.</param>
internal sealed record SceneClip(string Speaker, IReadOnlyList<VideoFrames> Pictures, float[] Sound);

/// <summary>A stretch of a scene between two cuts.</summary>
/// <param name="StartMs">Where the voice begins.</param>
/// <param name="EndMs">Where it ends.</param>
/// <param name="Voice">Whose it is.</param>
/// <param name="Speaker">Whose mouth moves; null where the voice's owner is not seen talking.</param>
/// <param name="FirstPicture">The number of its first picture.</param>
/// <param name="Places">Who is seen, from left to right and from above.</param>
internal sealed record SceneStretch(int StartMs, int EndMs, string Voice, string? Speaker, int FirstPicture, IReadOnlyList<string> Places);

/// <summary>
/// A recording of several people side by side, composed of real faces that move about in their places and change them at cuts, of which it
/// is known who is where and who speaks.
/// </summary>
/// <param name="Recording">Sound and pictures.</param>
/// <param name="Stretches">What is known.</param>
/// <param name="Columns">Places beside each other; those below them hold the rest.</param>
internal sealed record PersonsScene(MemoryRecording Recording, IReadOnlyList<SceneStretch> Stretches, int Columns)
{
    public const int PicturesPerSecond = 10;

    private const int Rate = Sound.SampleRate;
    private const int Width = 640;
    private const double PauseSeconds = 1.2;
    private const double RoomTone = 5e-4;

    // One utterance in so many is spoken by somebody whose mouth is not seen to move.
    private const int UnseenEvery = 4;

    // How far a face goes to either side, as a share of its place.
    private const double Way = 0.06;

    /// <summary>Composes a scene.</summary>
    /// <param name="clips">Who talks; those whose speaker is not among the people are not used.</param>
    /// <param name="people">Who is in the picture.</param>
    /// <param name="utterances">How many stretches.</param>
    /// <param name="random">Chooses clips, places and ways.</param>
    public static PersonsScene Compose(IReadOnlyList<SceneClip> clips, IReadOnlyList<ScenePerson> people, int utterances, Random random)
    {
        int columns = people.Count > 3 ? 2 : people.Count, rows = (people.Count + columns - 1) / columns, side = Width / columns;
        List<byte[]> pictures = [];
        List<float> samples = [];
        List<SceneStretch> stretches = [];
        Dictionary<string, double> phases = people.ToDictionary(person => person.Name, _ => 2 * Math.PI * random.NextDouble());
        SceneClip[] own = [.. clips.Where(clip => people.Any(person => person.Name == clip.Speaker))];
        for (int i = 0; i < utterances; i++)
        {
            SceneClip clip = own[random.Next(own.Length)];
            bool isSeen = i % UnseenEvery != UnseenEvery - 1;
            ScenePerson[] places = [.. people.OrderBy(_ => random.Next())];
            int start = samples.Count;
            samples.AddRange(clip.Sound);
            for (int pause = 0; pause < PauseSeconds * Rate; pause++)
                samples.Add((float)(RoomTone * ((2 * random.NextDouble()) - 1)));
            stretches.Add(new SceneStretch(Milliseconds(start), Milliseconds(start + clip.Sound.Length), clip.Speaker, isSeen ? clip.Speaker : null, pictures.Count, [.. places.Select(one => one.Name)]));
            for (int frame = 0; pictures.Count < (double)samples.Count * PicturesPerSecond / Rate; frame++)
            {
                byte[] picture = new byte[3 * Width * rows * side];
                Array.Fill(picture, (byte)96);
                for (int place = 0; place < places.Length; place++)
                {
                    VideoFrames shown = isSeen && places[place].Name == clip.Speaker && frame < clip.Pictures.Count ? clip.Pictures[frame] : ToAndFro(places[place].Still, frame);
                    double turn = phases[places[place].Name] + (2 * Math.PI * pictures.Count / (4.5 * PicturesPerSecond));
                    Draw(shown, picture, place % columns * side, place / columns * side, side, Way * side * Math.Sin(turn), Way * side * Math.Cos(1.3 * turn) / 2);
                }

                pictures.Add(picture);
            }
        }

        byte[] all = new byte[pictures.Count * 3 * Width * rows * side];
        for (int i = 0; i < pictures.Count; i++)
            pictures[i].CopyTo(all, i * pictures[i].Length);
        return new PersonsScene(
            new MemoryRecording { Samples = samples.ToArray(), Pictures = new VideoFrames(all, pictures.Count, Width, rows * side) }, stretches, columns);
    }

    /// <summary>Reads a clip of somebody who talks: the square in the middle of each picture.</summary>
    public static async Task<SceneClip> ReadClipAsync(MediaTools tools, Utterance clip, CancellationToken cancellation)
    {
        (MediaInfo media, Sound sound) = await tools.ReadWholeSoundAsync(clip.Media!, cancellation);
        int count = (int)(sound.Samples.Length * (long)PicturesPerSecond / Rate);
        Frames frames = await tools.ReadWholeFramesAsync(media, count, Width, null, cancellation);
        return new SceneClip(clip.Speaker!, Split(frames), sound.Samples);
    }

    /// <summary>Reads a picture of a face.</summary>
    public static async Task<ScenePerson> ReadPictureAsync(PictureDecoder decoder, string file, CancellationToken cancellation)
    {
        Picture picture = await decoder.DecodeAsync(await File.ReadAllBytesAsync(file, cancellation), cancellation: cancellation);
        return new ScenePerson(Path.GetFileNameWithoutExtension(file), [new VideoFrames(picture.Rgb, 1, picture.Width, picture.Height)]);
    }

    /// <summary>Whose place a point lies in.</summary>
    /// <param name="stretch">The stretch.</param>
    /// <param name="x">From the left, as a share of the picture.</param>
    /// <param name="y">From above, likewise.</param>
    public string? At(SceneStretch stretch, double x, double y)
    {
        int rows = (stretch.Places.Count + Columns - 1) / Columns, place = ((int)(y * rows) * Columns) + (int)(x * Columns);
        return stretch.Places.ElementAtOrDefault(place);
    }

    private static List<VideoFrames> Split(Frames frames) =>
        [.. Enumerable.Range(0, frames.Count).Select(i => new VideoFrames(frames.Picture(i).ToArray(), 1, frames.Width, frames.Height))];

    private static VideoFrames ToAndFro(IReadOnlyList<VideoFrames> still, int frame)
    {
        int way = Math.Max(1, 2 * (still.Count - 1)), at = frame % way;
        return still[Math.Min(at, way - at) % still.Count];
    }

    // The square in the picture's middle, drawn into a place as it is moved; a picture of a face alone keeps some room around it.
    private static void Draw(VideoFrames from, byte[] to, int left, int top, int side, double moveX, double moveY)
    {
        int square = Math.Min(from.Width, from.Height);
        double room = from.Width == from.Height ? 1.5 : 1, step = room * square / side;
        ReadOnlySpan<byte> source = from.Picture(0);
        for (int y = 0; y < side; y++)
        {
            double sourceY = (from.Height / 2.0) + ((y + 0.5 - (side / 2.0) - moveY) * step) - 0.5;
            for (int x = 0; x < side; x++)
            {
                double sourceX = (from.Width / 2.0) + ((x + 0.5 - (side / 2.0) - moveX) * step) - 0.5;
                if (sourceX < 0 || sourceY < 0 || sourceX > from.Width - 1 || sourceY > from.Height - 1)
                    continue;
                int x0 = Math.Min((int)sourceX, from.Width - 2), y0 = Math.Min((int)sourceY, from.Height - 2);
                double right = sourceX - x0, below = sourceY - y0;
                int at = 3 * ((y0 * from.Width) + x0), target = 3 * (((top + y) * Width) + left + x);
                for (int color = 0; color < 3; color++, at++)
                {
                    double upper = source[at] + ((source[at + 3] - source[at]) * right);
                    double lower = source[at + (3 * from.Width)] + ((source[at + (3 * from.Width) + 3] - source[at + (3 * from.Width)]) * right);
                    to[target + color] = (byte)(upper + ((lower - upper) * below) + 0.5);
                }
            }
        }
    }

    private static int Milliseconds(int samples) => (int)(samples * 1000L / Rate);
}
