using System.Runtime.InteropServices;
using Affekt.Onnx.StateFiles;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>affekt features on published classifiers, against what Hugging Face's transformers gives.</summary>
public sealed class PublishedFeaturesTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("roberta", "logits", "logits")]
    [InlineData("roberta-multilabel", "scores", "scores")]
    [InlineData("distilbert", "state.2", "hidden_states.2")]
    [InlineData("electra", "token", "hidden_states.3")]
    [InlineData("electra", "mix:0,0,1,0", "hidden_states.2")]
    public async Task A_text_gives_what_the_reference_gives(string name, string level, string reference)
    {
        Dictionary<string, (long[] Shape, float[] Values)> io = Read(Path.Combine(Zoo(name), "io.safetensors"));
        string texts = At("texts.jsonl");
        string[] rows = System.Text.Json.JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(Zoo(name), "rows.json")))!;
        File.WriteAllLines(texts, rows.Select(row => System.Text.Json.JsonSerializer.Serialize(row)));

        Dictionary<string, (long[] Shape, float[] Values)> written = await WriteAsync("--texts", texts, "--encoder", Zoo(name), "--level", level);

        Assert.Equal(rows.Length, written.Count);
        for (int row = 0; row < rows.Length; row++)
        {
            int size = io[reference].Values.Length / rows.Length;
            Close(io[reference].Values.AsSpan(row * size, written[$"{row}"].Values.Length), written[$"{row}"].Values);
        }
    }

    [Theory]
    [InlineData("hubert-large", "logits", "logits{0}")]
    [InlineData("wavlm", "state.1", "hidden_states{0}.1")]
    [InlineData("wavlm", "mix:0,1,0,0", "hidden_states{0}.1")]
    [InlineData("wav2vec2-dimensions", "scores", "logits{0}")]
    [InlineData("hubert-onnx", "logits", "logits{0}", "hubert")]
    public async Task A_sound_gives_what_the_reference_gives(string name, string level, string reference, string? from = null)
    {
        Dictionary<string, (long[] Shape, float[] Values)> io = Read(Path.Combine(Zoo(from ?? name), "io.safetensors"));
        string[] clips = [.. Enumerable.Range(0, 3).Select(clip => Path.Combine(Zoo("inputs"), $"clip{clip}.wav"))];

        Dictionary<string, (long[] Shape, float[] Values)> written = await WriteAsync([.. clips, "--encoder", Zoo(name), "--level", level]);

        for (int clip = 0; clip < 3; clip++)
            Close(io[string.Format(null, reference, clip)].Values, written[$"clip{clip}.wav"].Values);
    }

    [Fact]
    public async Task One_vector_of_a_sound_is_the_mean_of_its_states_and_of_a_picture_its_first()
    {
        string clip = Path.Combine(Zoo("inputs"), "clip0.wav"), face = Path.Combine(Zoo("inputs"), "face0.png");
        (long[] shape, float[] states) = (await WriteAsync(clip, "--encoder", Zoo("hubert"), "--level", "token"))["clip0.wav"];
        float[] mean = (await WriteAsync(clip, "--encoder", Zoo("hubert")))["clip0.wav"].Values;
        float[] places = (await WriteAsync(face, "--encoder", Zoo("vit"), "--level", "token"))["face0.png"].Values;
        float[] first = (await WriteAsync(face, "--encoder", Zoo("vit")))["face0.png"].Values;

        float[] expected = [.. Enumerable.Range(0, (int)shape[1]).Select(i => Enumerable.Range(0, (int)shape[0]).Average(t => states[(t * shape[1]) + i]))];
        Close(expected, mean);
        Assert.Equal(places[..first.Length], first);
    }

    // libtorch's BERT knows GELU and ReLU alone; what it cannot compute is no reason to refuse a folder.
    [Fact]
    public async Task An_encoder_without_classifier_with_another_activation_is_computed_too()
    {
        string folder = At("gelu-new");
        Directory.CreateDirectory(folder);
        foreach (string name in (string[])["vocab.txt", "tokenizer_config.json", "model.safetensors"])
            File.Copy(Path.Combine(Zoo("bert"), name), Path.Combine(folder, name));
        string config = File.ReadAllText(Path.Combine(Zoo("bert"), "config.json"));
        File.WriteAllText(Path.Combine(folder, "config.json"), config.Replace("\"gelu\"", "\"gelu_new\"").Replace("BertForSequenceClassification", "BertModel"));
        string texts = At("texts.jsonl");
        File.WriteAllLines(texts, ["\"You came!\""]);

        float[] exact = (await WriteAsync("--texts", texts, "--encoder", Zoo("bert")))["0"].Values;
        float[] other = (await WriteAsync("--texts", texts, "--encoder", folder))["0"].Values;

        // The tanh form of GELU differs from it by less than .001.
        Assert.NotEqual(exact, other);
        Assert.InRange(exact.Zip(other, (a, b) => Math.Abs(a - b)).Max(), 0, 0.01);
    }

    [Fact]
    public async Task A_picture_is_taken_whole_and_read_as_the_reference_reads_it()
    {
        Dictionary<string, (long[] Shape, float[] Values)> io = Read(Path.Combine(Zoo("vit-bicubic"), "io.safetensors"));

        Dictionary<string, (long[] Shape, float[] Values)> written = await WriteAsync(
            Path.Combine(Zoo("inputs"), "face2.png"), "--encoder", Zoo("vit-bicubic"), "--level", "input");

        Assert.Equal([3, 64, 64], written["face2.png"].Shape);
        Assert.Equal(io["pixel_values2"].Values, written["face2.png"].Values);
    }

    [Fact]
    public async Task A_head_that_is_not_in_the_file_is_an_error_that_names_its_tensors()
    {
        string folder = Directory.CreateDirectory(At("headless")).FullName;
        foreach (string name in (string[])["config.json", "preprocessor_config.json"])
            File.Copy(Path.Combine(Zoo("hubert"), name), Path.Combine(folder, name));
        using (StateFile file = StateFile.Open(Path.Combine(Zoo("hubert"), "model.safetensors")))
        {
            SafetensorsWriter.Write(
                Path.Combine(folder, "model.safetensors"),
                file.Tensors.Values.Where(tensor => !tensor.Name.StartsWith("classifier.", StringComparison.Ordinal)).Select(tensor => new TensorToWrite(tensor)));
        }

        CliOutcome outcome = await RunAsync(Path.Combine(Zoo("inputs"), "clip0.wav"), "--encoder", folder, "--level", "logits");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("classifier.weight: missing, expected [4, 24]", outcome.Errors);
        Assert.Contains("classifier.bias: missing, expected [4]", outcome.Errors);
        Assert.DoesNotContain("projector", outcome.Errors);
    }

    [Fact]
    public async Task One_input_that_cannot_be_read_is_told_and_the_others_are_written()
    {
        string clip = Path.Combine(Zoo("inputs"), "clip0.wav"), face = Path.Combine(Zoo("inputs"), "face0.png");

        CliOutcome outcome = await RunAsync(face, clip, "--encoder", Zoo("wavlm"), "--level", "scores");

        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("face0.png", outcome.Errors);
        Assert.Equal(["clip0.wav"], Read(At("out.safetensors")).Keys);
    }

    [Theory]
    [InlineData("roberta", "state.9", "layers: found 3")]
    [InlineData("roberta-onnx", "token", "outputs: found logits, expected last_hidden_state")]
    [InlineData("roberta", "state.x", "--level: found state.x")]
    [InlineData("hubert", "logits", "expected sound or video files")]
    public async Task What_a_network_does_not_have_ends_with_2_and_is_named(string name, string level, string told)
    {
        File.WriteAllText(At("texts.jsonl"), "\"hello\"\n");

        CliOutcome outcome = await RunAsync("--texts", At("texts.jsonl"), "--encoder", Zoo(name), "--level", level);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(told, outcome.Errors);
    }

    private static string Zoo(string name) => TestPaths.Shared($"data/fixtures/zoo/{name}");

    private string At(string name) => _folder.At(name);

    private Task<CliOutcome> RunAsync(params string[] arguments) => CliRun.HereAsync(["features", .. arguments, "--out", At("out.safetensors")]);

    private async Task<Dictionary<string, (long[] Shape, float[] Values)>> WriteAsync(params string[] arguments)
    {
        CliOutcome outcome = await RunAsync(arguments);
        Assert.Equal((0, $"{At("out.safetensors")}\n", ""), (outcome.ExitCode, outcome.Output, outcome.Errors));
        return Read(At("out.safetensors"));
    }

    private static Dictionary<string, (long[] Shape, float[] Values)> Read(string path)
    {
        using StateFile file = StateFile.Open(path);
        return file.Tensors.Values.Where(tensor => tensor.Type == Onnx.ElementType.Float32).ToDictionary(
            tensor => tensor.Name, tensor => (tensor.Shape.ToArray(), MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray()));
    }

    private static void Close(ReadOnlySpan<float> expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < actual.Length; i++)
            Assert.InRange(actual[i], expected[i] - Tolerance, expected[i] + Tolerance);
    }
}
