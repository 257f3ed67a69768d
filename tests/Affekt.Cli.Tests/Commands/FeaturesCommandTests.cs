using System.Text.Json;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Tests;
using Affekt.Torch.Layers;

namespace Affekt.Cli.Tests;

public sealed class FeaturesCommandTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Ids_are_those_of_the_reference_tokenizer_named_by_line()
    {
        (string[] texts, long[][] expected) = ReferenceTexts();

        Dictionary<string, (long[] Shape, byte[] Bytes)> written = await WriteAsync(
            ReferenceFolder(), [.. texts.Select(text => JsonSerializer.Serialize(text))], "--level", "ids");

        Assert.Equal(texts.Length, written.Count);
        for (int line = 0; line < texts.Length; line++)
            Assert.Equal(expected[line], Int64(written[$"{line}"].Bytes));
    }

    [Fact]
    public async Task A_text_gives_its_token_states_and_the_first_of_them()
    {
        string[] lines =
        [
            """{"id": "a", "text": "i am so happy !"}""", """{"text": ""}""", "\"sad\"", """{"id": 7, "text": "you", "more": 1}""",
        ];

        Dictionary<string, (long[] Shape, byte[] Bytes)> token = await WriteAsync(SmallFolder(), lines, "--level", "token");
        Dictionary<string, (long[] Shape, byte[] Bytes)> utterance = await WriteAsync(SmallFolder(), lines);

        // [CLS] and [SEP] are tokens too; 16 features.
        Assert.Equal(["1", "2", "7", "a"], token.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([7, 16], token["a"].Shape);
        Assert.Equal([2, 16], token["1"].Shape);
        Assert.All(utterance.Values, tensor => Assert.Equal([16], tensor.Shape));
        Assert.All(utterance, tensor => Assert.Equal(token[tensor.Key].Bytes[..(16 * sizeof(float))], tensor.Value.Bytes));
        Assert.NotEqual(utterance["a"].Bytes, utterance["2"].Bytes);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_dropped_from_a_text_and_a_whole_one_is_not()
    {
        Dictionary<string, (long[] Shape, byte[] Bytes)> ids = await WriteAsync(
            SmallFolder(), ["\"sad\\ud83d you\"", "\"sad you\"", "\"\\ud83d\\ude00\"", "\"\""], "--level", "ids");

        Assert.Equal(ids["1"].Bytes, ids["0"].Bytes);
        Assert.Equal((3, 2), (ids["2"].Shape[0], ids["3"].Shape[0]));
    }

    [Fact]
    public async Task Stored_tensors_without_a_place_are_listed_and_change_nothing()
    {
        string folder = SmallFolder(), weights = Path.Combine(folder, "model.safetensors");
        Dictionary<string, (long[] Shape, byte[] Bytes)> before = await WriteAsync(folder, ["\"so sad\""]);
        using (StateFile file = StateFile.Open(weights))
        {
            SafetensorsWriter.Write(_media.At("more"), [
                .. file.Tensors.Values.Select(tensor => new TensorToWrite(tensor)),
                new TensorToWrite("cls.predictions.bias", ElementType.Float32, [1], (ReadOnlyMemory<byte>)new byte[4]),
            ]);
        }

        File.Move(_media.At("more"), weights, overwrite: true);
        CliOutcome outcome = await RunAsync(folder, ["\"so sad\""]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("no place for these stored tensors: cls.predictions.bias", outcome.Errors);
        Assert.Equal(before["0"].Bytes, Read(_media.At("out.safetensors"))["0"].Bytes);
    }

    [Theory]
    [InlineData("bf16")]
    [InlineData("int8")]
    public async Task Lower_precision_gives_nearly_the_same(string precision)
    {
        Assert.SkipUnless(PackedKernels.Available, "this processor has no AVX-512 VNNI");
        string[] lines = ["\"i am so happy !\""];
        float[] exact = Single((await WriteAsync(SmallFolder(), lines))["0"].Bytes);

        float[] rough = Single((await WriteAsync(SmallFolder(), lines, "--precision", precision))["0"].Bytes);

        double product = exact.Zip(rough, (x, y) => (double)x * y).Sum();
        Assert.InRange(product / Math.Sqrt(exact.Sum(x => (double)x * x) * rough.Sum(y => (double)y * y)), 0.99, 1.01);
        if (precision == "int8" || PackedKernels.HasBFloat16)
            Assert.NotEqual(exact, rough);
    }

    [Theory]
    [InlineData("line 1", "\"a\"", "{\"text\": ")]
    [InlineData("line 1", "\"a\"", "")]
    [InlineData("line 0", "[\"a\"]")]
    [InlineData("line 0", "{\"id\": \"a\"}")]
    [InlineData("line 0", "{\"text\": null}")]
    [InlineData("line 0", "{\"id\": \"\", \"text\": \"a\"}")]
    [InlineData("line 0", "{\"id\": \"__metadata__\", \"text\": \"a\"}")]
    [InlineData("line 0", "{\"id\": [], \"text\": \"a\"}")]
    [InlineData("line 2", "{\"id\": \"x\", \"text\": \"a\"}", "\"b\"", "{\"id\": \"x\", \"text\": \"c\"}")]
    [InlineData("line 1", "{\"id\": \"1\", \"text\": \"a\"}", "\"b\"")]
    [InlineData("found nothing")]
    public async Task Texts_that_cannot_be_read_end_with_2_and_tell_the_line(string where, params string[] lines)
    {
        CliOutcome outcome = await RunAsync(SmallFolder(), lines);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"error: {_media.At("texts.jsonl")}", outcome.Errors);
        Assert.Contains(where, outcome.Errors);
        Assert.False(File.Exists(_media.At("out.safetensors")));
    }

    [Theory]
    [InlineData("""{"model_type": "gpt2"}""", "\"gpt2\"")]
    [InlineData("""{"hidden_size": 3}""", "model_type")]
    [InlineData("[]", "a JSON object")]
    [InlineData("{", "config.json")]
    public async Task An_encoder_of_another_type_ends_with_2_and_is_named(string config, string named)
    {
        string folder = SmallFolder();
        File.WriteAllText(Path.Combine(folder, "config.json"), config);

        CliOutcome outcome = await RunAsync(folder, ["\"a\""]);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(named, outcome.Errors);
    }

    [Fact]
    public async Task What_an_encoder_does_not_have_or_read_ends_with_2()
    {
        string folder = SmallFolder(), target = _media.At("out.safetensors");

        CliOutcome logits = await RunAsync(folder, ["\"a\""], "--level", "logits");
        CliOutcome media = await CliRun.HereAsync("features", "a.wav", "--encoder", folder, "--out", target);
        CliOutcome twice = await CliRun.HereAsync("features", "x/a.wav", "y/a.wav", "--encoder", folder, "--out", target);
        CliOutcome neither = await CliRun.HereAsync("features", "--encoder", folder, "--out", target);

        Assert.All([logits, media, twice, neither], outcome => Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output)));
        Assert.Contains("classifier.weight: missing", logits.Errors);
        Assert.Contains("--texts", media.Errors);
        Assert.Contains("y/a.wav", twice.Errors);
        Assert.Contains("--texts", neither.Errors);
    }

    private async Task<Dictionary<string, (long[] Shape, byte[] Bytes)>> WriteAsync(string folder, string[] lines, params string[] more)
    {
        CliOutcome outcome = await RunAsync(folder, lines, more);
        Assert.Equal((0, $"{_media.At("out.safetensors")}\n", ""), (outcome.ExitCode, outcome.Output, outcome.Errors));
        return Read(_media.At("out.safetensors"));
    }

    private Task<CliOutcome> RunAsync(string folder, string[] lines, params string[] more)
    {
        File.WriteAllLines(_media.At("texts.jsonl"), lines);
        return CliRun.HereAsync(
            ["features", "--texts", _media.At("texts.jsonl"), "--encoder", folder, "--out", _media.At("out.safetensors"), .. more]);
    }

    // A tiny network of random weights with a vocabulary of 17 tokens.
    private string SmallFolder()
    {
        string folder = Path.Combine(_media.Bundle(), "text");
        string config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("{", "{\"model_type\": \"bert\", ", StringComparison.Ordinal));
        return folder;
    }

    // The reference network with the vocabulary that it was made for.
    private string ReferenceFolder()
    {
        string folder = Directory.CreateDirectory(_media.At("bert")).FullName;
        foreach (string name in new[] { "config.json", "model.safetensors" })
            File.CreateSymbolicLink(Path.Combine(folder, name), TestPaths.Shared($"data/fixtures/huggingface/bert/{name}"));
        File.CreateSymbolicLink(Path.Combine(folder, "vocab.txt"), TestPaths.Shared("data/bert-base-uncased-vocab.txt"));
        return folder;
    }

    private static (string[] Texts, long[][] Ids) ReferenceTexts()
    {
        List<string> texts = [];
        List<long[]> ids = [];
        foreach (string line in File.ReadLines(TestPaths.Shared("data/fixtures/huggingface/wordpiece.jsonl")))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            if (row.RootElement.TryGetProperty("pair", out _) || !row.RootElement.TryGetProperty("uncased", out JsonElement uncased))
                continue;
            texts.Add(row.RootElement.GetProperty("text").GetString()!);
            ids.Add([.. uncased.EnumerateArray().Select(id => id.GetInt64())]);
        }

        Assert.NotEmpty(texts);
        return ([.. texts], [.. ids]);
    }

    private static Dictionary<string, (long[] Shape, byte[] Bytes)> Read(string path)
    {
        using StateFile file = StateFile.Open(path);
        return file.Tensors.Values.ToDictionary(tensor => tensor.Name, tensor => (tensor.Shape.ToArray(), tensor.Bytes.ToArray()));
    }

    private static long[] Int64(byte[] bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(bytes).ToArray();

    private static float[] Single(byte[] bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
