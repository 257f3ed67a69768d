using System.Text.Json;
using Affekt.Models.Bundles;
using Affekt.Recognition;
using Affekt.Recognition.Library;

namespace Affekt.Tests;

/// <summary>A bundle of published classifiers, of random weights, behind the server and in a program of one's own.</summary>
public sealed class PublishedBundleTests
{
    private static string Clip => TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_and_the_library_answer_alike_with_three_published_classifiers()
    {
        using TemporaryFolder folder = new();
        string bundle = Write(folder);
        await using TestServer server = await TestServer.StartAsync(options => options with { BundleFolder = bundle });

        Answer answer = await server.PostAsync(TestServer.Form(Clip));
        using JsonDocument bundles = JsonDocument.Parse(await server.Client.GetStringAsync("/v1/bundles", Token));

        RecognizedUtterance served = Assert.Single(RecognitionResult.FromJson(answer.Text).Utterances);
        Assert.All(
            [served.Modalities.Audio, served.Modalities.Text, served.Modalities.Video], use => Assert.Equal(ModalityStatus.Used, use.Status));
        Assert.Equal("three", bundles.RootElement.GetProperty("bundles")[0].GetProperty("name").GetString());
        Assert.Equal(
            ["audio", "text", "video"],
            bundles.RootElement.GetProperty("bundles")[0].GetProperty("modalities").EnumerateArray().Select(name => name.GetString()));

        using Recognizer recognizer = await RecognizerFactory.OpenAsync(new AffektOptions { BundleFolder = bundle }, cancellation: Token);
        RecognitionResult here = await recognizer.RecognizeAsync(new RecognitionRequest(Clip), Token);
        double[] expected = [.. served.Probabilities.Values], found = [.. Assert.Single(here.Utterances).Probabilities.Values];
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-5);
    }

    private static string Write(string folder)
    {
        Dictionary<string, string> sources = new() { ["text"] = Zoo("electra"), ["audio"] = Zoo("wavlm"), ["face"] = Zoo("vit-onnx") };
        BundleConfig config = BundleMaker.Describe(
            "three", Source("text"), Source("audio"), Source("face"), new Dictionary<string, string>(), link: false);
        string bundle = Path.Combine(folder, "three");
        BundleMaker.Write(bundle, config, "# three\n", sources);
        return bundle;

        PublishedSource Source(string name) => new(sources[name], sources[name]);
    }

    private static string Zoo(string name) => TestPaths.Shared($"data/fixtures/zoo/{name}");
}
