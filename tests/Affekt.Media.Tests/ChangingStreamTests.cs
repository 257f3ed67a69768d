namespace Affekt.Media.Tests;

/// <summary>Streams that change half-way, and clocks that do not begin at zero or jump.</summary>
public sealed class ChangingStreamTests : IDisposable
{
    private readonly TempMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Theory]
    [InlineData("-ac 1 -ar 48000", "-ac 2 -ar 48000")]
    [InlineData("-ac 2 -ar 48000", "-ac 1 -ar 32000")]
    public async Task Sound_goes_on_in_its_place_where_channels_or_rate_change(string before, string after)
    {
        string[] first = [.. before.Split(' ')], second = [.. after.Split(' ')];
        _media.Make(["-f", "lavfi", "-i", "sine=f=440:d=2", "-c:a", "mp2", .. first, "a.ts"]);
        _media.Make(["-f", "lavfi", "-i", "aevalsrc=sin(2*PI*880*t)*0.5*gte(t\\,1):d=2", "-c:a", "mp2", .. second, "-output_ts_offset", "2", "b.ts"]);
        string file = Join("both.ts", "a.ts", "b.ts");

        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);
        Sound whole = await TempMedia.Tools.ReadSoundAsync(media, cancellation: Token);
        Sound part = await TempMedia.Tools.ReadSoundAsync(media, TimeRange.FromMilliseconds(3200, 3800), Token);

        Assert.InRange(media.Duration.TotalSeconds, 3.95, 4.15);
        Assert.InRange(whole.Samples.Length, 63_000, 66_000);
        Assert.True(Loudest(whole.Samples.AsSpan(16_000, 12_000)) > 0.05);
        Assert.True(Loudest(whole.Samples.AsSpan(35_000, 12_000)) < 0.02);
        Assert.True(Loudest(whole.Samples.AsSpan(50_000, 12_000)) > 0.2);
        Assert.True(Loudest(part.Samples) > 0.2);
        Assert.Empty(whole.Warnings);
    }

    [Fact]
    public async Task Streamed_sound_is_the_same_as_sound_read_whole()
    {
        _media.Make("-f", "lavfi", "-i", "sine=f=440:d=2", "-c:a", "mp2", "-ac", "1", "-ar", "48000", "a.ts");
        _media.Make("-f", "lavfi", "-i", "sine=f=880:d=2", "-c:a", "mp2", "-ac", "2", "-ar", "48000", "-output_ts_offset", "2", "b.ts");
        MediaInfo media = await TempMedia.Tools.ProbeAsync(Join("both.ts", "a.ts", "b.ts"), Token);
        Sound whole = await TempMedia.Tools.ReadSoundAsync(media, cancellation: Token);

        await using SoundStream stream = TempMedia.Tools.OpenSound(media, Token);
        List<float> samples = [];
        while (await stream.ReadAsync(Token) is { } block)
            samples.AddRange(block);

        Assert.Equal(whole.Samples, samples);
        Assert.Equal(TimeSpan.FromSeconds(samples.Count / 16_000.0), stream.Media.Duration);
    }

    [Fact]
    public async Task Pictures_stay_in_their_place_where_their_size_changes()
    {
        _media.Make("-f", "lavfi", "-i", "color=red:s=640x480:r=10:d=4", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "a.webm");
        _media.Make("-f", "lavfi", "-i", "color=blue:s=320x240:r=10:d=2", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "b.webm");
        _media.Make("-f", "lavfi", "-i", "color=lime:s=640x480:r=10:d=2", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "c.webm");
        File.WriteAllLines(_media.At("list.txt"), ["file 'a.webm'", "file 'b.webm'", "file 'c.webm'"]);
        string file = _media.Make("-f", "concat", "-i", "list.txt", "-c", "copy", "all.webm");
        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);

        Frames frames = await TempMedia.Tools.ReadFramesAsync(media, 8, width: 32, height: 32, cancellation: Token);
        Frames late = await TempMedia.Tools.ReadFramesAsync(media, 2, TimeRange.FromMilliseconds(5000, 7000), 32, 32, Token);

        Assert.Equal("rrrrbbgg", Colors(frames));
        Assert.Equal("bg", Colors(late));
        Assert.Empty(frames.Warnings);
    }

    [Theory]
    [InlineData("off.mkv", 20)]
    [InlineData("off.mp4", 20)]
    [InlineData("off.ts", 7200)]
    [InlineData("wraps.ts", 95_441)]
    public async Task A_clock_that_begins_late_changes_nothing(string name, int offset)
    {
        string plain = _media.MakeSteps("plain.mp4", 24);
        string file = _media.Make(
            "-i", plain, "-f", "lavfi", "-i", "aevalsrc=sin(2*PI*440*t)*0.5*gte(t\\,1):d=2:s=16000", "-c:v", "copy", "-c:a", "aac",
            "-output_ts_offset", $"{offset}", name);

        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);
        Sound sound = await TempMedia.Tools.ReadSoundAsync(media, cancellation: Token);
        Sound part = await TempMedia.Tools.ReadSoundAsync(media, TimeRange.FromMilliseconds(1600, 1800), Token);
        Frames frames = await TempMedia.Tools.ReadFramesAsync(media, 4, cancellation: Token);
        Frames late = await TempMedia.Tools.ReadFramesAsync(media, 1, TimeRange.FromMilliseconds(2120, 2320), cancellation: Token);

        Assert.InRange(media.Duration.TotalSeconds, 2.3, 2.6);
        Assert.InRange(sound.Samples.Length, 31_000, 35_500);
        Assert.True(Loudest(sound.Samples.AsSpan(0, 15_000)) < 0.02);
        Assert.True(Loudest(sound.Samples.AsSpan(20_000, 10_000)) > 0.3);
        Assert.Equal(3_200, part.Samples.Length);
        Assert.True(Loudest(part.Samples) > 0.3);
        Assert.Equal([3, 9, 15, 21], Enumerable.Range(0, 4).Select(k => frames.Picture(k)[0] / 10), (wanted, got) => Math.Abs(wanted - got) <= 1);
        Assert.InRange(late.Picture(0)[0] / 10, 21, 23);
        Assert.Empty(sound.Warnings.Concat(frames.Warnings));
    }

    [Fact]
    public async Task A_first_picture_behind_zero_is_not_lost_where_there_is_no_index()
    {
        string plain = _media.Make("-f", "lavfi", "-i", "testsrc=s=64x48:r=30:d=3", "-c:v", "flv", "-g", "1000", "plain.flv");
        string file = _media.Make(
            "-f", "lavfi", "-i", "sine=d=3:r=44100", "-itsoffset", "0.027", "-i", plain, "-c:v", "copy", "-c:a", "libmp3lame",
            "-flvflags", "no_duration_filesize+no_metadata", "late.flv");
        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);
        MediaInfo before = await TempMedia.Tools.ProbeAsync(plain, Token);

        Frames frames = await TempMedia.Tools.ReadFramesAsync(media, 30, cancellation: Token);
        Frames part = await TempMedia.Tools.ReadFramesAsync(media, 1, TimeRange.FromMilliseconds(10, 60), cancellation: Token);
        Frames first = await TempMedia.Tools.ReadFramesAsync(before, 1, TimeRange.FromMilliseconds(0, 20), cancellation: Token);
        byte[]? jpeg = await TempMedia.Tools.ReadJpegAsync(media, TimeSpan.Zero, 64, Token);

        Assert.Empty(frames.Warnings.Concat(part.Warnings));
        Assert.Equal(first.Rgb, part.Rgb);
        Assert.NotNull(jpeg);
    }

    [Theory]
    [InlineData("joined.mp3", "libmp3lame")]
    [InlineData("joined.aac", "aac")]
    [InlineData("joined.ogg", "libvorbis")]
    public async Task Files_that_were_joined_end_where_their_sound_ends(string name, string codec)
    {
        _media.Make("-f", "lavfi", "-i", "sine=f=440:d=3:r=24000", "-c:a", codec, "a-" + name);
        _media.Make("-f", "lavfi", "-i", "anoisesrc=d=5:r=24000:a=0.4:seed=1", "-c:a", codec, "b-" + name);
        string file = Join(name, "a-" + name, "b-" + name);

        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);
        (MediaInfo settled, Sound sound) = await TempMedia.Tools.ReadWholeSoundAsync(file, Token);
        Sound late = await TempMedia.Tools.ReadSoundAsync(media, TimeRange.FromMilliseconds(6000, 7500), Token);

        Assert.InRange(media.Duration.TotalSeconds, 7.9, 8.3);
        Assert.Equal(TimeSpan.FromSeconds(sound.Samples.Length / 16_000.0), settled.Duration);
        Assert.InRange(settled.Duration.TotalSeconds, 7.9, 8.3);
        Assert.True(Loudest(sound.Samples.AsSpan(110_000, 8_000)) > 0.1);
        Assert.Equal(24_000, late.Samples.Length);
        Assert.True(Loudest(late.Samples) > 0.1);
    }

    [Fact]
    public async Task A_stated_length_that_is_wrong_gives_way_to_what_is_there()
    {
        // Xing's frame count and ffmpeg's length come from the first 2 s only.
        string longer = _media.Make("-f", "lavfi", "-i", "sine=d=6:r=24000", "-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0", "rest.mp3");
        string head = _media.Make("-f", "lavfi", "-i", "sine=d=2:r=24000", "-c:a", "libmp3lame", "head.mp3");
        string file = Join("long.mp3", Path.GetFileName(head), Path.GetFileName(longer));
        MediaInfo media = await TempMedia.Tools.ProbeAsync(file, Token);

        Sound sound = await TempMedia.Tools.ReadSoundAsync(media with { Duration = TimeSpan.FromSeconds(2), IsCounted = false }, cancellation: Token);
        Sound beyond = await TempMedia.Tools.ReadSoundAsync(
            media with { Duration = TimeSpan.FromSeconds(2), IsCounted = false }, TimeRange.FromMilliseconds(6000, 7000), Token);

        Assert.InRange(media.Duration.TotalSeconds, 7.9, 8.3);
        Assert.InRange(sound.Samples.Length, 7.9 * 16_000, 8.3 * 16_000);
        Assert.Equal(16_000, beyond.Samples.Length);
    }

    [Fact]
    public async Task Sound_that_is_whole_and_shorter_than_the_picture_is_no_reason_for_a_warning()
    {
        string plain = _media.MakeSteps("plain.mp4", 40);
        foreach (string name in new[] { "short.mkv", "short.mp4" })
        {
            string file = _media.Make("-i", plain, "-f", "lavfi", "-i", "sine=d=2", "-c:v", "copy", "-c:a", "aac", name);

            (MediaInfo media, Sound sound) = await TempMedia.Tools.ReadWholeSoundAsync(file, Token);

            Assert.InRange(media.Duration.TotalSeconds, 3.95, 4.1);
            Assert.InRange(sound.Samples.Length, 31_000, 34_000);
            Assert.Empty(sound.Warnings);
        }
    }

    [Fact]
    public async Task A_recording_that_was_cut_off_is_as_long_as_what_is_left_of_it()
    {
        string file = _media.MakeClip("whole.mkv", 4, "-c:a", "aac");
        byte[] bytes = await File.ReadAllBytesAsync(file, Token);
        string cut = _media.At("cut.mkv");
        await File.WriteAllBytesAsync(cut, bytes[..(bytes.Length / 2)], Token);

        (MediaInfo media, Sound sound) = await TempMedia.Tools.ReadWholeSoundAsync(cut, Token);

        Assert.InRange(media.Duration.TotalSeconds, 1, 3.2);
        Assert.InRange(sound.Samples.Length / 16_000.0, 1, media.Duration.TotalSeconds);
        Assert.Contains(sound.Warnings, warning => warning.Code == MediaWarning.SoundEndsEarly);
    }

    private string Join(string name, params string[] parts)
    {
        using FileStream joined = File.Create(_media.At(name));
        foreach (string part in parts)
            joined.Write(File.ReadAllBytes(_media.At(part)));
        return _media.At(name);
    }

    private static string Colors(Frames frames) => string.Concat(Enumerable.Range(0, frames.Count).Select(i =>
    {
        ReadOnlySpan<byte> pixel = frames.Picture(i).Slice(3 * ((frames.Width * frames.Height / 2) + (frames.Width / 2)), 3);
        return pixel[0] > 128 ? 'r' : pixel[1] > 128 ? 'g' : 'b';
    }));

    private static float Loudest(ReadOnlySpan<float> samples)
    {
        float loudest = 0;
        foreach (float sample in samples)
            loudest = Math.Max(loudest, Math.Abs(sample));
        return loudest;
    }
}
