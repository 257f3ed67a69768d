using System.Runtime.InteropServices;
using System.Text.Json;
using Affekt.Corpora;
using Affekt.Models.Bundles;
using Affekt.Onnx.StateFiles;
using Affekt.Training;
using Affekt.Training.AudioText;
using Affekt.Training.Evaluations;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Runs;

/// <summary>What layers of a published network count, learned from a corpus of texts, from features to a bundle's answers.</summary>
public sealed class LearnedLayersTests : IDisposable
{
    private const int Layers = 3;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_one_layer_that_tells_comes_to_count_most_and_the_bundle_answers_by_it()
    {
        string manifest = Corpus(), recipe = _folder.Write("recipe.json", JsonSerializer.Serialize(new
        {
            task = "audio-text-frozen",
            name = "small",
            version = "1.0.0",
            corpus = "manifest",
            root = manifest,
            labels = "yes,no",
            features = _folder.At("features"),
            text_encoder = new { folder = Encoder(), max_tokens = 16, pooling = "cls", layer_weights = "learned" },
            audio_encoder = new { kind = "hubert", folder = TestPaths.Shared("data/fixtures/zoo/hubert") },
            metric = "loss",
            epochs = 20,
            dialogues = 2,
            direct_logits = true,
            dropout = 0,
            learning_rate = 0.02,
            layer_learning_rate = 0.1,
            lstm_width = 8,
            head_width = 8,
            metadata_width = 4,
        }));

        AudioTextFrozenRun.Follow((AudioTextFrozenRecipe)Recipe.Load(recipe), new RunContext(_folder.At("run"), false, Silent.Progress), Token);

        using Bundle bundle = Bundle.Open(_folder.At("run/seed-1"), EncoderLocations.None);
        IReadOnlyList<double> weights = bundle.Config.TextEncoder.LayerWeights!;
        Assert.Equal(1, weights.Sum(), 1e-5);
        Assert.True(weights.Count == Layers + 1 && weights[1] > 0.7, string.Join(' ', weights));
        Assert.Null(bundle.Config.AudioEncoder.LayerWeights);

        // Once by what training has kept, once by the mixed network, which recognition runs.
        Corpus corpus = CorpusReader.Read("manifest", manifest, new CorpusReadOptions { Labels = LabelMap.Parse([], bundle.Config.LabelSet) });
        EvaluationOptions options = new() { Features = new StoredFeatures(_folder.At("features"), Precision.Float32) };
        CorpusEvaluation kept = await new CorpusEvaluator(corpus, options).RunAsync(bundle, cancellation: Token);
        CorpusEvaluation mixed = await new CorpusEvaluator(corpus, options with { Features = null }).RunAsync(bundle, cancellation: Token);
        Assert.Equal(8, kept.Predictions.Count);
        Assert.All(kept.Predictions, prediction => Assert.True(prediction.Probabilities[prediction.Truth] > 0.5));
        Assert.All(
            kept.Predictions.Zip(mixed.Predictions), pair => Assert.Equal(pair.First.Probabilities[0], pair.Second.Probabilities[0], 1e-4));
    }

    // The label is the first word; the rest is the same for both.
    private string Corpus()
    {
        string[] rest = ["we met again", "the door was open", "that is how it went", "they came by train"];
        return _folder.Write("own.jsonl", string.Join('\n', new[] { ("train", 6), ("dev", 3), ("test", 1) }.SelectMany(split =>
            Enumerable.Range(0, 8 * split.Item2).Select(i => JsonSerializer.Serialize(new
            {
                id = $"{split.Item1}-{i}",
                dialogue = $"{split.Item1}-{i / 4}",
                index = i % 4,
                speaker = "Ann",
                text = $"{(i % 3 == 0 ? "yes" : "no")} {rest[i % rest.Length]} {i / 8}",
                emotion = i % 3 == 0 ? "yes" : "no",
                split = split.Item1,
            })))));
    }

    // [CLS] enters the first layer the same for all texts, hears of them there, and is a constant after the second one, whose norm has no weight.
    private string Encoder()
    {
        string source = TestPaths.Shared("data/fixtures/zoo/bert"), target = _folder.At("bert");
        Directory.CreateDirectory(target);
        foreach (string file in new[] { "config.json", "vocab.txt", "tokenizer_config.json" })
            File.Copy(Path.Combine(source, file), Path.Combine(target, file));
        using StateFile stored = StateFile.Open(Path.Combine(source, "model.safetensors"));
        SafetensorsWriter.Write(Path.Combine(target, "model.safetensors"), stored.Tensors.Values.Select(tensor => new TensorToWrite(
            tensor.Name, tensor.Type, [.. tensor.Shape], (ReadOnlyMemory<byte>)(tensor.Name.Contains("layer.1.output.LayerNorm.weight", StringComparison.Ordinal)
                ? new byte[tensor.Bytes.Length]
                : tensor.Name.Contains("layer.0.attention.output.dense.weight", StringComparison.Ordinal) ? Larger(tensor) : tensor.Bytes.ToArray()))));
        return target;
    }

    private static byte[] Larger(StoredTensor tensor) =>
        MemoryMarshal.AsBytes(MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray().Select(weight => 20 * weight).ToArray().AsSpan()).ToArray();
}
