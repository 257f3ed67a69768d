using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Published;
using Affekt.Onnx;
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
    [InlineData("preprocessor_config.json", "size", """{"shortest_edge":64,"longest_edge":90}""", "size: found {\"shortest_edge\":64,\"longest_edge\":90}, expected height and width, or shortest_edge alone")]
    [InlineData("preprocessor_config.json", "size", """{"width":64}""", "size: found nothing, expected \"height\"")]
    [InlineData("preprocessor_config.json", "image_std", "[0.5, 0, 0.5]", "image_std: found [0.5,0,0.5], expected numbers to divide by")]
    public void A_picture_that_is_prepared_in_a_way_that_is_not_known_here_is_refused(string file, string field, string value, string message) =>
        Refused("vit", file, field, value, message);

    [Theory]
    [InlineData("wav2vec2", "\"WhisperFeatureExtractor\"", "expected Wav2Vec2FeatureExtractor")]
    [InlineData("whisper", "\"Wav2Vec2FeatureExtractor\"", "expected WhisperFeatureExtractor")]
    public void So_is_sound(string name, string type, string message) => Refused(name, "preprocessor_config.json", "feature_extractor_type", type, message);

    [Theory]
    [InlineData("wav2vec2")]
    [InlineData("whisper")]
    public void So_is_sound_of_another_rate(string name) =>
        Refused(name, "preprocessor_config.json", "sampling_rate", "8000", "sampling_rate: found 8000, expected 16000");

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

    [Theory]
    [InlineData("""{"2":"joy","0":"anger","1":"10"}""", null, "anger", "10", "joy")]
    [InlineData("""{"0":0,"1":1}""", null, "0", "1")]
    [InlineData(null, """{"joy":2,"anger":0,"calm":1}""", "anger", "calm", "joy")]
    [InlineData(null, null, "LABEL_0", "LABEL_1")]
    public void Labels_stand_in_the_order_of_their_numbers_whichever_way_they_are_told(string? names, string? numbers, params string[] expected)
    {
        Copy("bert");
        Edit("config.json", "id2label", names);
        Edit("config.json", "label2id", numbers);

        Assert.Equal(expected, PublishedConfig.Load(_folder.Path).Labels);
    }

    [Theory]
    [InlineData("id2label", """["joy","anger"]""", "id2label: found [\"joy\",\"anger\"], expected an object")]
    [InlineData("id2label", """{"0":"joy","2":"anger"}""", "id2label: found 2 labels, expected labels from 0 on without a gap")]
    [InlineData("id2label", """{"a":"joy"}""", "found the number \"a\", expected a whole number")]
    [InlineData("label2id", """{"joy":0,"anger":0}""", "label2id.anger: found 0, expected a number that no other label has")]
    [InlineData("label2id", """{"joy":"0","anger":"1"}""", "label2id.joy: found \"0\", expected a whole number")]
    public void Labels_without_an_order_are_refused(string field, string value, string message)
    {
        Copy("bert");
        Edit("config.json", "id2label", null);
        Edit("config.json", field, value);
        Assert.Contains(message, Assert.Throws<ModelException>(() => PublishedConfig.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_classifier_whose_labels_nothing_tells_is_refused_by_that()
    {
        Copy("bert");
        Edit("config.json", "id2label", null);
        Edit("config.json", "label2id", null);

        string message = Assert.Throws<ModelException>(() => PublishedModel.Open(_folder.Path, new PublishedOutputs { Classifier = true })).Message;

        Assert.Contains("id2label: found nothing, which stands for 2 labels, expected a name for each of the classifier's outputs", message, StringComparison.Ordinal);
        Assert.Contains("classifier.weight: found [7, ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bert", ElementType.Float16)]
    [InlineData("bert", ElementType.BFloat16)]
    [InlineData("xlm-roberta", ElementType.Float16)]
    [InlineData("wav2vec2", ElementType.Float16)]
    [InlineData("wav2vec2-large", ElementType.BFloat16)]
    [InlineData("wavlm", ElementType.BFloat16)]
    [InlineData("whisper", ElementType.Float16)]
    [InlineData("vit", ElementType.BFloat16)]
    [InlineData("vit", ElementType.Float16)]
    public async Task Weights_of_half_precision_give_what_the_same_numbers_in_single_precision_give(string name, ElementType type)
    {
        Copy(name);
        using TemporaryFolder single = new();
        foreach (string file in Directory.EnumerateFiles(_folder.Path))
            File.Copy(file, single.At(Path.GetFileName(file)));
        using (StateFile stored = StateFile.Open(Path.Combine(Zoo.Folder(name), "model.safetensors")))
        {
            (StoredTensor Tensor, float[] Values)[] rounded =
                [.. stored.Tensors.Values.Where(tensor => tensor.Type == ElementType.Float32).Select(tensor => (tensor, Rounded(tensor.ToFloats(), type)))];
            Assert.Contains(rounded, pair => !pair.Values.AsSpan().SequenceEqual(pair.Tensor.ToFloats()));
            SafetensorsWriter.Write(single.At("model.safetensors"), rounded.Select(pair => new TensorToWrite(
                pair.Tensor.Name, ElementType.Float32, [.. pair.Tensor.Shape], (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes(pair.Values.AsSpan()).ToArray())));
            SafetensorsWriter.Write(_folder.At("model.safetensors"), rounded.Select(pair => new TensorToWrite(
                pair.Tensor.Name, type, [.. pair.Tensor.Shape], (ReadOnlyMemory<byte>)Halves(pair.Values, type))));
        }

        using PublishedModel half = PublishedModel.Open(_folder.Path, new PublishedOutputs { Classifier = true });
        using PublishedModel whole = PublishedModel.Open(single.Path, new PublishedOutputs { Classifier = true });

        Stored.Close(await LogitsAsync(whole), await LogitsAsync(half), 1e-5, name);
    }

    [Fact]
    public void A_shard_that_is_missing_is_named_and_no_bundle_is_made()
    {
        Copy("roberta");
        File.Move(_folder.At("model.safetensors"), _folder.At("model-00001-of-00002.safetensors"));
        using (StateFile stored = StateFile.Open(_folder.At("model-00001-of-00002.safetensors")))
        {
            File.WriteAllText(_folder.At("model.safetensors.index.json"), new JsonObject
            {
                ["weight_map"] = new JsonObject(stored.Tensors.Keys.Select((name, i) => KeyValuePair.Create(name, (JsonNode?)$"model-0000{(i == 0 ? 1 : 2)}-of-00002.safetensors"))),
            }.ToJsonString());
        }

        Assert.Contains("model-00002-of-00002.safetensors", Assert.Throws<StateFileException>(() => PublishedModel.Open(_folder.Path)).Message, StringComparison.Ordinal);

        PublishedSource source = new(_folder.Path, _folder.Path);
        BundleConfig config = BundleMaker.Describe("sharded", source, null, null, new Dictionary<string, string>(), link: false);
        using TemporaryFolder made = new();
        StateFileException error = Assert.Throws<StateFileException>(
            () => BundleMaker.Write(made.At("sharded"), config, "# sharded\n", new Dictionary<string, string> { ["text"] = _folder.Path }));
        Assert.Contains("model-00002-of-00002.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(made.Path));
    }

    [Theory]
    [InlineData("electra")]
    [InlineData("roberta-multilabel")]
    [InlineData("xlm-roberta")]
    public void A_tokenizer_alone_in_one_file_gives_the_same_ids(string name)
    {
        Copy(name);
        foreach (string other in new[] { "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model" })
            File.Delete(_folder.At(other));

        using PublishedText alone = (PublishedText)PublishedModel.Open(_folder.Path), whole = (PublishedText)Zoo.Open(name);

        foreach (string text in new[] { "What a day!", " Naïve  café 你好 ", "<s>[CLS] [MASK]<mask> don't", "" })
            Assert.Equal(whole.Tokenizer.Encode(text).Ids.ToArray(), alone.Tokenizer.Encode(text).Ids.ToArray());
    }

    [Theory]
    [InlineData("64")]
    [InlineData("[64, 64]")]
    [InlineData("""{"shortest_edge": 64}""")]
    public async Task A_pictures_size_is_told_in_several_ways(string size)
    {
        Copy("vit");
        Edit("preprocessor_config.json", "size", size);
        using PublishedPictures model = (PublishedPictures)PublishedModel.Open(_folder.Path), plain = (PublishedPictures)Zoo.Open("vit");
        Media.Picture face = await Zoo.PictureAsync(0);
        int side = Math.Min(face.Width, face.Height);
        byte[] square = [.. Enumerable.Range(0, side).SelectMany(row => face.Rgb.AsSpan(3 * row * face.Width, 3 * side).ToArray())];

        Assert.Equal(plain.Prepare(square, side, side).Values, model.Prepare(square, side, side).Values);
        model.RequireSquares();
    }

    [Fact]
    public void A_picture_that_is_not_to_be_resized_is_read_as_large_as_it_is_and_faces_of_any_size_are_refused()
    {
        Copy("vit");
        Edit("preprocessor_config.json", "do_resize", "false");
        using PublishedPictures model = (PublishedPictures)PublishedModel.Open(_folder.Path), plain = (PublishedPictures)Zoo.Open("vit");
        byte[] picture = [.. Enumerable.Range(0, 3 * 64 * 64).Select(i => (byte)(i * 7))];

        Assert.Equal(plain.Prepare(picture, 64, 64).Values, model.Prepare(picture, 64, 64).Values);
        Assert.Contains("found pictures of 32 x 96, expected 64 x 64", Assert.Throws<ModelException>(() => model.Prepare(picture.AsSpan(..(3 * 32 * 96)), 32, 96)).Message, StringComparison.Ordinal);
        Assert.Contains("found pictures of any size, \"do_resize\": false, expected 64 x 64", NoFaces(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_is_resized_to_another_size_than_the_networks_is_refused_when_a_bundle_is_made_of_it()
    {
        Copy("vit");
        Edit("preprocessor_config.json", "size", "96");
        Assert.Contains("found pictures of 96 x 96, expected 64 x 64", NoFaces(), StringComparison.Ordinal);
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

    // What making a bundle of a network of faces says.
    private string NoFaces()
    {
        PublishedSource source = new(_folder.Path, _folder.Path);
        BundleConfig config = BundleMaker.Describe("faces", null, null, source, new Dictionary<string, string>(), link: true);
        using TemporaryFolder made = new();
        string message = Assert.Throws<ModelException>(
            () => BundleMaker.Write(made.At("faces"), config, "# faces\n", new Dictionary<string, string> { ["face"] = _folder.Path })).Message;
        Assert.Empty(Directory.EnumerateFileSystemEntries(made.Path));
        return message;
    }

    private static float[] Rounded(float[] values, ElementType type) => type == ElementType.Float16
        ? [.. values.Select(value => (float)(Half)value)]
        : [.. values.Select(value => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) & ~0xFFFF))];

    private static byte[] Halves(float[] values, ElementType type) => type == ElementType.Float16
        ? MemoryMarshal.AsBytes(values.Select(value => (Half)value).ToArray().AsSpan()).ToArray()
        : MemoryMarshal.AsBytes(values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray().AsSpan()).ToArray();

    // A field without a value is taken away.
    private void Edit(string file, string field, string? value)
    {
        JsonObject root = JsonNode.Parse(File.ReadAllText(_folder.At(file)))!.AsObject();
        root.Remove(field);
        if (value is not null)
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
