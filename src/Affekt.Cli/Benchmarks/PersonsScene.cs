using System.Diagnostics;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Video;
using Affekt.Recognition;

namespace Affekt.Cli.Benchmarks;

/// <summary>What a scene's picture shows.</summary>
internal enum SceneView
{
    /// <summary>All people.</summary>
    SideBySide,

    /// <summary>One of them, with cuts between them.</summary>
    OneAtATime,

    /// <summary>One person, and nobody else is ever seen.</summary>
    OneFace,
}

/// <summary>One of the people in a scene.</summary>
/// <param name="Name">Who.</param>
/// <param name="Listening">Stretches of pictures in which the person does not talk, each played forward and backward.</param>
/// <param name="Room">The side of a place as a multiple of the pictures' side.</param>
internal sealed record ScenePerson(string Name, IReadOnlyList<IReadOnlyList<VideoFrames>> Listening, double Room);

/// <summary>Somebody who talks.</summary>
/// <param name="Speaker">Who, a <see cref="ScenePerson.Name"/>.</param>
/// <param name="Pictures">Squares, as many a second as <see cref="PersonsScene.PicturesPerSecond"/> says.</param>
/// <param name="Sound">16 kHz, as long as the pictures.</param>
internal sealed record SceneClip(string Speaker, IReadOnlyList<VideoFrames> Pictures, float[] Sound)
{
    // Pictures from the voice within which the mouth is not at rest yet, or any more; and the fewest of a stretch without talk.
    private const int Near = 2 * PersonsScene.PicturesPerSecond / 5;
    private const int Fewest = PersonsScene.PicturesPerSecond / 5;

    // The voice's power, as a share of its greatest.
    private const double Audible = 1e-4;

    /// <summary>The pictures before the voice begins, and those after it ends.</summary>
    public IEnumerable<IReadOnlyList<VideoFrames>> Listening()
    {
        double[] power = [.. Sound.Chunk(PersonsScene.Rate / PersonsScene.PicturesPerSecond).Select(part => part.Average(sample => (double)sample * sample))];
        int first = Array.FindIndex(power, one => one > Audible * power.Max()), last = Array.FindLastIndex(power, one => one > Audible * power.Max());
        return new[] { Pictures.Take(first - Near).ToArray(), [.. Pictures.Skip(last + Near)] }.Where(part => part.Length >= Fewest);
    }
}

/// <summary>A stretch of a scene with one utterance.</summary>
/// <param name="StartMs">Where the clip begins.</param>
/// <param name="EndMs">Where it ends.</param>
/// <param name="Speaker">Whose mouth moves; null where the voice's owner is not seen talking.</param>
/// <param name="FirstPicture">The number of its first picture.</param>
/// <param name="Clip">What is heard, and seen of the speaker.</param>
/// <param name="Places">Who is in each place, from the left; null where nobody is.</param>
/// <param name="Shown">For each place which stretch of somebody who listens.</param>
internal sealed record SceneStretch(int StartMs, int EndMs, string? Speaker, int FirstPicture, SceneClip Clip, IReadOnlyList<ScenePerson?> Places, IReadOnlyList<int> Shown)
{
    /// <summary>Who is in the only place after a cut; null where there is none.</summary>
    public ScenePerson? Then { get; init; }

    /// <summary>The picture of that cut.</summary>
    public int CutAt => FirstPicture + (2 * Clip.Pictures.Count / 3);
}

/// <summary>A face in a scene's picture.</summary>
/// <param name="Person">Whose.</param>
/// <param name="X">The middle of its place from the left, as a share of the picture.</param>
/// <param name="Y">Likewise from above.</param>
internal sealed record SceneFace(ScenePerson Person, double X, double Y);

/// <summary>
/// A recording of several people, composed of real faces that move about in their places, of which it is known who is where and who
/// speaks. Side by side they change places between utterances: at a cut, or two neighbors walk past each other. As in films, one at a
/// time, the speaker is seen in half of the utterances, and in half of those somebody else from a cut on. Where one face is all that is shown, others
/// speak in every second utterance behind the camera.
/// </summary>
internal sealed class PersonsScene
{
    public const int PicturesPerSecond = 30;
    public const int Rate = Media.Sound.SampleRate;

    private const int Width = 640;
    private const int Height = 360;
    private const int SourceSide = 320;
    private const byte Background = 96;
    private const double RoomTone = 5e-4;
    private const int PausePictures = 5 * PicturesPerSecond / 4;

