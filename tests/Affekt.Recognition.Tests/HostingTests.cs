#pragma warning disable MEAI001 // Speech to text in Microsoft.Extensions.AI may still change.
using Affekt.Media;
using Affekt.Models.Packages;
using Affekt.Models.Video;
using Affekt.Recognition.Library;
using Affekt.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Whisper.net;

namespace Affekt.Recognition.Tests;

/// <summary>Affekt in somebody's host: options, health, streams, sound as it comes, and another's speech to text.</summary>
public sealed class HostingTests : IDisposable
{
    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Options_come_from_the_hosts_configuration_and_a_stream_is_read_as_a_file_is()
    {
        await using ServiceProvider provider = new ServiceCollection().AddAffekt(Configuration(_media.Bundle())).BuildServiceProvider();
        IEmotionRecognizer recognizer = provider.GetRequiredService<IEmotionRecognizer>();
        RecognitionRequest request = new(_media.Silent()) { Text = "so happy" };
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "affekt-stream-*");

        RecognitionResult expected = await recognizer.RecognizeAsync(request, Token);
        await using FileStream stream = File.OpenRead(request.File);
        RecognitionResult streamed = await recognizer.RecognizeAsync(stream, request with { File = "talk.mp4" }, Token);
        MediaException none = await Assert.ThrowsAsync<MediaException>(() => recognizer.RecognizeAsync(new MemoryStream([1, 2, 3]), cancellation: Token));

