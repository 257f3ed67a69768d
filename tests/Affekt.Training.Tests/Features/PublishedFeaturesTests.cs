using System.Runtime.InteropServices;
using System.Text.Json;
using Affekt.Corpora;
using Affekt.Models.Text;
using Affekt.Onnx.StateFiles;
using Affekt.Tests;
using Affekt.Training.Features;

namespace Affekt.Training.Tests.Features;

/// <summary>Features of published networks of any family as the store keeps them, against what Hugging Face's transformers gives.</summary>
public sealed class PublishedFeaturesTests
{
    private const double Tolerance = 1e-4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    [InlineData("xlm-roberta")]
    [InlineData("electra")]
    [InlineData("roberta", 2)]
    public async Task A_texts_first_token_is_that_of_the_reference(string name, int layer = 3)
    {
        string folder = TestPaths.Shared($"data/fixtures/zoo/{name}");
        string[] rows = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(folder, "rows.json")))!;
        using StateFile io = StateFile.Open(Path.Combine(folder, "io.safetensors"));
        float[] states = Floats(io.Tensors[$"hidden_states.{layer}"]);
        using TextFeatureEncoder encoder = TextFeatureEncoder.Load(folder, pooling: TextPooling.Cls, tokens: true, mix: Only(layer));

        List<PreparedInput> texts = [];
        foreach (string text in rows)
            texts.Add(await encoder.DecodeAsync(new Utterance { Id = text, Dialogue = "d", Index = 0, Split = Split.Test, Text = text }, Token));
        IReadOnlyList<StoredFeature[]> found = encoder.Encode(texts, Token);

        for (int row = 0; row < rows.Length; row++)
            Close(states.AsSpan(row * states.Length / rows.Length, encoder.Width), found[row][0].Values!);
    }

    [Theory]
    [InlineData("wav2vec2")]
    [InlineData("hubert")]
    [InlineData("wavlm")]
    [InlineData("wav2vec2", 1)]
    public async Task A_sounds_mean_over_frames_is_that_of_the_reference(string name, int layer = 3)
    {
        string folder = TestPaths.Shared($"data/fixtures/zoo/{name}"), clip = TestPaths.Shared("data/fixtures/zoo/inputs/clip1.wav");
        using StateFile io = StateFile.Open(Path.Combine(folder, "io.safetensors"));
        float[] states = Floats(io.Tensors[$"hidden_states1.{layer}"]);
        using SoundFeatureEncoder encoder = SoundFeatureEncoder.Published(folder, Precision.Float32, mix: Only(layer));
        using SoundFeatureEncoder whole = SoundFeatureEncoder.Published(folder, Precision.Float32);
        Assert.Equal(layer == 3, encoder.Output == whole.Output);

        PreparedInput sound = await encoder.DecodeAsync(
            new Utterance { Id = "clip1", Dialogue = "d", Index = 0, Split = Split.Test, Media = clip }, Token);

        Close(Mean(states, encoder.Width), encoder.Encode([sound], Token)[0][0].Values!);
    }

    [Fact]
    public async Task A_sounds_layers_side_by_side_are_those_of_the_reference_and_mixtures_follow_from_what_is_kept_of_them()
    {
        string folder = TestPaths.Shared("data/fixtures/zoo/hubert");
        Utterance clip = new() { Id = "clip1", Dialogue = "d", Index = 0, Split = Split.Test, Media = TestPaths.Shared("data/fixtures/zoo/inputs/clip1.wav") };
        using StateFile io = StateFile.Open(Path.Combine(folder, "io.safetensors"));
        using TemporaryFolder kept = new();
        using FeatureStore store = FeatureStore.Open(kept.Path);
        using SoundFeatureEncoder all = SoundFeatureEncoder.Published(folder, Precision.Float32, mix: []), mixed = SoundFeatureEncoder.Published(folder, Precision.Float32, mix: [0.5, 0, 0.25, 2]);
        await new FeaturePreparer(store).RunAsync([clip], [all], Token);
        string content = await mixed.IdentifyAsync(clip, Token);

        float[] layers = store.Find(all.Output.Key(content))!.Values!;
        float[] expected = [.. Enumerable.Range(0, 4).SelectMany(layer => Mean(Floats(io.Tensors[$"hidden_states1.{layer}"]), all.Width / 4))];

        Close(expected, layers);
        Assert.Equal((4 * mixed.Width, mixed.Width), (all.Width, mixed.Derive(store, content)![0].Values!.Length));
        Close(mixed.Encode([await mixed.DecodeAsync(clip, Token)], Token)[0][0].Values!, mixed.Derive(store, content)![0].Values!);
        PreparationReport report = await new FeaturePreparer(store).RunAsync([clip], [mixed], Token);
        Assert.True(store.Contains(mixed.Output.Key(content)));
        Assert.True(store.Find(mixed.Output.Key(content))!.DurationMs > 0);
        Assert.Empty(report.Modalities[0].Failed);
    }

    private static float[] Mean(float[] states, int width)
    {
        float[] mean = new float[width];
        for (int i = 0; i < states.Length; i++)
            mean[i % width] += states[i] * width / states.Length;
        return mean;
    }

    // A layer before the last, as a mixture of it alone.
    private static double[]? Only(int layer) => layer == 3 ? null : [.. Enumerable.Range(0, 4).Select(i => i == layer ? 1.0 : 0)];

    private static float[] Floats(StoredTensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray();

    private static void Close(ReadOnlySpan<float> expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
            Assert.InRange(found[i], expected[i] - Tolerance, expected[i] + Tolerance);
    }
}
