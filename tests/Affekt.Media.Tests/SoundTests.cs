namespace Affekt.Media.Tests;

public sealed class SoundTests : IDisposable
{
    private readonly TempMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Sixteen_kilohertz_mono_comes_through_bit_for_bit()
    {
        short[] samples = Noise(20_000);
        string file = _media.WriteWav("noise.wav", 16_000, 1, samples);

        Sound sound = await ReadAsync(file);

        Assert.Equal(samples.Select(sample => sample / 32768f), sound.Samples);
        Assert.Empty(sound.Warnings);
    }

    [Fact]
    public async Task Probing_and_reading_at_once_gives_what_one_after_the_other_gives()
    {
        string[] tones = ["-f", "lavfi", "-i", "sine=300:duration=1", "-f", "lavfi", "-i", "sine=900:duration=1", "-map", "0", "-map", "1"];
        string[] files =
        [
            _media.MakeClip("clip.mp4", 2, "-c:a", "aac"),
            _media.Make([.. tones, "-disposition:a:0", "0", "-disposition:a:1", "default", "second.mkv"]),
            _media.Make("-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=1", "silent.mp4"),
        ];

        foreach (string file in files)
        {
            (MediaInfo media, Sound sound) = await TempMedia.Tools.ReadWholeSoundAsync(file, Token);

            Sound expected = await ReadAsync(file);
            Assert.Equal(expected.Samples, sound.Samples);
            Assert.Equal(expected.Warnings, sound.Warnings);
            Assert.Equal(file, media.File);
        }

        string text = _media.At("notes.txt");
        File.WriteAllText(text, "no media");
        MediaException error = await Assert.ThrowsAsync<MediaException>(() => TempMedia.Tools.ReadWholeSoundAsync(text, Token));
        Assert.Equal(MediaError.NotMedia, error.Kind);
    }

    [Fact]
    public async Task A_stretch_is_cut_to_the_sample()
    {
        short[] samples = Noise(48_000);
        string file = _media.WriteWav("noise.wav", 16_000, 1, samples);

        Sound sound = await ReadAsync(file, TimeRange.FromMilliseconds(1250, 1500.0625));

        Assert.Equal(samples[20_000..24_001].Select(sample => sample / 32768f), sound.Samples);
    }

    [Fact]
    public async Task A_stretch_of_aac_is_the_same_as_that_part_of_the_whole()
    {
        string file = _media.MakeClip("clip.mp4", 3, "-c:a", "aac");

        Sound whole = await ReadAsync(file);
        Sound part = await ReadAsync(file, TimeRange.FromMilliseconds(1700, 2300));

        Assert.Equal(9_600, part.Samples.Length);
        Assert.True(Loudest(part.Samples) > 0.3);
        Assert.True(Difference(whole.Samples.AsSpan(27_200, 9_600), part.Samples) < 1e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Resampling_keeps_frequency_and_amplitude_of_a_sine_on_all_channels(int channels)
    {
        const double Amplitude = 0.5;
        short[] samples = new short[44_100 * channels];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)Math.Round(32768 * Amplitude * Math.Sin(2 * Math.PI * 440 * (i / channels) / 44_100));
        }

        Sound sound = await ReadAsync(_media.WriteWav("sine.wav", 44_100, channels, samples));

        Assert.Equal(16_000, sound.Samples.Length);
        for (int i = 800; i < 15_200; i++)
        {
            Assert.Equal(Amplitude * Math.Sin(2 * Math.PI * 440 * i / 16_000), sound.Samples[i], 1e-3);
        }
    }

    [Fact]
    public async Task Aac_with_six_channels_is_mixed_down()
    {
        string file = _media.Make(
            "-f", "lavfi", "-i", "sine=f=440:d=1:r=48000,volume=4,aformat=channel_layouts=5.1", "-c:a", "aac", "six.m4a");

        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);
        Sound sound = await TempMedia.Tools.ReadSoundAsync(info, cancellation: Token);