        Assert.Equal(expected.Utterances[0].Probabilities.Values, streamed.Utterances[0].Probabilities.Values);
        Assert.Equal(("talk.mp4", expected.Input.DurationMs), (streamed.Input.File, streamed.Input.DurationMs));
        Assert.Equal((MediaError.NotMedia, "stream"), (none.Kind, none.File));
        Assert.Contains("beside the stream", (await Assert.ThrowsAsync<ArgumentException>(() => recognizer.RecognizeAsync(
            stream, request with { Recording = new MemoryRecording() }, Token))).Message);
        Assert.Equal(before, Directory.GetDirectories(Path.GetTempPath(), "affekt-stream-*"));
    }

    [Fact]
    public void An_option_that_there_is_not_and_an_empty_folder_are_errors_that_name_them()
    {
        IConfiguration unknown = new ConfigurationBuilder().AddInMemoryCollection([new("Affekt:BundelFolder", "x")]).Build();
        using ServiceProvider wrong = new ServiceCollection().AddAffekt(unknown.GetSection("Affekt")).BuildServiceProvider();
        using ServiceProvider empty = new ServiceCollection().AddAffekt(options => options.BundleFolder = " ").BuildServiceProvider();

        Assert.Contains("BundelFolder", Assert.Throws<InvalidOperationException>(() => wrong.GetRequiredService<IEmotionRecognizer>()).Message);
        Assert.Contains("BundleFolder", Assert.Throws<OptionsValidationException>(() => empty.GetRequiredService<IEmotionRecognizer>()).Message);
    }

    [Fact]
    public async Task Health_is_told_by_whether_the_models_open()
    {
        Assert.Equal((HealthStatus.Healthy, "bundle test 1.2.3"), await HealthAsync(_media.Bundle()));
        (HealthStatus status, string description) = await HealthAsync(_media.At("none"));

        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("config.json", description);

        async Task<(HealthStatus, string)> HealthAsync(string bundle)
        {
            ServiceCollection services = new();
            services.AddLogging().AddAffekt(Configuration(bundle)).AddHealthChecks().AddAffekt();
            await using ServiceProvider provider = services.BuildServiceProvider();
            HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
            return (report.Status, report.Entries["affekt"].Description!);
        }
    }

    [Fact]
    public async Task Sound_that_comes_as_it_is_spoken_is_answered_as_in_a_session_with_words_from_another_client()
    {
        Whisperer client = new();
        using Recognizer recognizer = await OpenAsync(client);
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(TestPaths.InRepository("samples/sample.mp4"), Token);

        List<LiveUpdate> updates = [];
        await foreach (LiveUpdate update in recognizer.ListenAsync(Pieces(sound.Samples), cancellation: Token))
            updates.Add(update);

        RecognizedUtterance[] utterances = [.. updates.Select(update => update.Utterance).OfType<RecognizedUtterance>()];
        Assert.NotEmpty(utterances);
        Assert.All(utterances, utterance => Assert.Equal(("so happy", TextSource.Asr), (utterance.Text, utterance.TextSource)));
        Assert.Contains(updates, update => update.Utterance is null && update.SpeakingSinceMs is not null);

        // What the client got is a WAV file that ffmpeg reads as the utterance's sound.
        string wav = _media.At("heard.wav");
        await File.WriteAllBytesAsync(wav, client.Heard[^1], Token);
        (_, Sound heard) = await MediaTools.Find().ReadWholeSoundAsync(wav, Token);
        Assert.InRange(heard.Samples.Length, 16_000, sound.Samples.Length);
        Assert.Contains(Enumerable.Range(0, sound.Samples.Length - heard.Samples.Length + 1), at => Same(sound.Samples.AsSpan(at), heard.Samples));
    }

    [Fact]
    public async Task A_caller_that_cancels_ends_a_source_of_sound_that_does_not_look_for_it()
    {
        using Recognizer recognizer = await OpenAsync(new Whisperer());
        using CancellationTokenSource ended = new();

        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (LiveUpdate update in recognizer.ListenAsync(Endless(), cancellation: ended.Token))
                Assert.Null(update);
        });

        async IAsyncEnumerable<LiveInput> Endless()
        {
            while (true)
            {
                await Task.Yield();
                yield return new LiveInput { Samples = new float[160] };
                await ended.CancelAsync();
            }
        }
    }

    [Fact]
    public async Task Samples_of_16_bits_that_were_never_divided_are_refused_and_a_live_session_goes_on()
    {
        using Recognizer recognizer = await OpenAsync(new Whisperer());
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(TestPaths.InRepository("samples/sample.mp4"), Token);
        float[] whole = [.. sound.Samples.Select(sample => sample * 32768)];
        using ILiveSession session = await recognizer.ListenAsync(cancellation: Token);

        ArgumentException recorded = await Assert.ThrowsAsync<ArgumentException>(() => recognizer.RecognizeAsync(
            new RecognitionRequest("memory") { Text = "so happy", Recording = new MemoryRecording { Samples = whole } }, Token));
        ArgumentException live = Assert.Throws<ArgumentException>(() => session.Hear(whole));
        int heard = session.HeardMs;
        session.Hear([.. sound.Samples.Select(sample => sample * 8), float.NaN, float.NegativeInfinity]);

        Assert.Contains("divided by 32768", recorded.Message);
        Assert.Contains("divided by 32768", live.Message);
        Assert.Equal(0, heard);
        Assert.NotEqual(0, session.HeardMs);
    }

    [Fact]
    public async Task What_is_cancelled_before_it_begins_does_not_begin()
    {
        using Recognizer recognizer = await OpenAsync(new Whisperer());
        CancellationToken ended = new(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => recognizer.OpenAsync(ended));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => recognizer.ListenAsync(cancellation: ended));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => recognizer.RecognizeAsync(new RecognitionRequest("talk.mp4"), ended));
    }

    [Fact]
    public async Task Whatever_is_asked_of_a_recognizer_that_was_disposed_of_is_an_exception_also_of_its_sessions_and_in_a_host()
    {
        Recognizer recognizer = await OpenAsync(new Whisperer());
        RecognitionRequest request = new("memory") { Recording = new MemoryRecording { Samples = new float[32_000] }, Text = "so happy" };
        ILiveSession left = await recognizer.ListenAsync(cancellation: Token), ended = await recognizer.ListenAsync(cancellation: Token);
        ended.Dispose();
        ended.Dispose();
        recognizer.Dispose();
        recognizer.Dispose();
        ServiceProvider provider = new ServiceCollection().AddAffekt(Configuration(_media.Bundle())).BuildServiceProvider();
        IEmotionRecognizer hosted = provider.GetRequiredService<IEmotionRecognizer>();
        await hosted.OpenAsync(Token);
        await provider.DisposeAsync();

        foreach (IEmotionRecognizer one in (IEmotionRecognizer[])[recognizer, hosted])
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one.OpenAsync(Token));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one.RecognizeAsync(request, Token));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one.ListenAsync(cancellation: Token));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one.EnrollAsync([], Token));
        }

        VideoFrames picture = new(new byte[12], 1, 2, 2);
        Assert.Throws<ObjectDisposedException>(() => left.Hear(new float[32_000]));
        left.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ended.Hear([]));
        Assert.Throws<ObjectDisposedException>(() => ended.Answered());
        Assert.Throws<ObjectDisposedException>(() => ended.Cut());
        Assert.Throws<ObjectDisposedException>(() => ended.Finish());
        Assert.Throws<ObjectDisposedException>(() => ended.See(picture, 0));
        Assert.Throws<ObjectDisposedException>(() => ended.Running());
        Assert.Throws<ObjectDisposedException>(() => ended.Rename("a", "b"));
    }

    [Fact]
    public async Task Words_may_come_from_whisper_net()
    {
        string network = _media.At("whisper.bin");
        OneWordWhisper.Write(network, "happy");
        using WhisperSpeechToTextClient client = new(network);
        using Recognizer recognizer = await OpenAsync(client);

        RecognitionResult result = await recognizer.RecognizeAsync(new RecognitionRequest(TestPaths.InRepository("samples/sample.mp4")), Token);

        Assert.All(result.Utterances, utterance => Assert.Equal(("happy", TextSource.Asr), (utterance.Text, utterance.TextSource)));
        Assert.NotEmpty(result.Utterances);
    }

    private static bool Same(ReadOnlySpan<float> sound, ReadOnlySpan<float> part)
    {
        for (int i = 0; i < part.Length; i++)
        {
            if (Math.Abs(sound[i] - part[i]) > 1e-4f)
                return false;
        }

        return true;
    }

    private static async IAsyncEnumerable<LiveInput> Pieces(float[] samples)
    {
        foreach (float[] piece in samples.Chunk(4_000))
        {
            await Task.Yield();
            yield return new LiveInput { Samples = piece };
        }
    }

    private IConfiguration Configuration(string bundle) => new ConfigurationBuilder().AddInMemoryCollection(
        [new("BundleFolder", bundle), new("ReadSound", "false"), new("CutAtPauses", "false"), new("Precision", "Float32")]).Build();

    private async Task<Recognizer> OpenAsync(ISpeechToTextClient client)
    {
        try
        {
            return await RecognizerFactory.OpenAsync(
                new AffektOptions { BundleFolder = _media.Bundle(), SpeechToText = client }, cancellation: Token);
        }
        catch (WeightsException exception)
        {
            Assert.Skip($"needs published weights: {exception.Message}");
            throw;
        }
    }

    /// <summary>Hears the same words in everything, and keeps what it was given.</summary>
    private sealed class Whisperer : ISpeechToTextClient
    {
        public List<byte[]> Heard { get; } = [];

        public async Task<SpeechToTextResponse> GetTextAsync(
            Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default)
        {
            using MemoryStream copy = new();
            await audioSpeechStream.CopyToAsync(copy, cancellationToken);
            Heard.Add(copy.ToArray());
            return new SpeechToTextResponse(" so happy ");
        }

        public IAsyncEnumerable<SpeechToTextResponseUpdate> GetStreamingTextAsync(
            Stream audioSpeechStream, SpeechToTextOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
