namespace Affekt.Media.Tests;

public sealed class PictureTests : IDisposable
{
    private readonly TempMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Jpeg_pictures_come_as_grey_values_in_their_order()
    {
        byte[][] jpegs = [MakeJpeg("dark.jpg", 40), MakeJpeg("light.jpg", 220), MakeJpeg("middle.jpg", 128)];

        GrayPictures pictures = await TempMedia.Tools.ReadPicturesAsync(
            "three", jpegs, 48, 48, TestContext.Current.CancellationToken);

        Assert.Equal((3, 48 * 48 * 3), (pictures.Count, pictures.Gray.Length));
        int[] expected = [40, 220, 128];
        for (int i = 0; i < pictures.Gray.Length; i++)
            Assert.InRange(pictures.Gray[i] - expected[i / (48 * 48)], -2, 2);
    }

    [Fact]
    public async Task A_picture_of_another_size_is_scaled()
    {
        GrayPictures pictures = await TempMedia.Tools.ReadPicturesAsync(
            "one", [MakeJpeg("large.jpg", 90, "96x64")], 48, 48, TestContext.Current.CancellationToken);

        Assert.Equal((1, true), (pictures.Count, pictures.Gray.All(gray => Math.Abs(gray - 90) <= 2)));
    }

    [Fact]
    public async Task Colored_and_grey_pictures_of_many_sizes_jpeg_or_png_come_in_one_size_in_their_order()
    {
        byte[][] files =
        [
            MakeJpeg("small.jpg", 200, "20x20"),
            Make("red.png", "color=c=red:s=300x200", "rgb24"),
            Make("green.jpg", "color=c=0x00ff00:s=96x96", "yuvj444p"),
            Make("gray.png", "color=c=0x505050:s=48x48", "gray"),
        ];

        GrayPictures pictures = await TempMedia.Tools.ReadPicturesAsync(
            "four", files, 48, 48, TestContext.Current.CancellationToken);

        // Luma of ITU-R BT.601: .299 of red, .587 of green.
        int[] expected = [200, 76, 150, 80];
        Assert.Equal(4, pictures.Count);
        for (int i = 0; i < pictures.Gray.Length; i++)
            Assert.InRange(pictures.Gray[i] - expected[i / (48 * 48)], -3, 3);
    }

    [Fact]
    public async Task A_picture_that_is_no_square_is_cut_around_its_center_and_not_squeezed()
    {
        // A white square of 40 in the middle of 160x80: half the height of what is left, and so half its width.
        byte[] file = Make("square.png", "color=c=black:s=160x80,drawbox=x=60:y=20:w=40:h=40:c=white:t=fill", "gray");

        GrayPictures pictures = await TempMedia.Tools.ReadPicturesAsync(
            "one", [file], 48, 48, TestContext.Current.CancellationToken);

        Assert.Equal(24, Enumerable.Range(0, 48).Count(column => pictures.Gray[(24 * 48) + column] > 128));
        Assert.Equal(24, Enumerable.Range(0, 48).Count(row => pictures.Gray[(row * 48) + 24] > 128));
    }

