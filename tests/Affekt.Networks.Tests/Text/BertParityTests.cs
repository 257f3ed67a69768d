using System.Text.Json;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Text;

/// <summary>Against what Hugging Face's transformers gives; see make_huggingface.py beside the fixtures.</summary>
public sealed class BertParityTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void A_small_network_with_ReLU_gives_the_reference_states() =>
        CompareWithReference(Stored.Fixture("bert-relu-short"), Stored.Fixture("bert-relu-short/io.safetensors"));

    [Fact]
    public void A_network_with_GELU_and_the_whole_vocabulary_gives_the_reference_states()
    {
        string folder = TestPaths.Shared("data/fixtures/huggingface/bert");
        CompareWithReference(folder, Path.Combine(folder, "io.safetensors"));
    }

    [Fact]
    public void An_old_checkpoint_with_prefix_and_gamma_and_beta_gives_the_same_states()
    {
        using TemporaryFolder folder = new();
        File.Copy(Stored.Fixture("bert-relu-short/config.json"), folder.At("config.json"));
        File.Copy(Stored.Fixture("bert-relu-short/pytorch_model.bin"), folder.At("pytorch_model.bin"));
        CompareWithReference(folder.Path, Stored.Fixture("bert-relu-short/io.safetensors"));
    }

    [Fact]
    public void A_text_in_a_padded_batch_gives_what_it_gives_alone()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using BertModel network = BertModel.Load(Stored.Fixture("bert-relu-short"), pooler: false, out _);
        Dictionary<string, Tensor> io = Stored.Read(Stored.Fixture("bert-relu-short/io.safetensors"));
        Tensor mask = io["attention_mask"].To(Dtype.Float32);
        Tensor together = network.Forward(io["input_ids"], mask, io["token_type_ids"])[^1];
        for (int row = 0; row < mask.Shape[0]; row++)
        {
            long tokens = (long)mask.Narrow(0, row, 1).Sum().Item();
            Tensor alone = network.Forward(Part(io["input_ids"]), Part(mask), Part(io["token_type_ids"]))[^1];
            Stored.Close(alone, Part(together), 1e-5, $"row {row}");

            Tensor Part(Tensor batch) => batch.Narrow(0, row, 1).Narrow(1, 0, tokens);
        }
    }

    // Its graph gives what transformers gives (tests of the published families).
    [Theory]
    [InlineData("roberta")]
    [InlineData("xlm-roberta")]
    public void RoBERTa_by_the_layers_of_BERT_gives_what_its_graph_gives(string name)
    {
        string folder = TestPaths.Shared($"data/fixtures/zoo/{name}");
        using TextNetwork graph = TextNetwork.Load(folder);
        using ITextNetwork layers = new TorchEncoders(Precision.Float32).OpenText(folder);

        // Padding stands behind the second text alone.
        long[] ids = [0, 31, 414, 232, 16, 17, 2, 0, 713, 16, 2, 1, 1, 1], mask = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0];
        int own = 11 * graph.Config.HiddenSize;

        Stored.Close(graph.LastStates(2, ids, mask, TestContext.Current.CancellationToken)[..own], layers.LastStates(2, ids, mask, TestContext.Current.CancellationToken)[..own], Tolerance);
        Assert.Equal(graph.Config.MaxTokens, layers.Config.MaxTokens);
    }

    [Fact]
    public void MiniLM_gives_the_reference_states_and_means_of_MELD_lines()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Dictionary<string, Tensor> io = Stored.Read(TestPaths.Shared("data/fixtures/minilm_io.safetensors"));
        string[] texts = JsonSerializer.Deserialize<string[]>(
            File.ReadAllText(TestPaths.Shared("data/fixtures/minilm_texts.json")))!;
        WordPieceTokenizer tokenizer = new(
            WordPieceVocabulary.Load(TestPaths.Shared("data/bert-base-uncased-vocab.txt")), new WordPieceOptions());
        using TextEncoder encoder = TextEncoder.Load(TestPaths.Shared("models/all-MiniLM-L6-v2"), tokenizer);

        Tensor mask = io["attention_mask"].To(Dtype.Float32);
        using BertModel network = BertModel.Load(TestPaths.Shared("models/all-MiniLM-L6-v2"), pooler: false, out _);
        Tensor[] states = network.Forward(io["input_ids"], mask);
        Stored.Close(Known(io["last_hidden_state"], mask), Known(states[^1], mask), Tolerance);
        foreach (int layer in (int[])[2, 4, 6])
        {
            Stored.Close(
                io[$"mean_layer{layer}"], BertModel.MeanOverTokens(states[layer - 1], mask), Tolerance, $"layer {layer}");
        }

        long[][] ids = [.. texts.Select(encoder.Tokenize)];
        long width = mask.Shape[1];
        Assert.Equal(
            io["input_ids"].ToArray<long>(), ids.SelectMany(text => text.Concat(Enumerable.Repeat(0L, (int)width - text.Length))));
        Stored.Close(io["mean_layer6"].ToArray<float>(), encoder.Encode(ids), Tolerance);
    }

    [Theory]
    [InlineData(Precision.BFloat16, 0.999)]
    [InlineData(Precision.Int8, 0.99)]
    public void States_in_lower_precisions_point_the_way_of_the_reference(Precision precision, double least)
    {
        Assert.SkipWhen(precision == Precision.Int8 && !PackedKernels.Available, "this processor has no AVX-512 VNNI");
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using BertModel network = BertModel.Load(Stored.Fixture("bert-relu-short"), pooler: false, out _);
        network.Prepare(precision, keepWeights: false);
        Dictionary<string, Tensor> io = Stored.Read(Stored.Fixture("bert-relu-short/io.safetensors"));
        Tensor mask = io["attention_mask"].To(Dtype.Float32);
        Tensor states = network.LastStates(io["input_ids"], mask, io["token_type_ids"]);
        double cosine = Stored.Cosine(Known(io["last_hidden_state"], mask), Known(states, mask));
        Assert.InRange(cosine, least, 1.000001);
        if (precision == Precision.Int8 || PackedKernels.HasBFloat16)
            Assert.InRange(cosine, least, 0.99999999);
    }

    private static void CompareWithReference(string folder, string reference)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using BertModel network = BertModel.Load(folder, pooler: true, out IReadOnlyList<string> unused);
        Assert.Empty(unused);
        Dictionary<string, Tensor> io = Stored.Read(reference);
        Tensor mask = io["attention_mask"].To(Dtype.Float32);
        Tensor states = network.Forward(io["input_ids"], mask, io["token_type_ids"])[^1];
        Stored.Close(Known(io["last_hidden_state"], mask), Known(states, mask), Tolerance);
        Stored.Close(io["pooler_output"], network.Pool(states), Tolerance);

        network.Prepare(Precision.Float32);
        Tensor[] prepared = network.Forward(io["input_ids"], mask, io["token_type_ids"]);
        Assert.Equal(network.Config.NumHiddenLayers, prepared.Length);
        Stored.Close(Known(io["last_hidden_state"], mask), Known(prepared[^1], mask), Tolerance, "prepared");
        Tensor last = network.LastStates(io["input_ids"], mask, io["token_type_ids"]);
        Assert.Equal(prepared[^1].ToArray<float>(), last.ToArray<float>());
        Stored.Close(io["pooler_output"], network.Pool(last), Tolerance, "prepared");
    }

    // What lies beyond a text's end is nobody's.
    private static Tensor Known(Tensor states, Tensor mask) => states * mask.Unsqueeze(2);
}
