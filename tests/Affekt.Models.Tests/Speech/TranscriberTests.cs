using System.Diagnostics;
using System.Text.Json;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Packages;
using Affekt.Models.Speech;
using Affekt.Tests.Audio;

namespace Affekt.Tests.Speech;

/// <summary>Against ONNX Runtime on the published graphs, without a cache; see make_transcripts.mjs beside the fixture.</summary>
public sealed class TranscriberTests
{
    private const double Tolerance = 1e-3;
    private const int LogitStep = 4001;

    [Theory]
    [InlineData("clips/meld_train_dia1_utt0.mp4", "The waitress I went out with last month?")]
    [InlineData("clips/meld_test_dia0_utt0.wav", "Why do all your coffee mugs have numbers on about?")]
    [InlineData("ravdess/03-01-05-01-01-01-01.flac", "Kids are talking by the door.")]
    [InlineData("ravdess/03-01-03-01-02-01-18.flac", "Dogs are sitting by the door.")]
    public async Task Tokens_and_words_are_those_of_ONNX_Runtime(string clip, string text)
    {
        using Transcriber transcriber = await LoadAsync();
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(
            TestPaths.Shared($"data/{clip}"), TestContext.Current.CancellationToken);

        List<long> tokens = transcriber.Tokens(sound.Samples, cancellation: TestContext.Current.CancellationToken);

        using JsonDocument expected = await FixtureAsync();
        Assert.Equal(expected.RootElement.GetProperty(clip).GetProperty("tokens").EnumerateArray().Select(one => one.GetInt64()), tokens);
        Assert.Equal(text, transcriber.Words(tokens));
    }

    [Fact]
    public async Task Words_of_another_language_are_not_taken_for_english_ones()
    {
        using Transcriber transcriber = await LoadAsync();
        using TemporaryFolder folder = new();
        string file = folder.At("spoken.wav");
        using (Process speech = Process.Start("espeak-ng", ["-v", "cmn", "-w", file, "--", "你为什么这样做?我告诉过你很多次,不要打破我的窗户。"]))
            await speech.WaitForExitAsync(TestContext.Current.CancellationToken);
        float[] sound = (await MediaTools.Find().ReadWholeSoundAsync(file, TestContext.Current.CancellationToken)).Sound.Samples;

        Transcription heard = transcriber.Hear(sound, TestContext.Current.CancellationToken);

        Assert.NotNull(heard.Words);
        Assert.False(heard.IsUnderstood);
        Assert.Null(transcriber.Transcribe(sound, TestContext.Current.CancellationToken));
    }

    // By itself the network often says nothing where a clip begins with quiet.
    [Theory]
    [InlineData("clips/meld_test_dia0_utt0.wav")]
    [InlineData("ravdess/03-01-05-01-01-01-01.flac")]
    public async Task Quiet_before_and_after_changes_no_word(string clip)
    {
        using Transcriber transcriber = await LoadAsync();
        float[] sound = (await MediaTools.Find().ReadWholeSoundAsync(
            TestPaths.Shared($"data/{clip}"), TestContext.Current.CancellationToken)).Sound.Samples;
        Random random = new(1);
        float[] quiet = [.. Enumerable.Range(0, 24_000).Select(_ => (float)(1e-4 * (random.NextDouble() - 0.5)))];

        string? words = transcriber.Transcribe(sound, TestContext.Current.CancellationToken);

        Assert.NotNull(words);
        Assert.Equal(words, transcriber.Transcribe([.. quiet, .. sound, .. quiet], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task With_a_cache_each_steps_logits_are_those_of_ONNX_Runtime_without_one()
    {
        const string Clip = "clips/meld_train_dia1_utt0.mp4";
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(
            TestPaths.Shared($"data/{Clip}"), TestContext.Current.CancellationToken);
        using JsonDocument document = await FixtureAsync();
        JsonElement expected = document.RootElement.GetProperty(Clip);
        long[] tokens = [1, .. expected.GetProperty("tokens").EnumerateArray().Select(one => one.GetInt64())];
        using Transcriber transcriber = await LoadAsync();
        using Decoding decoding = transcriber.Start(sound.Samples, TestContext.Current.CancellationToken);
        for (int step = 0; step < tokens.Length; step++)
        {
            float[] logits = decoding.Next(tokens[step], TestContext.Current.CancellationToken).ToArray();
            Stored.Close(
                [.. expected.GetProperty("logits")[step].EnumerateArray().Select(one => one.GetSingle())],
                [.. logits.Where((_, i) => i % LogitStep == 0)], Tolerance, $"step {step}");
        }
    }

    [Fact]
    public async Task A_transcript_that_was_cancelled_ends()
    {
        using Transcriber transcriber = await LoadAsync();
        using CancellationTokenSource canceled = new();
        await canceled.CancelAsync();

        Assert.ThrowsAny<OperationCanceledException>(() => transcriber.Transcribe(SyntheticSound.Make(), canceled.Token));
    }

    [Fact]
    public async Task Silence_a_click_and_no_sound_at_all_have_no_words()
    {
        using Transcriber transcriber = await LoadAsync();

        Assert.Null(transcriber.Transcribe(new float[16_000], TestContext.Current.CancellationToken));
        Assert.Null(transcriber.Transcribe(new float[100], TestContext.Current.CancellationToken));
        Assert.Null(transcriber.Transcribe([.. Enumerable.Repeat(float.NaN, 16_000)], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Byte_tokens_join_to_characters_and_marks_say_nothing()
    {
        using TemporaryFolder folder = new();
        string[] names = [.. Enumerable.Range(0, 32_000).Select(i => i == 300 ? "\u2581caf" : i == 301 ? "\u2581now" : "x")];
        string file = folder.Write(
            "names.js", $"const llama_vocab_base64 = \"{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', names)))}\";");

        TokenNames read = TokenNames.Load(file);

        // é is the bytes C3 A9, tokens 3 + 195 and 3 + 169.
        Assert.Equal("café now", read.Decode([1, 300, 198, 172, 301, 2, 32_100]));
    }

    [Theory]
    [InlineData("const nothing = 1;", "no such string")]
    [InlineData("llama_vocab_base64 = \"!!\"", "no base 64")]
    [InlineData("llama_vocab_base64 = \"YQo=\"", "2 tokens")]
    public void A_file_without_the_list_says_what_it_holds(string text, string found)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("names.js", text);

        Assert.Contains(found, Assert.Throws<ModelException>(() => TokenNames.Load(file)).Message);
    }

    private static async Task<JsonDocument> FixtureAsync() => JsonDocument.Parse(await File.ReadAllTextAsync(
        Stored.Fixture("moonshine/transcripts.json"), TestContext.Current.CancellationToken));

    private static async Task<Transcriber> LoadAsync()
    {
        string moonshine = await PackageFiles.FolderAsync(WeightPackages.Moonshine);
        string names = await PackageFiles.FolderAsync(WeightPackages.LlamaTokenizer);
        return Transcriber.Load(
            Path.Combine(moonshine, WeightPackages.MoonshineEncoder), Path.Combine(moonshine, WeightPackages.MoonshineDecoder),
            Path.Combine(names, WeightPackages.LlamaVocabulary));
    }
}
