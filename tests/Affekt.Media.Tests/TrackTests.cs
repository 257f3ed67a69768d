namespace Affekt.Media.Tests;

/// <summary>Files with several tracks or channels, of which not all hold what is to be heard.</summary>
public sealed class TrackTests : IDisposable
{
    private readonly TempMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Where_the_first_track_is_silent_the_one_that_is_heard_is_taken_and_told()
    {
        MediaInfo media = await TempMedia.Tools.ProbeAsync(Tracks("0", "0.5*sin(2*PI*440*t)"), Token);
        (MediaInfo whole, Sound sound) = await TempMedia.Tools.ReadWholeSoundAsync(media.File, Token);
        await using SoundStream stream = TempMedia.Tools.OpenSound(media, Token);
        float[]? streamed = await stream.ReadAsync(Token);
        while (await stream.ReadAsync(Token) is not null)
        {
        }

        Assert.Equal(media.AudioStreams[1], media.Sound);
        Assert.Equal(media.Sound, whole.Sound);
        MediaWarning warning = Assert.Single(media.Warnings);
        Assert.Equal(MediaWarning.OtherAudioStream, warning.Code);
        Assert.Contains("number 1", warning.Message);
        Assert.Contains(warning, sound.Warnings);
        Assert.Contains(warning, stream.Warnings);
        Assert.True(sound.Samples.Max() > 0.3);
        Assert.True(streamed!.Max() > 0.3);
    }

    [Fact]
    public async Task A_track_that_is_heard_at_its_end_only_is_kept()
    {
        MediaInfo media = await TempMedia.Tools.ProbeAsync(Tracks("0.5*sin(2*PI*440*t)*gte(t\\,1.5)", "0.5*sin(2*PI*440*t)"), Token);

        Assert.Equal(media.AudioStreams[0], media.Sound);
        Assert.Empty(media.Warnings);
    }

    [Fact]
    public async Task A_track_can_be_chosen_and_one_that_is_not_there_is_named()
    {
        MediaInfo media = await TempMedia.Tools.ProbeAsync(Tracks("0", "0.5*sin(2*PI*440*t)"), Token);

        Sound silent = await TempMedia.Tools.ReadSoundAsync(media.WithSound(0), cancellation: Token);
        MediaException error = Assert.Throws<MediaException>(() => media.WithSound(2));

        Assert.True(silent.Samples.All(sample => Math.Abs(sample) < 1e-3));
        Assert.Empty(silent.Warnings);
        Assert.Equal(MediaError.NoSuchStream, error.Kind);
        Assert.Contains("0 to 1: 0 is flac, 1 channel, 16000 Hz", error.Message);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-0.9")]
    public async Task Channels_that_cancel_each_other_are_not_mixed(string right)
    {
        string file = _media.Make(
            "-f", "lavfi", "-i", $"aevalsrc=0.05*sin(2*PI*440*t)|{right}*0.05*sin(2*PI*440*t):d=2:s=16000:c=stereo", "-c:a", "flac", "anti.flac");
        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);

        Sound whole = await TempMedia.Tools.ReadSoundAsync(media, cancellation: Token);
        Sound part = await TempMedia.Tools.ReadSoundAsync(media, TimeRange.FromMilliseconds(500, 700), Token);
        await using SoundStream stream = TempMedia.Tools.OpenSound(media, Token);
        List<float> streamed = [];
        while (await stream.ReadAsync(Token) is { } block)
            streamed.AddRange(block);

        Assert.InRange(whole.Samples.Max(), 0.045f, 0.055f);
        Assert.InRange(part.Samples.Max(), 0.045f, 0.055f);
        Assert.Equal(whole.Samples, streamed);
        Assert.Equal(MediaWarning.ChannelsCancel, Assert.Single(whole.Warnings).Code);
        Assert.Equal(MediaWarning.ChannelsCancel, Assert.Single(stream.Warnings).Code);
    }

    [Fact]
    public async Task A_voice_in_the_last_of_sixteen_channels_is_heard()
    {
        string file = _media.Make("-f", "lavfi", "-i", "aevalsrc=0.05*sin(2*PI*440*t):d=1:s=16000", "-af", "pan=16c|c15=c0", "-c:a", "pcm_s16le", "many.wav");
        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);

        Sound sound = await TempMedia.Tools.ReadSoundAsync(media, cancellation: Token);

        Assert.InRange(sound.Samples.Max(), 0.045f, 0.055f);
    }

    [Theory]
    [InlineData("0.002*sin(2*PI*440*t)|0.002*sin(2*PI*440*t)")]
    [InlineData("0.3*sin(2*PI*440*t)|0")]
    [InlineData("0|0")]
    public async Task Other_channels_are_mixed_as_ever(string source)
    {
        string file = _media.Make("-f", "lavfi", "-i", $"aevalsrc={source}:d=1:s=16000:c=stereo", "-c:a", "pcm_f32le", "mixed.wav");
        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);

        Sound sound = await TempMedia.Tools.ReadSoundAsync(media, cancellation: Token);

        Assert.Equal(16_000, sound.Samples.Length);
        Assert.Empty(sound.Warnings);
    }

    private string Tracks(string first, string second) => _media.Make(
        "-f", "lavfi", "-i", $"aevalsrc={first}:d=2:s=16000", "-f", "lavfi", "-i", $"aevalsrc={second}:d=2:s=16000",
        "-map", "0", "-map", "1", "-c:a", "flac", "-disposition:a:0", "default", "tracks.mkv");
}