    // Of so many utterances one is spoken by somebody whose mouth is not seen to move, and in each other of these nobody is in that place.
    private const int UnseenEvery = 2;

    // How far a face goes to either side, as a share of its place, and how often.
    private const double Way = 0.06;
    private const double WaySeconds = 4.5;

    private readonly List<SceneStretch> _stretches = [];
    private readonly List<float> _samples = [];
    private readonly Dictionary<string, double> _phases;
    private readonly int _side;
    private readonly SceneView _view;

    /// <summary>Composes a scene.</summary>
    /// <param name="clips">Who talks; those whose speaker is not among the people are heard where one face is shown, and not used otherwise.</param>
    /// <param name="people">Who is in the picture.</param>
    /// <param name="utterances">How many stretches.</param>
    /// <param name="view">What the picture shows.</param>
    /// <param name="random">Chooses clips, places and ways.</param>
    public PersonsScene(IReadOnlyList<SceneClip> clips, IReadOnlyList<ScenePerson> people, int utterances, SceneView view, Random random)
    {
        _view = view;
        bool alone = view != SceneView.SideBySide, heardOnly = view == SceneView.OneFace;
        _side = alone ? Height : Width / people.Count;
        _phases = people.ToDictionary(person => person.Name, _ => 2 * Math.PI * random.NextDouble());
        SceneClip[][] own = [.. clips.Where(clip => heardOnly || people.Any(person => person.Name == clip.Speaker)).GroupBy(clip => clip.Speaker).Select(spoken => spoken.ToArray())];
        ScenePerson[] places = [.. people];
        for (int i = 0; i < utterances; i++)
        {
            SceneClip[][] speakers = heardOnly ? [.. own.Where(one => one[0].Speaker == people[0].Name == (i % UnseenEvery == 0))] : own;
            SceneClip[] spoken = speakers[random.Next(speakers.Length)];
            SceneClip clip = spoken[random.Next(spoken.Length)];
            bool isSeen = i % UnseenEvery == 0 || (people.Count == 1 && !heardOnly), isAway = people.Count > 2 && !alone && i % (2 * UnseenEvery) == UnseenEvery - 1;
            ScenePerson? then = null;
            if (alone)
            {
                ScenePerson[] others = [.. people.Where(one => one.Name != clip.Speaker)];
                ScenePerson? other = others.Length > 0 ? others[random.Next(others.Length)] : null;
                places = [isSeen ? people.First(one => one.Name == clip.Speaker) : other ?? people[0]];
                then = isSeen && i % (2 * UnseenEvery) > 0 ? other : null;
            }
            else if (i % 2 == 0)
            {
                random.Shuffle(places);
            }
            else
            {
                int left = random.Next(places.Length - 1);
                (places[left], places[left + 1]) = (places[left + 1], places[left]);
            }

            int start = _samples.Count;
            _stretches.Add(new SceneStretch(
                Milliseconds(start), Milliseconds(start + clip.Sound.Length), isSeen ? clip.Speaker : null, start * PicturesPerSecond / Rate, clip,
                [.. places.Select(one => isAway && one.Name == clip.Speaker ? null : one)], [.. places.Select(one => random.Next(one.Listening.Count))])
            { Then = then });
            _samples.AddRange(clip.Sound);
            int end = (((_samples.Count * PicturesPerSecond / Rate) + PausePictures) * Rate / PicturesPerSecond) + 1;
            while (_samples.Count < end)
                _samples.Add((float)(RoomTone * ((2 * random.NextDouble()) - 1)));
        }

        Sound = [.. _samples];
        Pictures = Sound.Length * PicturesPerSecond / Rate;
    }

    /// <summary>What is known.</summary>
    public IReadOnlyList<SceneStretch> Stretches => _stretches;

    /// <summary>What is heard, 16 kHz.</summary>
    public float[] Sound { get; }

    /// <summary>How many pictures there are.</summary>
    public int Pictures { get; }

    /// <summary>How many people there are.</summary>
    public int People => _phases.Count;

    /// <summary>What the picture shows.</summary>
    public SceneView View => _view;

    /// <summary>The stretch that a picture is part of.</summary>
    public SceneStretch Stretch(int picture) => _stretches.FindLast(one => one.FirstPicture <= picture)!;

