using System.Buffers.Binary;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models.Packages;
using Affekt.Models.Video;
using Affekt.Recognition.Library;
using Affekt.Recognition.Persons;
using Affekt.Tests;
using Affekt.Torch;

namespace Affekt.Recognition.Tests;

/// <summary>Live pictures, and answers while somebody speaks.</summary>
public sealed class LivePictureTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task While_somebody_speaks_there_are_answers_and_words_and_faces()
    {
        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");
        using Recognizer recognizer = await OpenAsync(transcribe: true);
        (MediaInfo media, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(clip, TestContext.Current.CancellationToken);
        byte[] jpeg = (await MediaTools.Find().ReadJpegAsync(media, TimeSpan.Zero, 640, TestContext.Current.CancellationToken))!;
        using ILiveSession session = await recognizer.ListenAsync(
            new LiveOptions { RunningWords = TimeSpan.Zero }, TestContext.Current.CancellationToken);

        RunningAnswer before = session.Running();
        IReadOnlyList<RecognizedFace> faces = See(session, jpeg, 40)!;
        session.Hear(sound.Samples.AsSpan(0, 32_000));
        RunningAnswer first = session.Running();
        RunningAnswer later = first;
        while (later.Text is null)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            later = session.Running();
        }

        session.Hear(sound.Samples.AsSpan(32_000));
        RecognizedUtterance last = session.Finish()[^1].Utterance!;

        Assert.Null(before.Probabilities);
        Assert.Equal("no sound was given", before.Modalities.Audio.Reason);
        Assert.NotEmpty(faces);
        Assert.Equal(faces, first.Faces);
        Assert.Equal(40, first.FacesAtMs);
        Assert.Equal(2_000, first.AtMs);
        Assert.NotNull(first.SpeakingSinceMs);
        Assert.Equal(1, first.Probabilities!.Values.Sum(), 1e-6);
        Assert.Equal(ModalityStatus.Used, first.Modalities.Audio.Status);
        Assert.Equal("no branch in this bundle", first.Modalities.Video.Reason);
        Assert.Contains("waitress", later.Text);
        Assert.Contains("waitress", last.Text);
        Assert.Null(session.Running().SpeakingSinceMs);
    }

    [Fact]
    public async Task A_bundle_that_reads_faces_answers_from_them_while_somebody_speaks_and_at_the_end()
    {
        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");
        using Recognizer recognizer = await OpenAsync(transcribe: false, TestPaths.InRepository("bundles/starter"));
        MediaTools tools = MediaTools.Find();
        (MediaInfo media, Sound sound) = await tools.ReadWholeSoundAsync(clip, TestContext.Current.CancellationToken);
        using ILiveSession session = await recognizer.ListenAsync(cancellation: TestContext.Current.CancellationToken);

        RunningAnswer? running = null;
        foreach ((int i, float[] piece) in sound.Samples.Chunk(4_000).Index())
        {
            TimeSpan at = TimeSpan.FromMilliseconds(250 * i);
            if (await tools.ReadJpegAsync(media, at, 1280, TestContext.Current.CancellationToken) is { } jpeg)
                See(session, jpeg, at.TotalMilliseconds);
            session.Hear(piece);
            running = session.Running() is { SpeakingSinceMs: not null, Modalities.Video.Probabilities: not null } answer ? answer : running;
        }

        RecognizedUtterance last = session.Finish()[^1].Utterance!;

        Assert.Equal(1, running!.Modalities.Video.Probabilities!.Values.Sum(), 1e-6);
        Assert.NotEqual(running.Modalities.Audio.Probabilities!.Values, running.Probabilities!.Values);
        Assert.Equal(ModalityStatus.Used, last.Modalities.Video.Status);
        Assert.NotNull(last.Branches.Video);
    }

    // As in films: the speaker, a listener while the speaker goes on, and the speaker again.
    [Fact]
    public async Task A_face_alone_that_listens_is_not_taken_for_the_speakers_once_another_is_known()
    {
        const string Shot = "scale=320:180,setsar=1,fps=25,format=yuv420p";
        string speaks = TestPaths.Shared("data/clips/talking/01-01-03-01-01-02-05.mp4"), listens = TestPaths.Shared("data/clips/talking/01-01-07-02-02-01-01.mp4");
        string clip = _media.Make(
            "shots.mp4", "-i", speaks, "-i", listens, "-filter_complex",
            $"[0:v]trim=0:3,{Shot},split[a][c];[1:v]trim=0:0.48,setpts=PTS-STARTPTS,{Shot},split[p][q];[q]reverse[r];[p][r]concat=n=2,loop=20:24,setpts=N/25/TB,trim=0:3[b];[a][b][c]concat=n=3[v];[0:a]atrim=0:3,aloop=2:144000[h]",
            "-map", "[v]", "-map", "[h]", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-t", "9");
        using Recognizer recognizer = await OpenAsync(transcribe: false, TestPaths.InRepository("bundles/starter"));

        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(clip) { Transcript = [Line(0), Line(3), Line(6)] }, TestContext.Current.CancellationToken);

        Assert.Equal([UtteranceFaceStatus.Only, UtteranceFaceStatus.NotSeen, UtteranceFaceStatus.Speaking], result.Utterances.Select(one => one.Face!.Status));
        Assert.Equal("Ann", result.Persons.Single(person => person.Id == result.Utterances[2].Face!.Person).Name);
        Assert.Equal(result.Utterances[0].Face!.Person, result.Utterances[2].Face!.Person);
        Assert.NotEqual(result.Utterances[0].Face!.Person, Assert.Single(result.Utterances[1].Listeners!).Person);

        static SpokenLine Line(int second) => new(TimeRange.FromMilliseconds(1000 * second, 1000 * (second + 3)), "Ann", "Kids are talking by the door.");
    }

    // As in an interview: somebody speaks, hears a question from behind the camera with a still face, and speaks again.
    [Theory]
    [InlineData("Ben", UtteranceFaceStatus.NotSeen)]
    [InlineData("Ann", UtteranceFaceStatus.Only)]
    public async Task The_only_face_is_a_listeners_where_another_is_heard(string second, UtteranceFaceStatus status)
    {
        const string Shot = "scale=320:180,setsar=1,fps=25,format=yuv420p";
        string clip = _media.Make(
            "interview.mp4", "-i", TestPaths.Shared("data/clips/talking/01-01-07-02-02-01-01.mp4"), "-i", TestPaths.Shared("data/clips/talking/01-01-03-01-01-02-05.mp4"), "-filter_complex",
            $"[0:v]trim=0:3,setpts=PTS-STARTPTS,{Shot},split=3[a][c][s];[s]trim=end_frame=1,loop=74:1,setpts=N/25/TB[b];[a][b][c]concat=n=3[v];[0:a]atrim=0:3,asplit[x][z];[1:a]atrim=0:3[y];[x][y][z]concat=n=3:v=0:a=1[h]",
            "-map", "[v]", "-map", "[h]", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-t", "9");
        using Recognizer recognizer = await OpenAsync(transcribe: false, TestPaths.InRepository("bundles/starter"));

        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(clip) { Transcript = [Line(0, "Ann"), Line(3, second), Line(6, "Ann")] }, TestContext.Current.CancellationToken);

        Assert.Equal(status, result.Utterances[1].Face!.Status);
        Assert.Equal(status == UtteranceFaceStatus.Only ? status : UtteranceFaceStatus.Speaking, result.Utterances[2].Face!.Status);
        RecognizedPerson face = Assert.Single(result.Persons, person => person.Face is not null);
        Assert.Equal("Ann", face.Name);
        Assert.Equal(status == UtteranceFaceStatus.NotSeen ? [face.Id] : [], result.Utterances[1].Listeners?.Select(one => one.Person) ?? []);

        static SpokenLine Line(int second, string name) => new(TimeRange.FromMilliseconds(1000 * second, 1000 * (second + 3)), name, "Kids are talking by the door.");
    }

    [Fact]
    public async Task A_cushion_that_is_taken_for_a_face_now_and_then_is_nobody()
    {
        string clip = TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");
        using Recognizer recognizer = await OpenAsync(transcribe: false, TestPaths.InRepository("bundles/starter"));

        RecognitionResult result = await recognizer.RecognizeAsync(new RecognitionRequest(clip), TestContext.Current.CancellationToken);

        RecognizedUtterance utterance = Assert.Single(result.Utterances);
        Assert.Equal(UtteranceFaceStatus.Only, utterance.Face!.Status);
        Assert.Contains(utterance.Faces!, inPicture => inPicture.Boxes.Count > 1);
        Assert.Empty(result.Persons);
    }

    // Both are real faces of about 125 pixels; the listener's picture stands still.
    [Fact]
    public async Task Of_two_faces_the_one_that_speaks_is_read_from_one_run_of_the_decoder()
    {
        string speaks = TestPaths.Shared("data/clips/talking/01-01-01-01-02-01-05.mp4"), listens = TestPaths.Shared("data/clips/talking/01-01-04-02-01-02-05.mp4");
        string clip = _media.Make(
            "two.mp4", "-i", speaks, "-i", listens, "-filter_complex",
            "[0]scale=640:360,setsar=1,fps=25[a];[1]trim=end_frame=1,scale=640:360,setsar=1,loop=-1:1:0,setpts=N/25/TB,fps=25[b];[b][a]hstack=shortest=1[v]",
            "-map", "[v]", "-map", "0:a", "-preset", "ultrafast", "-t", "3.2");
        using Recognizer recognizer = await OpenAsync(transcribe: false, TestPaths.InRepository("bundles/starter"));

        RecognitionResult result = await recognizer.RecognizeAsync(new RecognitionRequest(clip), TestContext.Current.CancellationToken);

        RecognizedUtterance utterance = Assert.Single(result.Utterances);
        Assert.Equal(UtteranceFaceStatus.Speaking, utterance.Face!.Status);
        Assert.Equal(2, result.Persons.Count);
        Assert.All(utterance.Faces!, inPicture => Assert.True(inPicture.Boxes[0].Left > 0.5));
    }

    [Fact]
    public async Task To_ask_while_somebody_speaks_changes_nothing_of_what_is_said_at_the_end()
    {
        using Recognizer recognizer = await OpenAsync(transcribe: false);
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(
            TestPaths.InRepository("samples/sample.mp4"), TestContext.Current.CancellationToken);
        long before = TorchRuntime.LiveTensors;

        List<double>[] answers = [[], []];
        foreach (int asks in (int[])[0, 1])
        {
            using ILiveSession session = await recognizer.ListenAsync(cancellation: TestContext.Current.CancellationToken);
            foreach (float[] piece in sound.Samples.Concat(new float[16_000]).Concat(sound.Samples).Chunk(4_000))
            {
                answers[asks].AddRange(session.Hear(piece).SelectMany(update => update.Utterance?.Probabilities.Values ?? []));
                for (int i = 0; i < asks; i++)
                    session.Running();
            }

            answers[asks].AddRange(session.Finish().SelectMany(update => update.Utterance!.Probabilities.Values));
        }

        Assert.InRange(answers[0].Count, 14, 70);
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public async Task A_broken_picture_and_a_huge_one_and_a_late_one_leave_the_session_as_it_was()
    {
        byte[] jpeg = File.ReadAllBytes(_media.Make("one.jpg", "-i", TestPaths.InRepository("samples/sample.mp4"), "-frames:v", "1"));
        using Recognizer recognizer = await OpenAsync(transcribe: false);
        using ILiveSession session = await recognizer.ListenAsync(
            new LiveOptions { MostPixels = 320 * 320 }, TestContext.Current.CancellationToken);
        byte[] huge = [.. jpeg];
        int frame = huge.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(huge.AsSpan(frame + 5), 60_000);

        Assert.NotNull(See(session, jpeg, 10));
        Assert.Equal(MediaError.TooLarge, Assert.Throws<MediaException>(() => See(session, huge, 20)).Kind);
        Assert.Equal(MediaError.Damaged, Assert.Throws<MediaException>(() => See(session, jpeg.AsMemory(0, jpeg.Length / 2), 30)).Kind);
        Assert.Equal(MediaError.NotMedia, Assert.Throws<MediaException>(() => See(session, "no picture"u8.ToArray(), 40)).Kind);
        Assert.Null(See(session, jpeg, 10));
        Assert.Null(See(session, jpeg, double.NaN));
        Assert.Throws<ArgumentException>(() => session.See(new VideoFrames(new byte[3 * 2000], 1, 2000, 1), 50));
        Assert.NotNull(See(session, jpeg, 50));
        Assert.Equal(50, session.Running().FacesAtMs);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_does_not_keep_a_session_blind()
    {
        using Recognizer recognizer = await OpenAsync(transcribe: false);
        using ILiveSession session = await recognizer.ListenAsync(cancellation: TestContext.Current.CancellationToken);
        VideoFrames picture = new(new byte[3 * 16 * 16], 1, 16, 16);

        Assert.NotNull(session.See(picture, 1_000));
        Assert.NotNull(session.See(picture, 90_000_000));
        Assert.Null(session.See(picture, 89_999_900));
        Assert.NotNull(session.See(picture, 1_100));
        Assert.Null(session.See(picture, 1_100));
        Assert.Equal(1_100, session.Running().FacesAtMs);
    }

    [Fact]
    public async Task A_pause_is_left_out_of_the_time()
    {
        using Recognizer recognizer = await OpenAsync(transcribe: false);
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(
            TestPaths.InRepository("samples/sample.mp4"), TestContext.Current.CancellationToken);
        using ILiveSession session = await recognizer.ListenAsync(cancellation: TestContext.Current.CancellationToken);

        List<LiveUpdate> updates = [.. session.Hear(sound.Samples)];
        session.SkipTo(60_000);
        int heard = session.HeardMs;
        session.SkipTo(100);
        int still = session.HeardMs;
        updates.AddRange(session.Hear(sound.Samples));
        updates.AddRange(session.Finish());
        RecognizedUtterance[] utterances = [.. updates.Select(update => update.Utterance).OfType<RecognizedUtterance>()];
        RecognizedUtterance cut = utterances[0], last = utterances[^1];

        Assert.InRange(cut.EndMs, 1, 4_400);
        Assert.Equal((60_000, 60_000), (heard, still));

        // The margin before speech, and what is left of a chunk, reach into what was heard before.
        Assert.InRange(last.StartMs, 59_800, 64_400);
    }

    [Fact]
    public void Pictures_are_spread_as_a_files_are_and_their_number_is_bounded()
    {
        LivePictures pictures = new();
        for (int i = 0; i < 1_000; i++)
        {
            pictures.Add(new LivePicture(i * 40, 1, 1, pictures.Buffer(3), null));
            pictures.Forget(0, speaking: true);
        }

        IReadOnlyList<LivePicture> all = pictures.SampleEvenly(0, 40_000, 8);
        IReadOnlyList<LivePicture> recent = pictures.SampleEvenly(39_600, 40_000, 8);

        Assert.Equal(8, all.Count);
        Assert.Equal([39_600, 39_640, 39_720, 39_760, 39_800, 39_840, 39_920, 39_960], recent.Select(one => one.AtMs));
        Assert.Empty(pictures.SampleEvenly(90_000, 91_000, 8));
        pictures.Forget(39_900, speaking: true);
        Assert.Equal(39_880, pictures.SampleEvenly(39_900, 40_000, 8)[0].AtMs);
    }

    [Fact]
    public async Task The_decoder_gives_what_the_files_decoder_gives_and_stays_open()
    {
        string file = _media.Make("film.mkv", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=10:d=1", "-c:v", "mjpeg", "-q:v", "3");
        MediaTools tools = MediaTools.Find();
        MediaInfo media = await tools.ProbeAsync(file, TestContext.Current.CancellationToken);
        Frames expected = await tools.ReadWholeFramesAsync(media, 10, 160, null, TestContext.Current.CancellationToken);
        _media.Make("%02d.jpg", "-i", file, "-c:v", "copy", "-f", "image2");
        using PictureDecoder decoder = tools.OpenPictures(new PictureOptions { Side = 160 });

        for (int i = 0; i < 10; i++)
        {
            Picture picture = await decoder.DecodeAsync(
                File.ReadAllBytes(_media.At($"{i + 1:00}.jpg")), cancellation: TestContext.Current.CancellationToken);
            Assert.Equal((160, 120), (picture.Width, picture.Height));
            Assert.Equal(expected.Picture(i).ToArray(), picture.Rgb);
        }

        Assert.Equal(1, decoder.Starts);
    }

    private static IReadOnlyList<RecognizedFace>? See(ILiveSession session, ReadOnlyMemory<byte> jpeg, double atMs) =>
        session.See(jpeg, atMs, TestContext.Current.CancellationToken);

    private async Task<Recognizer> OpenAsync(bool transcribe, string? bundle = null)
    {
        try
        {
            return await RecognizerFactory.OpenAsync(
                new AffektOptions { BundleFolder = bundle ?? _media.Bundle(), Transcribe = transcribe, ShowFaces = true },
                cancellation: TestContext.Current.CancellationToken);
        }
        catch (WeightsException exception)
        {
            Assert.Skip($"needs published weights: {exception.Message}");
            throw;
        }
    }
}
