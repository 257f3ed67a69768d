using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Packages;
using Affekt.Recognition.Library;
using Affekt.Tests;
using Affekt.Torch;
using Microsoft.Extensions.DependencyInjection;

namespace Affekt.Recognition.Tests;

/// <summary>Live sound, and Affekt as a library.</summary>
public sealed class LiveTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Theory]
    [InlineData(1_600)]
    [InlineData(7_919)]
    public async Task A_file_fed_in_pieces_gives_the_answers_of_the_file(int piece)
    {
        using Recognizer recognizer = await OpenAsync();
        string file = _media.Repeated("many.wav", TestPaths.InRepository("samples/sample.mp4"), 8);
        RecognitionResult expected = await recognizer.RecognizeAsync(
            new RecognitionRequest(file) { Transcribe = false }, TestContext.Current.CancellationToken);
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(file, TestContext.Current.CancellationToken);
        long before = TorchRuntime.LiveTensors;

        List<RecognizedUtterance> found = [];
        int begun = 0;
        using (ILiveSession session = await recognizer.ListenAsync(new LiveOptions { Transcribe = false }, TestContext.Current.CancellationToken))
        {
            for (int at = 0; at < sound.Samples.Length; at += piece)
            {
                IReadOnlyList<LiveUpdate> updates = session.Hear(sound.Samples.AsSpan(at, Math.Min(piece, sound.Samples.Length - at)));
                found.AddRange(updates.Select(update => update.Utterance).OfType<RecognizedUtterance>());
                begun += updates.Count(update => update.Utterance is null && update.SpeakingSinceMs is not null);
                Assert.All(updates, update => Assert.True(update.Utterance is null || update.Utterance.EndMs <= update.AtMs));
            }

            found.AddRange(session.Finish().Select(update => update.Utterance).OfType<RecognizedUtterance>());
        }

        Assert.InRange(found.Count, 8, 24);
        Assert.Equal(found.Count, begun);
        Assert.Equal(expected.Utterances.Select(one => (one.StartMs, one.EndMs)), found.Select(one => (one.StartMs, one.EndMs)));
        foreach ((RecognizedUtterance file1, RecognizedUtterance live) in expected.Utterances.Zip(found))
        {
            for (int i = 0; i < file1.Probabilities.Values.Count; i++)
                Assert.Equal(file1.Probabilities.Values[i], live.Probabilities.Values[i], 1e-4);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public async Task Without_a_detector_live_sound_is_refused_with_the_reason()
    {
        using Recognizer recognizer = new(Bundle.Open(_media.Bundle(), EncoderLocations.None), MediaTools.Find());

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => recognizer.ListenAsync(cancellation: TestContext.Current.CancellationToken));

        Assert.Contains("detector of speech", error.Message);
    }

    [Fact]
    public async Task A_host_gets_one_recognizer_that_opens_when_it_is_asked_and_is_disposed_of_with_the_host()
    {
        string bundle = _media.Bundle(), file = _media.Silent();
        long before = TorchRuntime.LiveTensors;
        await using (ServiceProvider provider = new ServiceCollection().AddAffekt(options =>
        {
            options.BundleFolder = bundle;
            options.ReadSound = false;
            options.CutAtPauses = false;
        }).BuildServiceProvider())
        {
            IEmotionRecognizer recognizer = provider.GetRequiredService<IEmotionRecognizer>();
            Assert.Equal(before, TorchRuntime.LiveTensors);
            RecognitionResult[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => recognizer.RecognizeAsync(
                new RecognitionRequest(file) { Text = "so happy" }, TestContext.Current.CancellationToken)));

            Assert.Same(recognizer, provider.GetRequiredService<IEmotionRecognizer>());
            Assert.All(results, result => Assert.Equal(results[0].Utterances[0].Confidence, result.Utterances[0].Confidence));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void The_sample_in_the_docs_is_the_program_that_is_built()
    {
        string program = File.ReadAllText(TestPaths.InRepository("samples/library/Program.cs"));

        Assert.Contains($"```csharp\n{program}```", File.ReadAllText(TestPaths.InRepository("docs/library.md")));
        Assert.InRange(program.Split('\n').Length, 10, 25);
        Assert.Contains("samples/library/Library.csproj", File.ReadAllText(TestPaths.InRepository("Affekt.slnx")));
    }

    private async Task<Recognizer> OpenAsync()
    {
        try
        {
            return await RecognizerFactory.OpenAsync(
                new AffektOptions { BundleFolder = _media.Bundle(), Transcribe = false },
                cancellation: TestContext.Current.CancellationToken);
        }
        catch (WeightsException exception)
        {
            Assert.Skip($"needs published weights: {exception.Message}");
            throw;
        }
    }
}
