using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Torch;

namespace Affekt.Tests.Text;

/// <summary>BERT through ONNX Runtime against what Hugging Face's transformers gives, and against the same network through libtorch.</summary>
public sealed class BertGraphTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void A_small_network_with_ReLU_gives_the_reference_states() => CompareWithReference(Stored.Fixture("bert-relu-short"));

    [Fact]
    public void A_network_with_GELU_and_the_whole_vocabulary_gives_the_reference_states() =>
        CompareWithReference(TestPaths.Shared("data/fixtures/huggingface/bert"));

    [Fact]
    public void A_checkpoint_of_PyTorch_is_read_where_it_lies_too()
    {
        using TemporaryFolder folder = new();
        File.Copy(Stored.Fixture("bert-relu-short/config.json"), folder.At("config.json"));
        File.Copy(Stored.Fixture("bert-relu-short/pytorch_model.bin"), folder.At("pytorch_model.bin"));
        File.Copy(Stored.Fixture("bert-relu-short/io.safetensors"), folder.At("io.safetensors"));
        CompareWithReference(folder.Path);
    }

    [Fact]
    public void Every_layers_states_of_MiniLM_in_half_precision_are_those_of_libtorch()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        string folder = TestPaths.Shared("models/all-MiniLM-L6-v2");
        Dictionary<string, Tensor> io = Stored.Read(TestPaths.Shared("data/fixtures/minilm_io.safetensors"));
        using BertModel libtorch = BertModel.Load(folder, pooler: false, out _);
        Tensor mask = io["attention_mask"].To(Dtype.Float32);
        Tensor[] expected = libtorch.Forward(io["input_ids"], mask);
        using NetworkWeights weights = PublishedFolder.Open(folder, name => TextGraph.Rename("bert", name));
        BertConfig config = BertConfig.Load(Path.Combine(folder, "config.json"));
        using Network network = Network.Open(TextGraph.Build(TextNetworkConfig.Of(config), weights, new TextOutputs { States = [1, 2, 3, 4, 5, 6] }));

        Dictionary<string, Tensor> found = network.Call((TextGraph.Ids, io["input_ids"]), (TextGraph.Mask, io["attention_mask"].To(Dtype.Int64)));

        for (int i = 0; i < expected.Length; i++)
            Stored.Close(Known(expected[i], mask), Known(found[TextGraph.State(i + 1)], mask), Tolerance, $"layer {i + 1}");
        Stored.Close(Known(io["last_hidden_state"], mask), Known(found[TextGraph.LastStates], mask), Tolerance);
        Assert.All(weights.Unused, name => Assert.StartsWith("pooler.", name));
    }

    [Fact]
    public void Large_products_in_int8_point_the_way_of_single_precision()
    {
        using TensorScope scope = new();
        string folder = TestPaths.Shared("models/all-MiniLM-L6-v2");
        Dictionary<string, Tensor> io = Stored.Read(TestPaths.Shared("data/fixtures/minilm_io.safetensors"));
        using TextNetwork network = TextNetwork.Load(folder, int8: true);
        Tensor mask = io["attention_mask"].To(Dtype.Float32);

        float[] found = network.LastStates(
            (int)mask.Shape[0], io["input_ids"].ToArray<long>(), io["attention_mask"].To(Dtype.Int64).ToArray<long>(),
            cancellation: TestContext.Current.CancellationToken);

        Tensor expected = Known(io["last_hidden_state"], mask);
        double cosine = Stored.Cosine(expected, Known(Tensor.From<float>(found, [.. expected.Shape]), mask));
        Assert.InRange(cosine, 0.98, 0.99999999); // not 1: it is not the network in single precision
    }

    [Fact]
    public void Tensors_that_are_not_in_the_file_are_named()
    {
        string folder = Stored.Fixture("bert-relu-short");
        BertConfig config = BertConfig.Load(Path.Combine(folder, "config.json"));
        using NetworkWeights weights = PublishedFolder.Open(folder, name => TextGraph.Rename("bert", name));

        WeightsMismatchException error = Assert.Throws<WeightsMismatchException>(
            () => TextGraph.Build(TextNetworkConfig.Of(config with { NumHiddenLayers = config.NumHiddenLayers + 1 }), weights));

        Assert.Equal(16, error.Problems.Count);
        Assert.Contains($"encoder.layer.{config.NumHiddenLayers}.attention.self.query.weight: missing", error.Problems[0]);
    }

    private static void CompareWithReference(string folder)
    {
        using TensorScope scope = new();
        Dictionary<string, Tensor> io = Stored.Read(Path.Combine(folder, "io.safetensors"));
        using NetworkWeights weights = PublishedFolder.Open(folder, name => TextGraph.Rename("bert", name));
        BertConfig config = BertConfig.Load(Path.Combine(folder, "config.json"));
        using Network network = Network.Open(TextGraph.Build(TextNetworkConfig.Of(config), weights, new TextOutputs { Segments = true, Pooler = true }));
        Assert.Empty(weights.Unused);

        Dictionary<string, Tensor> found = network.Call(
            (TextGraph.Ids, io["input_ids"]), (TextGraph.Mask, io["attention_mask"].To(Dtype.Int64)), (TextGraph.Types, io["token_type_ids"]));

        Tensor mask = io["attention_mask"].To(Dtype.Float32);
        Stored.Close(Known(io["last_hidden_state"], mask), Known(found[TextGraph.LastStates], mask), Tolerance);
        Stored.Close(io["pooler_output"], found[TextGraph.Pooled], Tolerance);
    }

    // What lies beyond a text's end is nobody's.
    private static Tensor Known(Tensor states, Tensor mask) => states * mask.Unsqueeze(2);
}
