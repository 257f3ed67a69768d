using Affekt.Media;
using Affekt.Models.Packages;
using Affekt.Models.Video;
using Affekt.Recognition.Library;
using Affekt.Recognition.Persons;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

/// <summary>A live session with two people side by side in the picture, of whom one speaks.</summary>
public sealed class LivePersonsTests : IDisposable
{
    private const int PicturesPerSecond = 8;
    private const string Square = "fps=25,crop=ih:ih,scale=320:320,format=yuv420p,setsar=1";

    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public void Of_two_faces_in_a_picture_that_somebody_called_one_the_larger_has_the_name()
    {
        FaceBox small = new(0, 0, 0.1f, 0.1f, 1), large = new(0.5f, 0, 0.2f, 0.2f, 1);

        Assert.Equal([null, "p1", "p2", null], FaceNames.Once(["p1", "p1", "p2", null], [small, large, small, small]));
    }

    [Fact]
    public async Task Faces_in_running_answers_have_the_names_of_their_persons_which_can_be_changed_and_joined()
    {
        using Recognizer recognizer = await OpenAsync();
        using ILiveSession session = await recognizer.ListenAsync(new LiveOptions { Thumbnails = true }, TestContext.Current.CancellationToken);

        (Frames pictures, int endMs, IReadOnlyList<LiveUpdate> updates) = await PlayAsync(session, Talk());
        session.See(Picture(pictures, pictures.Count - 1), endMs + 2_000);
        session.See(Picture(pictures, pictures.Count - 1), endMs + 2_100);
        IReadOnlyList<RecognizedFace> faces = session.Running().Faces;
        IReadOnlyList<RecognizedPerson> persons = updates.Last(update => update.Persons is not null).Persons!;
        string left = faces.MinBy(face => face.Left)!.Person!, right = faces.MaxBy(face => face.Left)!.Person!;

        Assert.NotEqual(left, right);
        Assert.Equal(left, updates.Select(update => update.Utterance).OfType<RecognizedUtterance>().First().Face!.Person);
        Assert.All(new[] { left, right }, id => Assert.Equal(64 * 64 * 3, Pixels(persons.Single(person => person.Id == id).Face!.Thumbnail!).Length));

        LiveUpdate named = session.Rename("speaker 1", "Ann")!;
        Assert.All(named.Speakers!, speaker => Assert.Equal("Ann", speaker));
        Assert.NotNull(named.Persons!.Single(person => person.Name == "Ann").Voice);
        Assert.Null(session.Rename("speaker 1", "Eve"));
        Assert.Equal("Ben", Name(session.Rename(Name(named.Persons!, right), "Ben")!.Persons!, right));

        LiveUpdate joined = session.Rename("Ben", Name(named.Persons!, left))!;
        Assert.Equal(left, Assert.Single(joined.Persons!, person => person.Face is not null).Id);
        session.See(Picture(pictures, pictures.Count - 1), endMs + 9_000);
        session.See(Picture(pictures, pictures.Count - 1), endMs + 9_100);
        Assert.Contains(session.Running().Faces, face => face.Person == left);
        Assert.DoesNotContain(session.Running().Faces, face => face.Person == right);

        // A camera that is off shows nobody.
        session.SkipTo(endMs + 20_000);
        Assert.Empty(session.Running().Faces);

        // Who is only heard has an id that no face ever had: utterances tell of those that were joined, too.
        session.Speaker = "Eve";
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(Talk(), TestContext.Current.CancellationToken);
        RecognizedPerson eve = session.Hear(sound.Samples).Concat(session.Finish()).Last(update => update.Persons is not null).Persons!.Single(person => person.Name == "Eve");
        Assert.Null(eve.Face);
        Assert.DoesNotContain(eve.Id, new[] { left, right });
    }

