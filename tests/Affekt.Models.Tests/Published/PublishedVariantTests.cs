using System.Text.Json.Nodes;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Published;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.Published;

/// <summary>Folders as they are also published: each is read as it is meant, or refused by what it is.</summary>
public sealed class PublishedVariantTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert", "module.")]
    [InlineData("wav2vec2", "module.")]
    [InlineData("whisper", "_orig_mod.")]
    [InlineData("vit", "_orig_mod.module.")]
    public async Task Weights_keep_what_wrapped_the_network_while_it_was_trained(string name, string wrapper)
    {
        Copy(name);
        using (StateFile stored = StateFile.Open(Path.Combine(Zoo.Folder(name), "model.safetensors")))
        {
            SafetensorsWriter.Write(_folder.At("model.safetensors"), stored.Tensors.Values.Select(tensor => new TensorToWrite(
                wrapper + tensor.Name, tensor.Type, [.. tensor.Shape], (ReadOnlyMemory<byte>)tensor.Bytes.ToArray())));
        }

        using PublishedModel model = PublishedModel.Open(_folder.Path, new PublishedOutputs { Classifier = true }), plain = Zoo.Open(name);

        Assert.Empty(model.Unused);
        Assert.Equal(await LogitsAsync(plain), await LogitsAsync(model));
    }

    [Theory]
    [InlineData("preprocessor_config.json", "image_processor_type", "\"CLIPImageProcessor\"", "image_processor_type: found \"CLIPImageProcessor\", expected ViTImageProcessor")]
    [InlineData("preprocessor_config.json", "image_std", "[0.5, 0, 0.5]", "image_std: found [0.5,0,0.5], expected numbers to divide by")]
    public void A_picture_that_is_prepared_in_a_way_that_is_not_known_here_is_refused(string file, string field, string value, string message) =>
        Refused("vit", file, field, value, message);

    [Theory]
    [InlineData("wav2vec2", "\"WhisperFeatureExtractor\"", "expected Wav2Vec2FeatureExtractor")]
    [InlineData("whisper", "\"Wav2Vec2FeatureExtractor\"", "expected WhisperFeatureExtractor")]
    public void So_is_sound(string name, string type, string message) => Refused(name, "preprocessor_config.json", "feature_extractor_type", type, message);

    [Fact]
    public void A_text_network_that_reads_from_left_to_right_is_refused() => Refused("bert", "config.json", "is_decoder", "true", "is_decoder: found true, expected false");

    [Theory]
    [InlineData("adapter_model.safetensors", "but adapter_model.safetensors, expected model.safetensors", "an adapter must be merged")]
    [InlineData("network.Q4.gguf", "but network.Q4.gguf, expected model.safetensors", "onnx/model.onnx")]
    [InlineData("onnx/model_quantized.onnx", "but onnx/model_quantized.onnx, expected model.safetensors", "onnx/model.onnx")]
    public void A_folder_without_weights_is_refused_by_what_is_there_instead(string file, string message, string hint)
    {
        Copy("roberta");
        File.Delete(_folder.At("model.safetensors"));
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(file))!);
        File.WriteAllText(_folder.At(file), "");

        ModelException opened = Assert.Throws<ModelException>(() => PublishedModel.Open(_folder.Path));
        Assert.Contains(message, opened.Message, StringComparison.Ordinal);
        Assert.Contains(hint, opened.Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<ModelException>(() => PublishedHub.FilesOf(_folder.Path)).Message, StringComparison.Ordinal);

        File.Delete(_folder.At("config.json"));
        Assert.Contains(file, Assert.Throws<ModelException>(() => PublishedModel.Open(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains(file, Assert.Throws<ModelException>(() => Bundle.Open(_folder.Path, EncoderLocations.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_are_there_twice_count_together()
    {
        Copy("bert");
        Edit("config.json", "id2label", """{"0":"joy","1":"joy","2":"anger","3":"calm","4":"neutral","5":"sadness","6":"calm"}""");

        BundleConfig bundle = BundleMaker.Describe(
            "twice", new PublishedSource(_folder.Path, _folder.Path), null, null, new Dictionary<string, string>(), link: true);
        PublishedClassifier text = bundle.Published!.Text!;

        Assert.Equal(["joy", "anger", "neutral", "sadness"], text.Labels.Keys);
        Assert.Equal(["calm"], text.LeftOut);
        LabelMap map = LabelMap.Match(PublishedConfig.Load(_folder.Path), text.TargetsByLabel);
        Assert.Equal([0.2f, 0.6f, 0.1f, 0.1f, 0, 0, 0], map.ToShares([1, 5, 1, 7, 2, 1, 7]));
    }

    [Fact]
    public void Measures_of_one_name_are_refused()
    {
        Copy("wav2vec2-dimensions");
        Edit("config.json", "id2label", """{"0":"arousal","1":"arousal","2":"valence"}""");

        ModelException error = Assert.Throws<ModelException>(() => BundleMaker.Describe(
            "twice", new PublishedSource(Zoo.Folder("bert"), Zoo.Folder("bert")), null, null, new Dictionary<string, string>(), link: true,
            new PublishedSource(_folder.Path, _folder.Path)));

        Assert.Contains("found arousal, arousal, valence, expected measures of different names", error.Message);
    }

    private void Refused(string name, string file, string field, string value, string message)
    {
        Copy(name);
        Edit(file, field, value);
        Assert.Contains(message, Assert.Throws<ModelException>(() => PublishedModel.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private void Edit(string file, string field, string value)
    {
        JsonObject root = JsonNode.Parse(File.ReadAllText(_folder.At(file)))!.AsObject();
        root[field] = JsonNode.Parse(value);
        File.WriteAllText(_folder.At(file), root.ToJsonString());
    }

    private void Copy(string name)
    {
        foreach (string file in PublishedHub.FilesOf(Zoo.Folder(name)))
            File.WriteAllBytes(_folder.At(file), File.ReadAllBytes(Path.Combine(Zoo.Folder(name), file)));
    }

    private static async Task<float[]> LogitsAsync(PublishedModel model)
    {
        switch (model)
        {
            case PublishedText text:
                return text.Compute(text.Tokenizer.Encode("What a day!"), PublishedModel.Logits, Token).Values;
            case PublishedSound sound:
                return sound.Compute(sound.Prepare(await Zoo.SoundAsync(0)), PublishedModel.Logits, Token).Values;
            default:
                PublishedPictures pictures = (PublishedPictures)model;
                Media.Picture face = await Zoo.PictureAsync(0);
                return pictures.Compute(pictures.Prepare(face.Rgb, face.Width, face.Height), PublishedModel.Logits, Token).Values;
        }
    }
}
