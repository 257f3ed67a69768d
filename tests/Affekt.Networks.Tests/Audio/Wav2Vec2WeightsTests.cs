using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Audio;

/// <summary>Folders in Hugging Face's layout, changed and damaged.</summary>
public sealed class Wav2Vec2WeightsTests : IDisposable
{
    private const string Query = "encoder.layers.1.attention.q_proj.weight";

    private readonly Wav2Vec2Fixture _copy = new("group");
    private readonly TensorScope _scope = new();

    public void Dispose()
    {
        _scope.Dispose();
        _copy.Dispose();
    }

    [Fact]
    public void A_folder_without_weights_is_refused_with_the_names_that_were_looked_for() =>
        Assert.Contains("pytorch_model.bin", Assert.Throws<ModelException>(Load).Message, StringComparison.Ordinal);

    [Fact]
    public void Missing_and_misshapen_tensors_are_named()
    {
        Dictionary<string, Tensor> weights = _copy.Weights();
        weights.Remove(Query);
        weights.Remove("encoder.pos_conv_embed.conv.parametrizations.weight.original0");
        weights["feature_extractor.conv_layers.6.conv.weight"] = Tensor.Zeros(32, 32, 3);
        _copy.Write(weights);
        Assert.Equal(
            [
                "feature_extractor.conv_layers.6.conv.weight: found [32, 32, 3], expected [32, 32, 2]",
                "encoder.pos_conv_embed.conv.weight_g: missing, expected [1, 1, 128]",
                $"{Query}: missing, expected [48, 48]",
            ],
            Assert.Throws<StateMismatchException>(Load).Problems);
    }

    [Fact]
    public void Unknown_tensors_are_listed_and_the_masked_frame_is_not()
    {
        Dictionary<string, Tensor> weights = _copy.Weights();
        Assert.Contains("masked_spec_embed", weights.Keys);
        weights["quantizer.codevectors"] = Tensor.Zeros(1, 640, 128);
        weights["project_q.bias"] = Tensor.Zeros(256);
        _copy.Write(weights);
        using Wav2Vec2Model network = Wav2Vec2Model.Load(_copy.CopyPath, head: true, out IReadOnlyList<string> unused);
        Assert.Equal(["project_q.bias", "quantizer.codevectors"], unused);
    }

    [Fact]
    public void A_layer_for_transcripts_that_is_not_wanted_is_left_out()
    {
        using Wav2Vec2Model network = Wav2Vec2Model.Load(
            Wav2Vec2Fixture.Folder("ctc"), head: false, out IReadOnlyList<string> unused);
        Assert.Equal(["lm_head.bias", "lm_head.weight"], unused);
        Assert.Throws<InvalidOperationException>(() => network.Logits(Tensor.Zeros(1, 1, 32)));
    }

    [Fact]
    public void What_a_configuration_leaves_out_is_what_wav2vec2_base_has()
    {
        _copy.WriteText(
            "config.json",
            """
            {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
            """);
        Wav2Vec2Config config = Wav2Vec2Config.Load(Path.Combine(_copy.CopyPath, "config.json"));
        Assert.Equal(Enumerable.Repeat(512, 7), config.ConvDim);
        Assert.Equal([10, 3, 3, 3, 3, 2, 2], config.ConvKernel);
        Assert.Equal([5, 2, 2, 2, 2, 2, 2], config.ConvStride);
        Assert.Equal((128, 16), (config.NumConvPosEmbeddings, config.NumConvPosEmbeddingGroups));
        Assert.Equal(("gelu", "gelu", "group", 1e-5), (config.HiddenAct, config.FeatExtractActivation, config.FeatExtractNorm, config.LayerNormEps));
        Assert.Equal((false, false), (config.ConvBias, config.DoStableLayerNorm));
        Assert.Equal(400, config.ShortestSound);

        // The paper's 95 million; transformers counts 768 more, as it keeps the masked frame.
        using Wav2Vec2Model network = new(config, head: false);
        Assert.Equal(94_370_944, network.ParameterCount);
    }

    [Theory]
    [InlineData("{", "config.json")]
    [InlineData("{}", "hidden_size")]
    [InlineData("null", "config.json")]
    [InlineData("""{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "conv_dim": null}""", "conv_dim")]
    public void A_broken_configuration_is_refused_with_its_place(string json, string place)
    {
        _copy.WriteText("config.json", json);
        Assert.Contains(place, Assert.Throws<ModelException>(Load).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"swish\"", "hidden_act")]
    [InlineData("\"feat_extract_activation\": \"gelu\"", "\"feat_extract_activation\": \"\"", "feat_extract_activation")]
    [InlineData("\"feat_extract_norm\": \"group\"", "\"feat_extract_norm\": \"batch\"", "feat_extract_norm")]
    [InlineData("\"num_attention_heads\": 4", "\"num_attention_heads\": 5", "num_attention_heads")]
    [InlineData("\"num_conv_pos_embedding_groups\": 16", "\"num_conv_pos_embedding_groups\": 7", "num_conv_pos_embedding_groups")]
    [InlineData("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 0", "num_hidden_layers")]
    [InlineData("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2000000", "num_hidden_layers")]
    [InlineData("\"conv_stride\": [", "\"conv_stride\": [ 2,", "conv_stride")]
    [InlineData("\"conv_kernel\": [", "\"conv_kernel\": [ 2,", "conv_kernel")]
    [InlineData("\"conv_stride\": [", "\"conv_stride\": [ 0,", "conv_stride[0]")]
    [InlineData("\"add_adapter\": false", "\"add_adapter\": true", "add_adapter")]
    [InlineData("\"adapter_attn_dim\": null", "\"adapter_attn_dim\": 16", "adapter_attn_dim")]
    [InlineData("\"model_type\": \"wav2vec2\"", "\"model_type\": \"wavlm\"", "model_type")]
    public void What_no_wav2vec_has_or_is_not_supported_is_refused_by_its_field(string old, string @new, string field)
    {
        _copy.Replace("config.json", old, @new);
        Assert.Contains($", {field}:", Assert.Throws<ModelException>(Load).Message, StringComparison.Ordinal);
    }

    private void Load() => Wav2Vec2Model.Load(_copy.CopyPath, head: true, out _).Dispose();
}