    [Theory]
    [InlineData("no picture at all")]
    [InlineData("")]
    public async Task A_file_that_is_no_jpeg_is_an_error_that_says_how_many_could_be_read(string content)
    {
        byte[][] files = [MakeJpeg("good.jpg", 40), System.Text.Encoding.ASCII.GetBytes(content)];

        MediaException e = await Assert.ThrowsAsync<MediaException>(() => TempMedia.Tools.ReadPicturesAsync(
            "some corpus", files, 48, 48, TestContext.Current.CancellationToken));

        Assert.Equal(MediaError.Damaged, e.Kind);
        Assert.StartsWith("some corpus: found 1 of 2 pictures", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("still.jpg")]
    [InlineData("still.png")]
    [InlineData("still.webp")]
    [InlineData("still.bmp")]
    public async Task A_picture_file_is_a_video_of_one_picture_without_sound(string name)
    {
        string file = _media.Make("-f", "lavfi", "-i", "color=c=0x808080:s=96x64", "-frames:v", "1", name);

        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, TestContext.Current.CancellationToken);
        Frames frames = await TempMedia.Tools.ReadWholeFramesAsync(media, 8, 320, cancellation: TestContext.Current.CancellationToken);
        byte[]? shown = await TempMedia.Tools.ReadJpegAsync(media, TimeSpan.Zero, 48, TestContext.Current.CancellationToken);
        (_, Sound sound) = await TempMedia.Tools.ReadWholeSoundAsync(file, TestContext.Current.CancellationToken);

        Assert.Equal((96, 64), (media.Picture!.Width, media.Picture.Height));
        Assert.Equal((TimeSpan.FromMilliseconds(40), 0), (media.Duration, media.AudioStreams.Count));
        Assert.Equal((8, 96, 64), (frames.Count, frames.Width, frames.Height));
        Assert.All(frames.Rgb, value => Assert.InRange(value, 126, 130));
        Assert.Equal([0xFF, 0xD8], shown![..2]);
        Assert.True(sound.IsMissing);
    }

    [Fact]
    public async Task A_photo_is_turned_as_its_camera_says()
    {
        // Left half white. EXIF orientation 6: to be turned clockwise by 90 degrees, which puts the left half on top.
        byte[] photo = Make("plain.jpg", "color=c=black:s=96x64,drawbox=w=48:h=64:c=white:t=fill", "yuvj420p");
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
        ];
        string file = _media.At("turned.jpg");
        await File.WriteAllBytesAsync(file, [.. photo[..2], .. exif, .. photo[2..]], TestContext.Current.CancellationToken);

        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, TestContext.Current.CancellationToken);
        Frames frames = await TempMedia.Tools.ReadWholeFramesAsync(media, 1, 320, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal((64, 96), (frames.Width, frames.Height));
        Assert.All(Enumerable.Range(0, 64), x => Assert.Equal((true, true), (frames.Rgb[3 * ((20 * 64) + x)] > 200, frames.Rgb[3 * ((76 * 64) + x)] < 50)));
    }

    [Fact]
    public async Task A_picture_that_cannot_be_decoded_is_an_error_and_no_answer()
    {
        byte[] whole = Make("whole.png", "testsrc=s=96x64", "rgb24");
        string half = _media.At("half.png");
        await File.WriteAllBytesAsync(half, whole[..60], TestContext.Current.CancellationToken);
        string text = _media.At("text.bmp");
        await File.WriteAllTextAsync(text, "BM is also how a text may begin", TestContext.Current.CancellationToken);

        MediaException damaged = await Assert.ThrowsAsync<MediaException>(() => TempMedia.Tools.ProbeAsync(half, TestContext.Current.CancellationToken));
        MediaException other = await Assert.ThrowsAsync<MediaException>(() => TempMedia.Tools.ProbeAsync(text, TestContext.Current.CancellationToken));

        Assert.Equal((MediaError.Damaged, MediaError.NotMedia), (damaged.Kind, other.Kind));
        Assert.Contains("found a picture that cannot be read (png: ", damaged.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0x", damaged.Message, StringComparison.Ordinal);
    }

    private byte[] Make(string name, string source, string format) => File.ReadAllBytes(_media.Make(
        "-f", "lavfi", "-i", source, "-frames:v", "1", "-pix_fmt", format, "-q:v", "2", name));

    private byte[] MakeJpeg(string name, int gray, string size = "48x48") => File.ReadAllBytes(_media.Make(
        "-f", "lavfi", "-i", $"color=c=0x{gray:x2}{gray:x2}{gray:x2}:s={size}", "-frames:v", "1", "-pix_fmt", "gray", "-q:v", "2", name));
}
