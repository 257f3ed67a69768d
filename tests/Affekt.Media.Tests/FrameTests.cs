using System.Buffers.Binary;
using Affekt.Tests;

namespace Affekt.Media.Tests;

public sealed class FrameTests : IDisposable
{
    private readonly TempMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Theory]
    [InlineData(0, 2000, 4, new[] { 2, 7, 12, 17 })]
    [InlineData(0, 2000, 10, new[] { 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 })]
    [InlineData(730, 1130, 2, new[] { 8, 10 })]
    [InlineData(1210, 1290, 1, new[] { 12 })]
    [InlineData(1000, 1200, 8, new[] { 10, 10, 10, 10, 11, 11, 11, 11 })]
    public async Task Each_frame_is_the_one_on_screen_in_the_middle_of_its_part(double start, double end, int count, int[] expected)
    {
        string file = _media.MakeSteps("steps.mp4", 20);

        Frames frames = await ReadAsync(file, count, TimeRange.FromMilliseconds(start, end));

        Assert.Equal(expected, Steps(frames));
        Assert.Equal(
            Enumerable.Range(0, count).Select(k => start + ((k + 0.5) * (end - start) / count)),
            frames.Timestamps.Select(time => time.TotalMilliseconds),
            (left, right) => Math.Abs(left - right) < 0.001);
        Assert.Empty(frames.Warnings);
    }

    [Theory]
    [InlineData("steps.mkv")]
    [InlineData("steps.ts")]
    [InlineData("steps.avi")]
    public async Task Frames_are_the_same_whatever_the_container(string name)
    {
        string file = _media.MakeSteps(name, 20);

        Frames frames = await ReadAsync(file, 4, TimeRange.FromMilliseconds(400, 1200));

        Assert.Equal([5, 7, 9, 11], Steps(frames));
    }

    [Fact]
    public async Task An_ffmpeg_of_version_4_gives_the_same_frames_pictures_and_rotation()
    {
        string Old(string name, string unknown, string error)
        {
            TestScript.Write(_media.At(name), $"""
                #!/bin/sh
                for a; do
                  case $a in *{unknown}*) echo "{error}" >&2; exit 1;; esac
                done
                exec {name} "$@"

                """);
            return _media.At(name);
        }

        MediaTools tools = MediaTools.Find(new MediaToolsOptions
        {
            FfmpegPath = Old("ffmpeg", "fps_mode", "Unrecognized option 'fps_mode'."),
            FfprobePath = Old("ffprobe", "stream_side_data", "No match for section 'stream_side_data'"),
        });
        string file = _media.MakeSteps("steps.mp4", 20), turned = _media.MakeSteps("turned.mp4", 20);
        TurnClockwise(turned);
        byte[] jpeg = File.ReadAllBytes(_media.Make("-f", "lavfi", "-i", "testsrc=s=64x48", "-frames:v", "1", "picture.jpg"));
        using PictureDecoder expected = TempMedia.Tools.OpenPictures(), decoder = tools.OpenPictures();

        // The first of them finds out, and is not lost.
        Picture picture = await decoder.DecodeAsync(jpeg, cancellation: Token);
        Frames frames = await tools.ReadFramesAsync(await tools.ProbeAsync(file, Token), 4, TimeRange.FromMilliseconds(400, 1200), 32, 32, Token);

        Assert.Equal((await expected.DecodeAsync(jpeg, cancellation: Token)).Rgb, picture.Rgb);
        Assert.Equal([5, 7, 9, 11], Steps(frames));
        Assert.Equal((await TempMedia.Tools.ProbeAsync(turned, Token)).Picture!.Rotation, (await tools.ProbeAsync(turned, Token)).Picture!.Rotation);
    }

    [Fact]
    public async Task Unevenly_spaced_frames_are_taken_by_time_not_by_number()
    {
        // Ten frames in the first second, then one every half second: 10 at 1.0 s, 11 at 1.5 s ... 15 at 3.5 s.
        string file = _media.MakeSteps(
            "uneven.mp4", 16, "-vf", "setpts=if(lt(N\\,10)\\,N\\,10+(N-10)*5)/10/TB", "-fps_mode", "vfr");
        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);

        Frames frames = await TempMedia.Tools.ReadFramesAsync(info, 5, TimeRange.FromMilliseconds(0, 3500), cancellation: Token);

        Assert.True(info.Picture!.IsVariableRate);
        Assert.Equal([3, 10, 11, 12, 14], Steps(frames)); // at 0.35, 1.05, 1.75, 2.45, 3.15 s
    }

    [Fact]
    public async Task Where_the_picture_ends_before_the_sound_the_last_one_stays()
    {
        _media.MakeSteps("steps.mp4", 10);
        string file = _media.Make(
            "-i", "steps.mp4", "-f", "lavfi", "-i", "sine=d=3", "-c:v", "copy", "-c:a", "aac", "frozen.mp4");

        Assert.Equal(new[] { 2, 7, 9, 9 }, Steps(await ReadAsync(file, 4, TimeRange.FromMilliseconds(0, 2000))));
        Assert.Equal(new[] { 9, 9 }, Steps(await ReadAsync(file, 2, TimeRange.FromMilliseconds(2500, 2900))));
    }

    [Fact]
    public async Task Where_the_picture_starts_after_the_sound_the_first_one_is_taken()
    {
        _media.MakeSteps("steps.mp4", 10);
        string file = _media.Make(
            "-f", "lavfi", "-i", "sine=d=2", "-itsoffset", "1", "-i", "steps.mp4", "-c:v", "copy", "-c:a", "flac", "late.mkv");

        Assert.Equal(new[] { 0, 0, 2, 7 }, Steps(await ReadAsync(file, 4, TimeRange.FromMilliseconds(0, 2000))));
    }

    [Fact]
    public async Task A_video_of_one_frame_repeats_it()
    {
        string file = _media.MakeSteps("one.mp4", 1);

        Assert.Equal(new[] { 0, 0, 0 }, Steps(await ReadAsync(file, 3)));
    }

    [Fact]
    public async Task Frames_are_cut_from_the_centre_and_not_squeezed()
    {
        // Red, white and blue upright bars of 32 pixels: the middle square is all white.
        string file = _media.Make(
            "-f", "lavfi", "-i", Bars(32, 32), "-c:v", "libx264rgb", "-qp", "0", "bars.mp4");
        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);

        Frames cut = await TempMedia.Tools.ReadFramesAsync(info, 1, width: 32, height: 32, cancellation: Token);
        Frames whole = await TempMedia.Tools.ReadWholeFramesAsync(info, 1, longerSide: 48, cancellation: Token);

        Assert.Equal([(255, 255, 255), (255, 255, 255)], [Pixel(cut, 0, 0), Pixel(cut, 31, 31)]);
        Assert.Equal((48, 16), (whole.Width, whole.Height));
        Assert.Equal([(255, 0, 0), (255, 255, 255), (0, 0, 255)], [Pixel(whole, 4, 8), Pixel(whole, 24, 8), Pixel(whole, 44, 8)]);
    }

    [Fact]
    public async Task Whole_frames_are_never_enlarged()
    {
        MediaInfo info = await TempMedia.Tools.ProbeAsync(_media.MakeSteps("steps.mp4", 3), Token);

        Frames frames = await TempMedia.Tools.ReadWholeFramesAsync(info, 2, longerSide: 640, cancellation: Token);

        Assert.Equal((64, 48, 2), (frames.Width, frames.Height, frames.Count));
        Assert.Equal(64 * 48 * 3, frames.Picture(1).Length);
    }

    [Fact]
    public async Task A_rotated_video_is_measured_and_read_upright()
    {
        string file = _media.Make("-f", "lavfi", "-i", Bars(32, 32), "-c:v", "libx264rgb", "-qp", "0", "bars.mp4");
        TurnClockwise(file);
        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);

        Frames frames = await TempMedia.Tools.ReadWholeFramesAsync(info, 1, longerSide: 96, cancellation: Token);

        Assert.Equal((32, 96), (info.Picture!.Width, info.Picture.Height));
        Assert.Equal((32, 96), (frames.Width, frames.Height));
        Assert.Equal([(255, 0, 0), (255, 255, 255), (0, 0, 255)], [Pixel(frames, 16, 8), Pixel(frames, 16, 48), Pixel(frames, 16, 88)]);
    }

    [Fact]
    public async Task Pixels_that_are_not_square_are_shown_at_their_true_width()
    {
        string file = _media.MakeSteps("wide.mp4", 3, "-vf", "setsar=2");

        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);

        Assert.Equal((128, 48), (info.Picture!.Width, info.Picture.Height));
    }

    [Fact]
    public async Task A_file_without_picture_gives_missing_and_says_why()
    {
        string file = _media.Make("-f", "lavfi", "-i", "sine=d=1", "sound.wav");

        Frames frames = await ReadAsync(file, 8);

        Assert.True(frames.IsMissing);
        Assert.Equal(MediaWarning.NoVideoStream, Assert.Single(frames.Warnings).Code);
    }

    private static async Task<Frames> ReadAsync(string file, int count, TimeRange? range = null)
    {
        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);
        return await TempMedia.Tools.ReadFramesAsync(info, count, range, 32, 32, Token);
    }

    private static int[] Steps(Frames frames) =>
        [.. Enumerable.Range(0, frames.Count).Select(k => (int)Math.Round(frames.Picture(k)[100] / 10.0))];

    private static (int Red, int Green, int Blue) Pixel(Frames frames, int x, int y)
    {
        ReadOnlySpan<byte> pixel = frames.Picture(0).Slice(3 * ((y * frames.Width) + x), 3);
        return (pixel[0], pixel[1], pixel[2]);
    }

    /// <summary>Sets the display matrix of an MP4's track as a phone held upright does: x points down, y left.</summary>
    private static void TurnClockwise(string file)
    {
        const int MatrixAfterType = 44;
        byte[] bytes = File.ReadAllBytes(file);
        Span<byte> matrix = bytes.AsSpan(bytes.AsSpan().IndexOf("tkhd"u8) + MatrixAfterType);
        BinaryPrimitives.WriteInt32BigEndian(matrix, 0);
        BinaryPrimitives.WriteInt32BigEndian(matrix[4..], 0x10000);
        BinaryPrimitives.WriteInt32BigEndian(matrix[12..], -0x10000);
        BinaryPrimitives.WriteInt32BigEndian(matrix[16..], 0);
        File.WriteAllBytes(file, bytes);
    }

    private static string Bars(int width, int height) =>
        $"color=red:s={width}x{height}:d=0.5,format=rgb24[a];color=white:s={width}x{height}:d=0.5,format=rgb24[b];"
            + $"color=blue:s={width}x{height}:d=0.5,format=rgb24[c];[a][b][c]hstack=3";
}
