using Affekt.Media;
using Affekt.Models.Video;
using Affekt.Recognition;

namespace Affekt.Tests;

/// <summary>An utterance's pictures, from real files.</summary>
public sealed class UtteranceFramesTests : IDisposable
{
    private static readonly FrameRequest _cut = new(8, 24, Whole: false);

    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Cut_pictures_are_squares_and_whole_ones_keep_their_shape()
    {
        string file = _media.Silent();
        (VideoFrames cut, _) = await ReadAsync(file, null, _cut);
        (VideoFrames whole, _) = await ReadAsync(file, null, new FrameRequest(3, 32, Whole: true));
        Assert.Equal((8, 24, 24), (cut.Count, cut.Width, cut.Height));
        Assert.Equal((3, 32, 24), (whole.Count, whole.Width, whole.Height));
        Assert.NotEqual(cut.Picture(0).ToArray(), cut.Picture(7).ToArray());
    }

    [Fact]
    public async Task Of_an_odd_number_of_times_as_many_pictures_those_in_the_middle_are_the_ones_that_are_read_alone()
    {
        string file = _media.Make("fast.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=30:d=2", "-c:v", "libx264");
        (VideoFrames alone, _) = await ReadAsync(file, TimeRange.FromMilliseconds(100, 1_950), _cut);
        (VideoFrames closer, _) = await ReadAsync(file, TimeRange.FromMilliseconds(100, 1_950), _cut with { Count = 5 * 8 });

        Assert.Equal(alone.Rgb.ToArray(), closer.Every(5).Rgb.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(550)]
    [InlineData(1000)]
    public async Task A_stretch_of_no_length_is_the_picture_on_screen_then(double at)
    {
        string file = _media.Silent();
        (VideoFrames instant, _) = await ReadAsync(file, TimeRange.FromMilliseconds(at, at), _cut);

        // Pictures last 100 ms; the last one ends with the file.
        double shown = Math.Min(at, 950);
        (VideoFrames around, _) = await ReadAsync(file, TimeRange.FromMilliseconds(shown, shown + 20), _cut with { Count = 1 });
        for (int i = 0; i < 8; i++)
            Assert.Equal(around.Picture(0).ToArray(), instant.Picture(i).ToArray());
    }

    [Fact]
    public async Task A_file_without_picture_gives_none_and_says_why()
    {
        (VideoFrames frames, IReadOnlyList<MediaWarning> warnings) = await ReadAsync(_media.Sound("sound.wav", "sine=d=1"), null, _cut);
        Assert.Equal(0, frames.Count);
        Assert.Equal(MediaWarning.NoVideoStream, Assert.Single(warnings).Code);
    }

    [Fact]
    public async Task A_stretch_outside_of_the_file_is_an_error() =>
        await Assert.ThrowsAsync<MediaException>(() => ReadAsync(_media.Silent(), TimeRange.FromMilliseconds(5000, 5000), _cut));

    private static async Task<(VideoFrames Frames, IReadOnlyList<MediaWarning> Warnings)> ReadAsync(
        string file, TimeRange? range, FrameRequest wanted)
    {
        MediaTools tools = MediaTools.Find();
        return await UtteranceFrames.ReadAsync(tools, await tools.ProbeAsync(file, Token), range, wanted, Token);
    }
}
