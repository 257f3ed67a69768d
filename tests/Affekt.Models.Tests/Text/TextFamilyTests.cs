using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Torch;

namespace Affekt.Tests.Text;

/// <summary>Published families of text networks with their classifiers, against what Hugging Face's transformers gives.</summary>
public sealed class TextFamilyTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("roberta")]
    [InlineData("roberta-multilabel")]
    [InlineData("xlm-roberta")]
    [InlineData("electra")]
    public void A_published_classifier_gives_the_reference_states_and_logits(string name)
    {
        using TensorScope scope = new();
        string folder = TestPaths.Shared($"data/fixtures/zoo/{name}");
        Dictionary<string, Tensor> io = Stored.Read(Path.Combine(folder, "io.safetensors"));
        TextNetworkConfig config = TextNetworkConfig.Load(Path.Combine(folder, "config.json"));
        using NetworkWeights weights = NetworkWeights.Open(
            Path.Combine(folder, "model.safetensors"), stored => TextGraph.Rename(config.ModelType, stored));
        using Network network = Network.Open(TextGraph.Build(
            config, weights,
            new TextOutputs { Labels = (int)io["logits"].Shape[1], States = [.. Enumerable.Range(0, config.NumHiddenLayers + 1)] }));
        Assert.Empty(weights.Unused);

        Dictionary<string, Tensor> batch = network.Call((TextGraph.Ids, io["input_ids"]), (TextGraph.Mask, io["attention_mask"]));
        Tensor mask = io["attention_mask"].To(Dtype.Float32).Unsqueeze(2);
        Stored.Close(io["logits"], batch[TextGraph.Logits], Tolerance, "batch");
        for (int i = 0; i <= config.NumHiddenLayers; i++)
            Stored.Close(io[TextGraph.State(i)] * mask, batch[TextGraph.State(i)] * mask, Tolerance, $"states {i}");

        using JsonDocument texts = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "texts.json")));
        foreach (JsonElement text in texts.RootElement.EnumerateArray())
        {
            long[] ids = [.. text.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64())];
            float[] logits = [.. text.GetProperty("logits").EnumerateArray().Select(logit => logit.GetSingle())];
            Tensor found = network.Call(
                (TextGraph.Ids, Tensor.From<long>(ids, 1, ids.Length)), (TextGraph.Mask, Tensor.Full(1, 1, ids.Length).To(Dtype.Int64)))[TextGraph.Logits];
            Stored.Close(logits, found.ToArray<float>(), Tolerance, text.GetProperty("text").GetString()!);
        }
    }

    [Fact]
    public void A_classifier_without_its_head_is_an_error_that_names_the_tensors()
    {
        string folder = Stored.Fixture("bert-relu-short");
        TextNetworkConfig config = TextNetworkConfig.Load(Path.Combine(folder, "config.json"));
        using NetworkWeights weights = PublishedFolder.Open(folder, name => TextGraph.Rename("bert", name));

        WeightsMismatchException error = Assert.Throws<WeightsMismatchException>(
            () => TextGraph.Build(config, weights, new TextOutputs { Labels = 7 }));

        Assert.Equal(["classifier.weight: missing, expected [7, 48]", "classifier.bias: missing, expected [7]"], error.Problems.Select(p => p.Replace($"{config.HiddenSize}", "48")));
    }

    [Fact]
    public void Another_architecture_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.At("config.json"), """{"model_type": "gpt2", "vocab_size": 10}""");

        ModelException error = Assert.Throws<ModelException>(() => TextNetworkConfig.Load(folder.At("config.json")));

        Assert.Contains("model_type: found \"gpt2\", expected bert, distilbert, roberta, xlm-roberta, electra", error.Message);
    }
}