    /// <summary>The faces in a picture, but for those that are mostly hidden behind others.</summary>
    public IReadOnlyList<SceneFace> Faces(int picture)
    {
        SceneFace[] all = [.. Placed(picture).Select(one => one.Face)];
        return [.. all.Where((face, i) => !all[(i + 1)..].Any(other => Math.Abs(other.X - face.X) * Width < 0.6 * _side))];
    }

    /// <summary>Whose place a face lies in; null where nobody is.</summary>
    public string? Who(int picture, RecognizedFace face) =>
        Faces(Math.Min(picture, Pictures - 1)).Where(one => Math.Abs(one.X - face.Left - (face.Width / 2)) * Width < _side / 2.0).MinBy(one => Math.Abs(one.X - face.Left - (face.Width / 2)))?.Person.Name;

    /// <summary>A picture.</summary>
    public VideoFrames Draw(int picture)
    {
        byte[] rgb = new byte[3 * Width * Height];
        Array.Fill(rgb, Background);
        SceneStretch stretch = Stretch(picture);
        int frame = picture - stretch.FirstPicture;
        foreach ((SceneFace face, int place) in Placed(picture))
        {
            bool talks = face.Person.Name == stretch.Speaker && frame < stretch.Clip.Pictures.Count;
            double turn = _phases[face.Person.Name] + (2 * Math.PI * picture / (WaySeconds * PicturesPerSecond));
            Draw(
                talks ? stretch.Clip.Pictures[frame] : ToAndFro(face.Person.Listening[stretch.Shown[place] % face.Person.Listening.Count], frame), face.Person.Room, rgb, face,
                Way * _side * Math.Sin(turn), Way * _side * Math.Cos(1.3 * turn) / 2);
        }

        return new VideoFrames(rgb, 1, Width, Height);
    }

