namespace Affekt.Media.Tests;

/// <summary>Pictures of cameras, one after the other through one decoder.</summary>
public sealed class LivePictureDecoderTests : IDisposable
{
    private readonly TempMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Pictures_without_huffman_tables_are_read_again_and_again()
    {
        byte[] whole = Make("whole.jpg", "testsrc=s=160x120", "-huffman", "default");
        byte[] bare = Without(whole, 0xC4);
        using PictureDecoder decoder = TempMedia.Tools.OpenPictures();

        Picture expected = await decoder.DecodeAsync(whole, cancellation: Token);
        Picture[] pictures = new Picture[4];
        for (int i = 0; i < pictures.Length; i++)
            pictures[i] = await decoder.DecodeAsync(bare, cancellation: Token);

        Assert.True(bare.Length < whole.Length - 400);
        Assert.All(pictures, picture => Assert.Equal(expected.Rgb, picture.Rgb));
        Assert.Equal(1, decoder.Starts);
    }

    [Fact]
    public async Task Nothing_of_a_picture_is_kept_for_the_next()
    {
        byte[] own = Make("own.jpg", "testsrc=s=160x120", "-huffman", "optimal");
        byte[] plain = Make("plain.jpg", "testsrc2=s=160x120", "-huffman", "default");
        byte[] bare = Without(plain, 0xC4);

        // Intel's library wrote its pictures upside down, and said so: a decoder that believes it turns all that follow.
        byte[] remark = [.. plain[..2], 0xFF, 0xFE, 0, 24, .. "Intel(R) JPEG Library\0"u8, .. plain[2..]];
        using PictureDecoder decoder = TempMedia.Tools.OpenPictures();
        using PictureDecoder fresh = TempMedia.Tools.OpenPictures();
        Picture expected = await fresh.DecodeAsync(plain, cancellation: Token);

        await decoder.DecodeAsync(own, cancellation: Token);
        Picture afterOther = await decoder.DecodeAsync(bare, cancellation: Token);
        Picture remarked = await decoder.DecodeAsync(remark, cancellation: Token);
        Picture afterRemark = await decoder.DecodeAsync(plain, cancellation: Token);
        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => decoder.DecodeAsync(Without(plain, 0xDB), cancellation: Token));

        Assert.Equal(expected.Rgb, afterOther.Rgb);
        Assert.Equal(expected.Rgb, remarked.Rgb);
        Assert.Equal(expected.Rgb, afterRemark.Rgb);
        Assert.Equal(MediaError.Damaged, error.Kind);
        Assert.Contains("no quantization table 0", error.Message);
    }

    [Fact]
    public async Task Pictures_of_a_corpus_stand_alone_too()
    {
        byte[] first = Make("first.jpg", "testsrc=s=48x48", "-pix_fmt", "gray", "-huffman", "optimal");
        byte[] second = Make("second.jpg", "testsrc2=s=48x48", "-pix_fmt", "gray", "-huffman", "default");

        GrayPictures expected = await TempMedia.Tools.ReadPicturesAsync("two", [first, second], 48, 48, Token);
        GrayPictures pictures = await TempMedia.Tools.ReadPicturesAsync("two", [first, Without(second, 0xC4)], 48, 48, Token);

        Assert.Equal(expected.Gray, pictures.Gray);
    }

    private byte[] Make(string name, string source, params string[] more) =>
        File.ReadAllBytes(_media.Make(["-f", "lavfi", "-i", source, "-frames:v", "1", "-c:v", "mjpeg", .. more, name]));

    private static byte[] Without(byte[] jpeg, byte marker)
    {
        List<byte> kept = [.. jpeg[..2]];
        int at = 2;
        while (jpeg[at + 1] != 0xDA)
        {
            int length = 2 + (jpeg[at + 2] << 8) + jpeg[at + 3];
            if (jpeg[at + 1] != marker)
                kept.AddRange(jpeg[at..(at + length)]);
            at += length;
        }

        return [.. kept, .. jpeg[at..]];
    }
}
