using System.Text.Json.Nodes;
using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Tests.Bundles;

/// <summary>Opening bundles, whole and damaged.</summary>
[Collection(nameof(Alone))]
public sealed class BundleTests : IDisposable
{
    private readonly BundleFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_text_encoder_in_shards_opens_and_counts_for_the_hash()
    {
        using BundleFolder folder = new();
        string whole = folder["text/model.safetensors"], shard = folder["text/model-00001-of-00001.safetensors"];
        string[] names;
        using (StateFile file = StateFile.Open(whole))
            names = [.. file.Tensors.Keys];
        using (Bundle bundle = folder.Open())
            Assert.Contains("text/model.safetensors", bundle.FileNames);
        File.Move(whole, shard);
        string map = string.Join(',', names.Select(name => $"\"{name}\":\"model-00001-of-00001.safetensors\""));
        File.WriteAllText(folder["text/model.safetensors.index.json"], $$$"""{"weight_map":{{{{map}}}}}""");

        string before, after;
        using (Bundle bundle = folder.Open())
        {
            Assert.Contains("text/model.safetensors.index.json", bundle.FileNames);
            Assert.Contains("text/model-00001-of-00001.safetensors", bundle.FileNames);
            before = bundle.Hash;
        }

        byte[] bytes = File.ReadAllBytes(shard);
        bytes[^1] ^= 1;
        File.WriteAllBytes(shard, bytes);
        using (Bundle bundle = folder.Open())
            after = bundle.Hash;
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void A_whole_bundle_opens_without_a_tensor_of_libtorch()
    {
        long before = Alone.SettledTensors();
        using Bundle bundle = _folder.Open();
        Assert.Equal("tiny", bundle.Config.Name);
        Assert.Null(bundle.AudioEncoder);
        Assert.Equal(2, bundle.Metadata.IndexOf("Joey"));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void What_an_accelerator_computes_is_what_ONNX_Runtime_computes()
    {
        using Bundle plain = _folder.Open();
        long[][] text = [plain.TextEncoder.Tokenize("But then who?")];
        float[] expected = plain.TextEncoder.Encode(text);
        long before = Alone.SettledTensors();
        using (Bundle accelerated = _folder.Open(new EncoderOptions { Accelerator = new TorchEncoders(Precision.Float32) }))
        {
            Assert.Equal(plain.TextEncoder.Network.ParameterCount, accelerated.TextEncoder.Network.ParameterCount);
            Stored.Close(expected, accelerated.TextEncoder.Encode(text), 1e-4);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Bfloat16_without_kernels_is_an_error_that_says_what_has_it() => Assert.Contains(
        "AVX-512",
        Assert.Throws<EngineException>(() => _folder.Open(new EncoderOptions { Precision = Precision.BFloat16 })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void In_int8_words_point_where_they_do_in_single_precision()
    {
        using Bundle plain = _folder.Open(), small = _folder.Open(new EncoderOptions { Precision = Precision.Int8 });
        long[][] text = [plain.TextEncoder.Tokenize("But then who?")];
        float[] expected = plain.TextEncoder.Encode(text), found = small.TextEncoder.Encode(text);
        using TensorScope scope = new();
        Assert.InRange(Stored.Cosine(Tensor.From<float>(expected, expected.Length), Tensor.From<float>(found, found.Length)), 0.99, 1.000001);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("audio-text.safetensors")]
    [InlineData("text/config.json")]
    [InlineData("text/model.safetensors")]
    [InlineData("text/vocab.txt")]
    public void A_file_that_is_missing_or_empty_is_named_and_nothing_leaks(string file)
    {
        File.WriteAllText(_folder[file], "");
        AssertRefused(System.IO.Path.GetFileName(file));
        File.Delete(_folder[file]);
        AssertRefused(System.IO.Path.GetFileName(file));
    }

    [Theory]
    [InlineData("schema", "\"affekt.bundle/2\"", "schema")]
    [InlineData("labels", """["joy","neutral","sadness","anger","fear","disgust","JOY"]""", "labels")]
    [InlineData("labels", """["joy","neutral"]""", "audio_text.network.outputs")]
    [InlineData("labels", "null", "labels")]
    [InlineData("speakers", """["Joey","Joey"]""", "speakers")]
    [InlineData("speakers", """["Joey",null]""", "speakers")]
    [InlineData("speakers", """["Joey"]""", "metadata_sizes")]
    [InlineData("audio_encoder.kind", "\"mel\"", "audio_encoder.kind")]
    [InlineData("text_encoder.folder", "null", "text_encoder")]
    [InlineData("text_encoder.folder", "\"elsewhere\"", "elsewhere")]
    [InlineData("text_encoder.max_tokens", "2", "max_tokens")]
    [InlineData("text_encoder.max_tokens", "33", "tokens")]
    [InlineData("audio_text.network.text_width", "15", "text_width")]
    [InlineData("audio_text.network.audio_width", "768", "audio_width")]
    [InlineData("audio_text.network.lstm_width", "9", "lstm.weight_ih_l0")]
    [InlineData("audio_text.network.lstm_width", "-9", "lstm_width")]
    [InlineData("audio_text.network.head_width", "2000000000", "head_width")]
    [InlineData("audio_text.network.dropout", "\"much\"", "dropout")]
    [InlineData("calibration.text", "0", "calibration.text")]
    [InlineData("calibration.abstain_below", "1.5", "abstain_below")]
    public void A_configuration_that_cannot_be_is_refused_by_its_place(string field, string value, string place)
    {
        long before = Alone.SettledTensors();
        string message = _folder.RefusedWith(field, value);
        Assert.Contains(place, message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Affekt.", message, StringComparison.Ordinal);
        Assert.Equal(before, Alone.SettledTensors());
    }

    [Theory]
    [InlineData("name")]
    [InlineData("calibration")]
    [InlineData("text_encoder")]
    public void A_field_that_is_absent_is_named(string field)
    {
        JsonObject root = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject();
        Assert.True(root.Remove(field));
        File.WriteAllText(_folder["config.json"], root.ToJsonString());
        AssertRefused(field);
    }

    [Fact]
    public void A_configuration_reads_back_as_it_was_written()
    {
        string json = File.ReadAllText(_folder["config.json"]);
        Assert.Equal(json, BundleConfig.Load(_folder["config.json"]).ToJson());
        Assert.Contains("\"schema\": \"affekt.bundle/1\"", json, StringComparison.Ordinal);
        Assert.Contains("\"abstain_below\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_a_configuration_leaves_out_are_the_paper_grade_ones()
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!;
        JsonObject network = root["audio_text"]!["network"]!.AsObject();
        foreach (string field in (string[])["metadata_embedding_width", "metadata_width", "lstm_width", "head_width", "dropout"])
            Assert.True(network.Remove(field));
        File.WriteAllText(_folder["config.json"], root.ToJsonString());
        AudioTextConfig read = BundleConfig.Load(_folder["config.json"]).AudioText.Network;
        Assert.Equal(
            (32, 256, 512, 512, 0.3),
            (read.MetadataEmbeddingWidth, read.MetadataWidth, read.LstmWidth, read.HeadWidth, read.Dropout));
    }

    [Fact]
    public void The_hash_is_the_same_for_the_same_bundle_in_another_folder()
    {
        using BundleFolder other = new();
        Assert.Equal(Hash(_folder), Hash(other));
        Assert.Matches("^[0-9a-f]{64}$", Hash(_folder));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("audio-text.safetensors")]
    [InlineData("text/config.json")]
    [InlineData("text/model.safetensors")]
    [InlineData("text/vocab.txt")]
    public void The_hash_changes_with_any_byte_of_any_file(string file)
    {
        string before = Hash(_folder);
        byte[] whole = File.ReadAllBytes(_folder[file]);
        foreach (int place in (int[])[0, whole.Length / 2, whole.Length - 1])
        {
            // Opened whole: most changed bytes would not open.
            File.WriteAllBytes(_folder[file], whole);
            using Bundle bundle = _folder.Open();
            byte[] changed = [.. whole];
            changed[place] ^= 1;
            File.WriteAllBytes(_folder[file], changed);
            Assert.NotEqual(before, bundle.Hash);
        }
    }

    private static string Hash(BundleFolder folder)
    {
        using Bundle bundle = folder.Open();
        return bundle.Hash;
    }

    private void AssertRefused(string place)
    {
        long before = Alone.SettledTensors();
        ModelException error = Assert.Throws<ModelException>(() => _folder.Open());
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Alone.SettledTensors());
    }
}
