using Affekt.Models.Video;

namespace Affekt.Tests.Video;

public sealed class VideoFramesTests
{
    [Fact]
    public void Pixels_that_are_not_as_many_as_the_sizes_say_are_an_error()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new VideoFrames(new byte[23], 2, 2, 2));
        Assert.StartsWith("found 23 bytes, expected 2 x 2 x 2 x 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_is_its_own_pixels()
    {
        byte[] rgb = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
        VideoFrames frames = new(rgb, 2, 2, 2);
        Assert.Equal(rgb[12..], frames.Picture(1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => frames.Picture(2).ToArray());
    }
}
