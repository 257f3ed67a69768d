using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Text;

/// <summary>Folders in Hugging Face's layout, whole and damaged.</summary>
public sealed class BertWeightsTests : IDisposable
{
    private const string Query = "encoder.layer.1.attention.self.query.weight";

    private readonly TemporaryFolder _folder = new();
    private readonly TensorScope _scope = new();

    public BertWeightsTests() => File.Copy(Stored.Fixture("bert-relu-short/config.json"), _folder.At("config.json"));

    private static Dictionary<string, Tensor> Weights => Stored.Read(Stored.Fixture("bert-relu-short/model.safetensors"));

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_without_weights_is_refused_with_the_names_that_were_looked_for()
    {
        ModelException error = Assert.Throws<ModelException>(() => Load());
        Assert.Contains("pytorch_model.bin", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_are_read_before_anything_else()
    {
        Write("model.safetensors", Weights);
        File.WriteAllText(_folder.At("model.safetensors.index.json"), "broken");
        File.WriteAllText(_folder.At("pytorch_model.bin"), "broken");
        using BertModel network = Load();
    }

    [Fact]
    public void Shards_are_read_before_an_old_checkpoint_and_give_the_same_numbers()
    {
        Dictionary<string, Tensor> weights = Weights;
        Dictionary<string, Tensor> pooler = weights.Where(w => w.Key.StartsWith("pooler", StringComparison.Ordinal)).ToDictionary();
        Write("part-1.safetensors", weights.Except(pooler).ToDictionary());
        Write("part-2.safetensors", pooler);
        File.WriteAllText(_folder.At("model.safetensors.index.json"), JsonSerializer.Serialize(new
        {
            weight_map = weights.Keys.ToDictionary(
                name => name, name => pooler.ContainsKey(name) ? "part-2.safetensors" : "part-1.safetensors"),
        }));
        File.WriteAllText(_folder.At("pytorch_model.bin"), "broken");
        using BertModel network = Load();
        foreach ((string name, Tensor tensor) in network.State())
            Assert.Equal(weights[name].ToArray<float>(), tensor.ToArray<float>());
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        Dictionary<string, Tensor> weights = Weights;
        weights.Remove(Query);
        Write("model.safetensors", weights);
        Assert.Equal([$"{Query}: missing, expected [48, 48]"], Assert.Throws<StateMismatchException>(() => Load()).Problems);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named()
    {
        Dictionary<string, Tensor> weights = Weights;
        weights[Query] = weights[Query].Narrow(0, 0, 47).Contiguous();
        Write("model.safetensors", weights);
        Assert.Equal(
            [$"{Query}: found [47, 48], expected [48, 48]"], Assert.Throws<StateMismatchException>(() => Load()).Problems);
    }

    [Fact]
    public void Half_a_pooler_is_an_error()
    {
        Dictionary<string, Tensor> weights = Weights;
        weights.Remove("pooler.dense.bias");
        Write("model.safetensors", weights);
        Assert.Equal(["pooler.dense.bias: missing, expected [48]"], Assert.Throws<StateMismatchException>(() => Load()).Problems);
    }

    [Fact]
    public void Unknown_tensors_are_listed_and_counted_positions_are_not()
    {
        Dictionary<string, Tensor> weights = Weights;
        weights["embeddings.position_ids"] = Tensor.Arange(64).To(Dtype.Int64);
        weights["cls.predictions.bias"] = Tensor.Zeros(211);
        Write("model.safetensors", weights);
        using BertModel network = BertModel.Load(_folder.Path, pooler: true, out IReadOnlyList<string> unused);
        Assert.Equal(["cls.predictions.bias"], unused);
    }

    [Fact]
    public void A_pooler_is_left_out_where_none_is_wanted_or_stored()
    {
        Write("model.safetensors", Weights);
        using BertModel unwanted = BertModel.Load(_folder.Path, pooler: false, out IReadOnlyList<string> unused);
        Assert.Equal(["pooler.dense.bias", "pooler.dense.weight"], unused);
        Assert.Throws<InvalidOperationException>(() => unwanted.Pool(Tensor.Zeros(1, 1, 48)));

        Write("model.safetensors", Weights.Where(w => !w.Key.StartsWith("pooler", StringComparison.Ordinal)).ToDictionary());
        using BertModel none = Load();
        Assert.Throws<InvalidOperationException>(() => none.Pool(Tensor.Zeros(1, 1, 48)));
    }

    [Fact]
    public void What_a_configuration_leaves_out_is_what_published_BERTs_have()
    {
        File.WriteAllText(
            _folder.At("config.json"),
            """
            {"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 3}
            """);
        BertConfig expected = new()
        {
            VocabSize = 9,
            HiddenSize = 8,
            NumHiddenLayers = 1,
            NumAttentionHeads = 2,
            IntermediateSize = 3,
            HiddenAct = "gelu",
            MaxPositionEmbeddings = 512,
            TypeVocabSize = 2,
            LayerNormEps = 1e-12,
            HiddenDropoutProb = 0.1,
            AttentionProbsDropoutProb = 0.1,
        };
        Assert.Equal(expected, BertConfig.Load(_folder.At("config.json")));
    }

    [Theory]
    [InlineData("{", "config.json")]
    [InlineData("{}", "vocab_size")]
    [InlineData("null", "config.json")]
    public void A_broken_configuration_is_refused_with_its_place(string json, string place)
    {
        File.WriteAllText(_folder.At("config.json"), json);
        Assert.Contains(place, Assert.Throws<ModelException>(() => Load()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"hidden_act\": \"relu\"", "\"hidden_act\": \"swish\"", "hidden_act")]
    [InlineData("\"num_attention_heads\": 2", "\"num_attention_heads\": 5", "num_attention_heads")]
    [InlineData("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 0", "num_hidden_layers")]
    public void A_size_that_no_BERT_has_is_refused_by_its_field(string old, string @new, string field)
    {
        string json = File.ReadAllText(_folder.At("config.json"));
        Assert.Contains(old, json, StringComparison.Ordinal);
        File.WriteAllText(_folder.At("config.json"), json.Replace(old, @new, StringComparison.Ordinal));
        Assert.Contains(field, Assert.Throws<ModelException>(() => Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_encoder_refuses_a_tokenizer_that_gives_more_tokens_than_there_are_positions()
    {
        Write("model.safetensors", Weights);
        WordPieceVocabulary vocabulary = new(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
        ModelException error = Assert.Throws<ModelException>(
            () => TextEncoder.Load(_folder.Path, new WordPieceTokenizer(vocabulary, new WordPieceOptions { MaxLength = 65 })));
        Assert.Contains("64", error.Message, StringComparison.Ordinal);
        using TextEncoder fits = TextEncoder.Load(
            _folder.Path, new WordPieceTokenizer(vocabulary, new WordPieceOptions { MaxLength = 64 }));
    }

    private BertModel Load() => BertModel.Load(_folder.Path, pooler: true, out _);

    private void Write(string name, Dictionary<string, Tensor> weights) => SafetensorsWriter.Write(
        _folder.At(name),
        weights.Select(w => w.Value.ToWrite(w.Key)));
}