    /// <summary>Writes the recording as a media file, with ffmpeg.</summary>
    /// <param name="file">The file, whose ending names the container.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MediaException">ffmpeg could not.</exception>
    public async Task WriteAsync(string file, CancellationToken cancellation)
    {
        string sound = Path.ChangeExtension(file, ".f32");
        await File.WriteAllBytesAsync(sound, System.Runtime.InteropServices.MemoryMarshal.AsBytes(Sound.AsSpan()).ToArray(), cancellation);
        using Process ffmpeg = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            [
                "-v", "error", "-y", "-f", "f32le", "-ar", $"{Rate}", "-ac", "1", "-i", sound, "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{Width}x{Height}",
                "-r", $"{PicturesPerSecond}", "-i", "pipe:0", "-map", "1:v", "-map", "0:a", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", file,
            ])
        { RedirectStandardInput = true })!;
        try
        {
            for (int i = 0; i < Pictures; i++)
                await ffmpeg.StandardInput.BaseStream.WriteAsync(Draw(i).Rgb, cancellation);
            ffmpeg.StandardInput.Close();
            await ffmpeg.WaitForExitAsync(cancellation);
        }
        finally
        {
            if (!ffmpeg.HasExited)
                ffmpeg.Kill();
            File.Delete(sound);
        }

        if (ffmpeg.ExitCode != 0)
            throw new IOException($"ffmpeg ended with {ffmpeg.ExitCode} as it wrote {file}");
    }

    /// <summary>Reads a clip of somebody who talks: the square in the middle of each picture.</summary>
    public static async Task<SceneClip> ReadClipAsync(MediaTools tools, Utterance clip, CancellationToken cancellation)
    {
        (MediaInfo media, Sound sound) = await tools.ReadWholeSoundAsync(clip.Media!, cancellation);
        int count = (int)(sound.Samples.Length * (long)PicturesPerSecond / Rate);
        Frames frames = await tools.ReadWholeFramesAsync(media, count, Width, null, cancellation);
        return new SceneClip(clip.Speaker!, [.. Enumerable.Range(0, frames.Count).Select(i => Square(new VideoFrames(frames.Picture(i).ToArray(), 1, frames.Width, frames.Height)))], sound.Samples);
    }

    /// <summary>Reads a picture of a face.</summary>
    public static async Task<ScenePerson> ReadPictureAsync(PictureDecoder decoder, string file, CancellationToken cancellation)
    {
        // Such a picture holds the face alone.
        const double RoomAround = 1.5;
        Picture picture = await decoder.DecodeAsync(await File.ReadAllBytesAsync(file, cancellation), cancellation: cancellation);
        return new ScenePerson(Path.GetFileNameWithoutExtension(file), [[Square(new VideoFrames(picture.Rgb, 1, picture.Width, picture.Height))]], RoomAround);
    }

    // In the order in which they are drawn.
    private IEnumerable<(SceneFace Face, int Place)> Placed(int picture)
    {
        SceneStretch stretch = Stretch(picture);
        int number = _stretches.IndexOf(stretch), left = picture - stretch.FirstPicture, end = Pictures;
        SceneStretch? next = number + 1 < _stretches.Count ? _stretches[number + 1] : null;
        if (next is not null)
            end = next.FirstPicture;

        // Before an odd one two change places without a cut, in the pause's last second.
        double share = next is not null && number % 2 == 0 && _view == SceneView.SideBySide ? Math.Clamp(1 - ((end - picture) / (double)PicturesPerSecond), 0, 1) : 0;
        for (int place = 0; place < stretch.Places.Count; place++)
        {
            if ((picture >= stretch.CutAt ? stretch.Then : null) is { } other)
            {
                yield return (new SceneFace(other, 0.5, 0.5), place);
                continue;
            }

            if (stretch.Places[place] is not { } person)
                continue;
            int then = share > 0 ? next!.Places.ToList().IndexOf(person) : -1;
            double at = then < 0 ? place : place + (share * (then - place));
            yield return (new SceneFace(person, _view != SceneView.SideBySide ? 0.5 : (at + 0.5) * _side / Width, 0.5), place);
        }
    }

    private static VideoFrames Square(VideoFrames from)
    {
        int square = Math.Min(from.Width, from.Height), side = Math.Min(SourceSide, square);
        byte[] rgb = new byte[3 * side * side];
        double step = (double)square / side;
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
                Mix(from, ((from.Width - square) / 2.0) + ((x + 0.5) * step) - 0.5, ((from.Height - square) / 2.0) + ((y + 0.5) * step) - 0.5, rgb.AsSpan(3 * ((y * side) + x)));
        }

        return new VideoFrames(rgb, 1, side, side);
    }

    private static VideoFrames ToAndFro(IReadOnlyList<VideoFrames> still, int frame)
    {
        int way = Math.Max(1, 2 * (still.Count - 1)), at = frame % way;
        return still[Math.Min(at, way - at) % still.Count];
    }

    private void Draw(VideoFrames from, double room, byte[] to, SceneFace face, double moveX, double moveY)
    {
        double step = room * from.Width / _side, middleX = face.X * Width, middleY = face.Y * Height;
        for (int y = (int)(middleY - (_side / 2)); y < middleY + (_side / 2); y++)
        {
            double sourceY = (from.Height / 2.0) + ((y + 0.5 - middleY - moveY) * step) - 0.5;
            for (int x = Math.Max(0, (int)(middleX - (_side / 2))); x < Math.Min(Width, middleX + (_side / 2)); x++)
            {
                double sourceX = (from.Width / 2.0) + ((x + 0.5 - middleX - moveX) * step) - 0.5;
                if (sourceX >= 0 && sourceY >= 0 && sourceX <= from.Width - 1 && sourceY <= from.Height - 1)
                    Mix(from, sourceX, sourceY, to.AsSpan(3 * ((y * Width) + x)));
            }
        }
    }

    // The color between four pixels.
    private static void Mix(VideoFrames from, double x, double y, Span<byte> to)
    {
        ReadOnlySpan<byte> source = from.Rgb.Span;
        int x0 = Math.Clamp((int)x, 0, from.Width - 2), y0 = Math.Clamp((int)y, 0, from.Height - 2), at = 3 * ((y0 * from.Width) + x0), below = at + (3 * from.Width);
        int right = (int)(256 * (x - x0)), down = (int)(256 * (y - y0));
        for (int color = 0; color < 3; color++, at++, below++)
        {
            int upper = (source[at] << 8) + ((source[at + 3] - source[at]) * right), lower = (source[below] << 8) + ((source[below + 3] - source[below]) * right);
            to[color] = (byte)Math.Clamp(((upper << 8) + ((lower - upper) * down) + 32768) >> 16, 0, 255);
        }
    }

    private static int Milliseconds(int samples) => (int)(samples * 1000L / Rate);
}
