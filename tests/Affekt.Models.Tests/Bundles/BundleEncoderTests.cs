using System.Text.Json.Nodes;
using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Tests.Audio;
using Affekt.Torch;

namespace Affekt.Tests.Bundles;

/// <summary>Bundles that read with encoders as they are published.</summary>
[Collection(nameof(Alone))]
public sealed class BundleEncoderTests : IDisposable
{
    private readonly BundleFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_text_is_the_state_of_its_first_token_where_the_pooling_is_cls()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        string folder = Stored.Fixture("bert-relu-short");
        Dictionary<string, Tensor> io = Stored.Read(Path.Combine(folder, "io.safetensors"));
        Tensor ids = io["input_ids"], mask = io["attention_mask"].To(Dtype.Float32);
        long[][] texts =
        [
            .. Enumerable.Range(0, (int)ids.Shape[0]).Select(row => ids
                .Narrow(0, row, 1).Narrow(1, 0, (long)mask.Narrow(0, row, 1).Sum().Item()).ToArray<long>()),
        ];
        BertConfig sizes = BertConfig.Load(Path.Combine(folder, "config.json"));
        File.WriteAllLines(_folder["short.txt"], File.ReadLines(Stored.Fixture("wordpiece/vocab.txt")).Take(sizes.VocabSize));
        using TextEncoder encoder = TextEncoder.Load(
            folder,
            new WordPieceTokenizer(
                WordPieceVocabulary.Load(_folder["short.txt"]), new WordPieceOptions { MaxLength = sizes.MaxPositionEmbeddings }),
            TextPooling.Cls);

        // The reference has segments, which texts alone do not: the states themselves are compared with it elsewhere.
        using BertModel network = BertModel.Load(folder, pooler: false, out _);
        Tensor expected = network.Forward(ids, mask)[^1].Select(1, 0);
        Stored.Close(expected.ToArray<float>(), encoder.Encode(texts), 1e-5);
    }

    [Fact]
    public void A_bundle_reads_sound_with_a_wav2vec2_and_gives_its_features()
    {
        string speech = Wav2Vec2Fixture.Folder("group");
        using Wav2Vec2Encoder direct = Wav2Vec2Encoder.Load(speech);
        Edit(root =>
        {
            root["audio_encoder"] = new JsonObject { ["kind"] = "wav2vec2", ["folder"] = speech };
            root["audio_text"]!["network"]!["audio_width"] = direct.Width;
        });
        _folder.WriteBranch();
        float[] wave = Wav2Vec2Fixture.Io("group", "wave")[0];
        using Bundle bundle = Bundle.Open(_folder.Path, new EncoderLocations { Audio = speech });
        float[] expected = direct.Encode([wave])[0].Values!, found = bundle.AudioEncoder!.Encode(wave).Values!;
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Equal(direct.Width, bundle.AudioEncoder.Width);
    }

    [Fact]
    public void An_audio_encoder_of_another_width_than_the_branch_was_made_for_is_refused()
    {
        string speech = Wav2Vec2Fixture.Folder("group");
        Edit(root => root["audio_encoder"] = new JsonObject { ["kind"] = "wav2vec2", ["folder"] = speech });
        ModelException error = Assert.Throws<ModelException>(
            () => Bundle.Open(_folder.Path, new EncoderLocations { Audio = speech }));
        Assert.Contains("audio_text.network.audio_width: found 1728", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encoders_in_folders_are_found_from_the_bundles_folder()
    {
        Edit(root => root["audio_encoder"] = new JsonObject { ["kind"] = "wav2vec2", ["folder"] = "speech" });
        BundleConfig config = BundleConfig.Load(_folder["config.json"]);
        EncoderLocations locations = await EncoderLocations.FindAsync(
            _folder.Path, config, audio: true, video: true, null, TestContext.Current.CancellationToken);
        Assert.Equal((_folder["speech"], null), (locations.Audio, locations.Video));
        locations = await EncoderLocations.FindAsync(_folder.Path, config, audio: false, video: false, null, TestContext.Current.CancellationToken);
        Assert.Null(locations.Audio);
    }

    [Fact]
    public void A_text_encoder_on_the_hub_that_the_cache_lacks_is_named_with_what_to_do()
    {
        Edit(root => root["text_encoder"] = new JsonObject
        {
            ["repository"] = "nobody/no-such-encoder",
            ["max_tokens"] = 32,
            ["pooling"] = "cls",
        });
        ModelException error = Assert.Throws<ModelException>(() => _folder.Open());
        Assert.Contains("nobody/no-such-encoder", error.Message, StringComparison.Ordinal);
        Assert.Contains("affekt bundle pull", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text_encoder", """{"max_tokens":32}""", "text_encoder: found neither folder nor repository")]
    [InlineData("text_encoder", """{"max_tokens":32,"folder":"text","repository":"a/b"}""", "text_encoder: found folder and repository")]
    [InlineData("text_encoder", """{"max_tokens":32,"repository":"../b"}""", "text_encoder.repository")]
    [InlineData("text_encoder", """{"max_tokens":32,"folder":"text","revision":"main"}""", "text_encoder.revision")]
    [InlineData("text_encoder", """{"max_tokens":32,"folder":"text","pooling":"max"}""", "text_encoder.pooling")]
    [InlineData("text_encoder", """{"max_tokens":32,"folder":"text","pooling":1}""", "text_encoder.pooling")]
    [InlineData("text_encoder", """{"max_tokens":32,"folder":"text","layer_weights":"learned"}""", "text_encoder.layer_weights: found \"learned\", expected the numbers")]
    [InlineData("text_encoder", """{"max_tokens":32,"folder":"text","layer_weights":[]}""", "text_encoder.layer_weights: found no weights in the list")]
    [InlineData("audio_encoder", """{"kind":"hubert","folder":"x","layer_weights":"learned"}""", "audio_encoder.layer_weights")]
    [InlineData("audio_encoder", """{"kind":"wav2vec2"}""", "audio_encoder: found neither folder nor repository")]
    [InlineData("audio_encoder", """{"kind":"moonshine-tiny","folder":"x"}""", "expected kind alone")]
    public void An_encoder_that_cannot_be_is_refused_by_its_place(string part, string json, string place)
    {
        Edit(root => root[part] = JsonNode.Parse(json));
        ModelException error = Assert.Throws<ModelException>(() => _folder.Open());
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
    }

    private void Edit(Action<JsonNode> change)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!;
        change(root);
        File.WriteAllText(_folder["config.json"], root.ToJsonString());
    }
}