        Assert.Equal(6, info.Sound!.Channels);
        Assert.InRange(sound.Samples.Length, 16_000, 16_400);
        Assert.InRange(Loudest(sound.Samples), 0.1, 1.0);
    }

    [Fact]
    public async Task Sound_that_starts_later_than_the_picture_keeps_its_time()
    {
        string tone = _media.Make("-f", "lavfi", "-i", "sine=f=440:d=1:r=16000", "tone.wav");
        string file = _media.Make(
            "-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=2", "-itsoffset", "0.5", "-i", tone, "-c:a", "flac", "late.mkv");

        Sound whole = await ReadAsync(file);
        Sound part = await ReadAsync(file, TimeRange.FromMilliseconds(400, 600));

        Assert.Equal(0, Loudest(whole.Samples.AsSpan(0, 7_990)));
        Assert.True(Loudest(whole.Samples.AsSpan(8_010, 200)) > 0.1);
        Assert.Equal(0, Loudest(part.Samples.AsSpan(0, 1_590)));
        Assert.True(Loudest(part.Samples.AsSpan(1_610, 200)) > 0.1);
    }

    [Fact]
    public async Task Time_counts_from_the_first_picture_where_a_transport_stream_starts_elsewhere()
    {
        string file = _media.MakeClip("clip.ts", 3, "-c:a", "aac");

        Sound whole = await ReadAsync(file);
        Sound part = await ReadAsync(file, TimeRange.FromMilliseconds(1700, 2300));

        Assert.InRange(whole.Samples.Length, 47_000, 50_000);
        Assert.True(Difference(whole.Samples.AsSpan(27_200, 9_600), part.Samples) < 1e-3);
    }

    [Fact]
    public async Task A_file_without_sound_gives_missing_and_says_why()
    {
        string file = _media.MakeSteps("silent.mp4", 5);

        Sound sound = await ReadAsync(file);

        Assert.True(sound.IsMissing);
        Assert.Equal(MediaWarning.NoAudioStream, Assert.Single(sound.Warnings).Code);
    }

    [Fact]
    public async Task A_wav_of_no_samples_gives_missing()
    {
        string file = _media.WriteWav("header.wav", 16_000, 1, []);

        Sound sound = await ReadAsync(file);

        Assert.True(sound.IsMissing);
        Assert.Contains(sound.Warnings, warning => warning.Code == MediaWarning.NothingInRange);
    }

    [Fact]
    public async Task Samples_that_are_not_numbers_become_silence()
    {
        float[] values = [0.25f, float.NaN, float.PositiveInfinity, -0.5f];
        File.WriteAllBytes(_media.At("values.raw"), [.. values.SelectMany(BitConverter.GetBytes)]);
        string file = _media.Make("-f", "f32le", "-ar", "16000", "-ac", "1", "-i", "values.raw", "-c:a", "pcm_f32le", "nan.wav");

        Sound sound = await ReadAsync(file);

        Assert.Equal([0.25f, 0, 0, -0.5f], sound.Samples);
    }

    [Fact]
    public async Task A_stretch_beyond_the_end_gives_what_is_there_and_a_warning()
    {
        string file = _media.WriteWav("noise.wav", 16_000, 1, Noise(16_000));

        Sound sound = await ReadAsync(file, TimeRange.FromMilliseconds(500, 3000));

        Assert.Equal(8_000, sound.Samples.Length);
        Assert.Equal(MediaWarning.RangePastEnd, Assert.Single(sound.Warnings).Code);
    }

    [Theory]
    [InlineData(-1, 500)]
    [InlineData(500, 500)]
    [InlineData(700, 600)]
    [InlineData(1000, 1500)]
    public async Task A_stretch_that_does_not_lie_in_the_file_is_refused(double start, double end)
    {
        string file = _media.WriteWav("noise.wav", 16_000, 1, Noise(16_000));

        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => ReadAsync(file, TimeRange.FromMilliseconds(start, end)));

        Assert.Equal(MediaError.BadRange, error.Kind);
    }

    [Fact]
    public async Task A_stretch_longer_than_allowed_is_refused()
    {
        string file = _media.WriteWav("noise.wav", 16_000, 1, Noise(32_000));
        MediaTools tools = MediaTools.Find(new MediaToolsOptions { MaximumStretch = TimeSpan.FromSeconds(1) });
        MediaInfo info = await tools.ProbeAsync(file, Token);

        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => tools.ReadSoundAsync(info, cancellation: Token));
        Sound part = await tools.ReadSoundAsync(info, TimeRange.FromMilliseconds(1000, 2000), Token);

        Assert.Equal(MediaError.BadRange, error.Kind);
        Assert.Equal(16_000, part.Samples.Length);
    }

    private static async Task<Sound> ReadAsync(string file, TimeRange? range = null)
    {
        MediaInfo info = await TempMedia.Tools.ProbeAsync(file, Token);
        return await TempMedia.Tools.ReadSoundAsync(info, range, Token);
    }

    private static short[] Noise(int count)
    {
        Random random = new(7);
        return [.. Enumerable.Range(0, count).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
    }

    private static float Loudest(ReadOnlySpan<float> samples)
    {
        float loudest = 0;
        foreach (float sample in samples)
        {
            loudest = Math.Max(loudest, Math.Abs(sample));
        }

        return loudest;
    }

    private static float Difference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        Assert.Equal(left.Length, right.Length);
        float largest = 0;
        for (int i = 0; i < left.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(left[i] - right[i]));
        }

        return largest;
    }
}
