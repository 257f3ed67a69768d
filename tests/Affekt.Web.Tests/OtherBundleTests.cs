using System.Text.Json.Nodes;
using Affekt.Models.Bundles;
using Affekt.Onnx.StateFiles;
using Affekt.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;

namespace Affekt.Web.Tests;

/// <summary>The page before bundles that are not the starter: published classifiers, and labels and dimensions of one's own.</summary>
[Collection("page")]
public sealed class OtherBundleTests(PageFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Three_published_classifiers_answer_a_recording_and_each_is_shown_with_its_part()
    {
        Dictionary<string, string> sources = new[] { ("text", "roberta"), ("audio", "hubert"), ("face", "vit") }
            .ToDictionary(one => one.Item1, one => TestPaths.Shared($"data/fixtures/zoo/{one.Item2}"));
        PublishedSource Source(string name) => new(sources[name], sources[name]);
        BundleConfig config = BundleMaker.Describe("three", Source("text"), Source("audio"), Source("face"), new Dictionary<string, string>(), link: false);
        BundleMaker.Write(_folder.At("three"), config, "# three\n", sources);

        await ShowAsync("three", async chosen =>
        {
            await Assertions.Expect(chosen.Locator(".modality")).ToHaveCountAsync(3);
            await Assertions.Expect(chosen.Locator("tbody th")).ToContainTextAsync(["neutral", "joy", "sadness", "anger", "fear", "disgust", "surprise"]);
        });
    }

    // The starter's branch with its first outputs alone, under other names: what is shown is named by the bundle.
    [Fact]
    public async Task Sentiments_and_valence_are_shown_by_their_names()
    {
        string starter = TestPaths.InRepository("bundles/starter"), bundle = Directory.CreateDirectory(_folder.At("sentiments")).FullName;
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(starter, "config.json")))!.AsObject();
        foreach (string part in (string[])["sound", "video", "video_encoder", "fusion"])
            config.Remove(part);
        config["labels"] = new JsonArray("neutral", "positive", "negative");
        config["fusion"] = JsonNode.Parse("""
            {"kind":"experts","audio_text":0.5,"video":0.5,"experts":{"text":{"weight":1},"audio":{"weight":1},"video":{"weight":1},"prior":[0.5,0.2,0.3]}}
            """);
        config["dimensions"] = new JsonArray(new JsonObject { ["name"] = "valence", ["mean"] = 3, ["deviation"] = 1 });
        config["audio_text"]!["network"]!["outputs"] = 4;
        config["text_encoder"]!["folder"] = Path.Combine(starter, "text-encoder");
        File.WriteAllText(Path.Combine(bundle, "config.json"), config.ToJsonString());
        using (StateFile whole = StateFile.Open(Path.Combine(starter, "audio-text.safetensors")))
        {
            SafetensorsWriter.Write(
                Path.Combine(bundle, "audio-text.safetensors"),
                [
                    .. whole.Tensors.Values.Select(tensor =>
                    {
                        bool isOutput = tensor.Name.StartsWith("head.output.", StringComparison.Ordinal) || tensor.Name.StartsWith("direct_", StringComparison.Ordinal);
                        return new TensorToWrite(
                            tensor.Name, tensor.Type, isOutput ? [4, .. tensor.Shape.Skip(1)] : [.. tensor.Shape],
                            (ReadOnlyMemory<byte>)(isOutput ? tensor.Bytes[..(tensor.Bytes.Length * 4 / 7)] : tensor.Bytes).ToArray());
                    }),
                ]);
        }

        await ShowAsync("sentiments", async chosen =>
        {
            await Assertions.Expect(chosen.Locator("tbody th")).ToContainTextAsync(["neutral", "positive", "negative"]);
            await Assertions.Expect(chosen.Locator(".modality")).ToHaveCountAsync(3);
            await Assertions.Expect(chosen.GetByText("valence")).ToBeVisibleAsync();
        });
    }

    private async Task ShowAsync(string bundle, Func<ILocator, Task> check)
    {
        IBrowser browser = await fixture.ReadyAsync();
        string address = $"http://127.0.0.1:{TestPorts.Free()}/", talk = _folder.At("talk.srt");
        File.WriteAllText(talk, "1\n00:00:00,000 --> 00:00:02,000\nYou came all this way?\n");
        await using WebApplication server = await PageFixture.ServeAsync(address, _folder.At(bundle), _folder.At("data"));
        await using OpenPage open = await OpenPage.AtAsync(browser, address, "analyze");
        await open.ChooseAsync(Clip(), talk);
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Open talk.mp4" }).ClickAsync();
        await Assertions.Expect(open.Page.Locator(".chosen blockquote")).ToContainTextAsync("You came all this way");
        await check(open.Page.Locator(".chosen"));
        open.AssertClean();
    }

    // By the subtitles' name.
    private string Clip()
    {
        File.Copy(TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4"), _folder.At("talk.mp4"));
        return _folder.At("talk.mp4");
    }
}