    // The sample's face, and how it looked at one moment: each is near to what is known of both.
    [Fact]
    public async Task Each_of_two_who_look_alike_keeps_a_name_of_its_own()
    {
        string file = _media.Make(
            "alike.mp4", "-i", TestPaths.InRepository("samples/sample.mp4"),
            "-filter_complex", "[0:v]scale=240:240,pad=320:320:40:40:gray,split[a][b];[b]trim=start=0.88,setpts=PTS-STARTPTS,trim=end_frame=1,loop=-1:1,hflip,setpts=N/FRAME_RATE/TB[c];[a][c]hstack=shortest=1[v]",
            "-map", "[v]", "-map", "0:a", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac");
        using Recognizer recognizer = await OpenAsync();
        using ILiveSession session = await recognizer.ListenAsync(new LiveOptions(), TestContext.Current.CancellationToken);
        (Frames pictures, int endMs, _) = await PlayAsync(session, file);

        IReadOnlyList<RecognizedFace>[] both =
        [
            .. Enumerable.Range(0, pictures.Count).Select(i => session.See(Picture(pictures, i), endMs + ((i + 1) * 1000.0 / PicturesPerSecond))!)
                .Skip(PicturesPerSecond).Where(faces => faces.Count == 2),
        ];

        Assert.True(both.Length >= pictures.Count / 2);
        Assert.InRange(both.Count(faces => faces.Select(face => face.Person).Order().SequenceEqual(["p1", "p2"])), 0.9 * both.Length, both.Length);
    }

    private static string Name(IReadOnlyList<RecognizedPerson> persons, string id) => persons.Single(person => person.Id == id).Name;

    private static VideoFrames Picture(Frames pictures, int i) => new(pictures.Picture(i).ToArray(), 1, pictures.Width, pictures.Height);

    // A file as microphone and camera; its end is the session's so far.
    private static async Task<(Frames Pictures, int EndMs, IReadOnlyList<LiveUpdate> Updates)> PlayAsync(ILiveSession session, string file)
    {
        MediaTools tools = MediaTools.Find();
        (MediaInfo media, Sound sound) = await tools.ReadWholeSoundAsync(file, TestContext.Current.CancellationToken);
        int count = (int)(PicturesPerSecond * media.Duration.TotalSeconds);
        Frames pictures = await tools.ReadWholeFramesAsync(media, count, 640, null, TestContext.Current.CancellationToken);
        List<LiveUpdate> updates = [];
        int last = 0;
        for (int i = 0; i < count; i++)
        {
            int until = (int)((i + 0.5) * media.Duration.TotalSeconds * Sound.SampleRate / count);
            updates.AddRange(session.Hear(sound.Samples.AsSpan(last..Math.Min(until, sound.Samples.Length))));
            last = Math.Min(until, sound.Samples.Length);
            session.See(Picture(pictures, i), until * 1000.0 / Sound.SampleRate);
        }

        updates.AddRange(session.Finish());
        return (pictures, (int)media.Duration.TotalMilliseconds, updates);
    }

    // As ffmpeg reads the file, whose checksums it compares.
    private byte[] Pixels(string thumbnail)
    {
        File.WriteAllBytes(_media.At("face.png"), Convert.FromBase64String(thumbnail));
        return File.ReadAllBytes(_media.Make("face.rgb", "-err_detect", "crccheck+explode", "-f", "png_pipe", "-i", _media.At("face.png"), "-f", "rawvideo", "-pix_fmt", "rgb24"));
    }

    // The other's first half second, to and fro: nobody speaks in it.
    private string Talk() => _media.Make(
        "talk.mp4", "-i", TestPaths.Shared("data/clips/talking/01-01-03-01-01-02-05.mp4"), "-i", TestPaths.Shared("data/clips/talking/01-01-07-02-02-01-01.mp4"),
        "-filter_complex",
        $"[0:v]{Square}[s];[1:v]trim=0:0.48,setpts=PTS-STARTPTS,{Square},split[a][b];[b]reverse[r];[a][r]concat=n=2:v=1,loop=20:24,setpts=N/25/TB[q];[s][q]hstack=shortest=1[v];[0:a]anull[h]",
        "-map", "[v]", "-map", "[h]", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac");

    private static async Task<Recognizer> OpenAsync()
    {
        try
        {
            return await RecognizerFactory.OpenAsync(
                new AffektOptions { BundleFolder = TestPaths.InRepository("bundles/starter"), Transcribe = false }, cancellation: TestContext.Current.CancellationToken);
        }
        catch (WeightsException exception)
        {
            Assert.Skip($"needs published weights: {exception.Message}");
            throw;
        }
    }
}
