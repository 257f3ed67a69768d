using System.Text.Json.Nodes;
using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Bundles;

/// <summary>A tiny bundle with random weights, on disk.</summary>
internal sealed class BundleFolder : IDisposable
{
    private const int TextWidth = 16;

    private readonly TemporaryFolder _folder = new();

    /// <param name="calibration">Its calibration; none where null.</param>
    /// <param name="fusion">Its fusion, and with it a video branch; neither where null.</param>
    /// <param name="sound">Whether it has a sound branch.</param>
    public BundleFolder(BundleCalibration? calibration = null, FusionConfig? fusion = null, bool sound = false)
    {
        Directory.CreateDirectory(_folder.At("text"));
        string[] vocabulary = File.ReadAllLines(Stored.Fixture("wordpiece/vocab.txt"));
        File.WriteAllLines(_folder.At("text/vocab.txt"), vocabulary);

        // One row more than tokens: a vocabulary may grow by one in these tests.
        File.WriteAllText(
            _folder.At("text/config.json"),
            $$"""
            {"vocab_size": {{vocabulary.Length + 1}}, "hidden_size": {{TextWidth}}, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 24, "max_position_embeddings": 32}
            """);
        string[] speakers = ["Monica", "Joey"];
        BundleConfig config = new()
        {
            Name = "tiny",
            Version = "0.0.1",
            TextEncoder = new TextEncoderPart { Folder = "text", MaxTokens = 32 },
            AudioEncoder = AudioEncoderPart.Moonshine,
            AudioText = new AudioTextPart("audio-text.safetensors", new AudioTextConfig
            {
                TextWidth = TextWidth,
                AudioWidth = 1728,
                MetadataSizes = new MetadataVocabulary(speakers).Sizes,
                MetadataEmbeddingWidth = 2,
                MetadataWidth = 4,
                LstmWidth = 8,
                HeadWidth = 8,
                DirectLogits = true,
            }),
            Sound = sound ? new SoundPart("sound.safetensors", new SoundConfig { AudioWidth = 1728, HiddenWidth = 8, Networks = 1 }) : null,
            VideoEncoder = fusion is null ? null : new VideoEncoderPart { Kind = VideoEncoderPart.Face, Weights = "video-encoder.safetensors" },
            Video = fusion is null ? null : new VideoPart("video.safetensors", new VideoConfig
            {
                FrameWidth = 6,
                TokenWidth = TextWidth,
                MetadataSizes = new MetadataVocabulary(speakers).Sizes,
                ModelWidth = 8,
                Blocks = 1,
                Heads = 2,
                FeedForwardWidth = 12,
                TextWidth = 4,
                MetadataEmbeddingWidth = 2,
                MetadataWidth = 4,
                HeadWidth = 8,
            }),
            Fusion = fusion,
            Speakers = speakers,
            Calibration = calibration ?? BundleCalibration.None,
        };
        File.WriteAllText(_folder.At("config.json"), config.ToJson());

        TorchRuntime.ManualSeed(5);
        using BertModel text = new(BertConfig.Load(_folder.At("text/config.json")), pooler: false);
        NetworkState.Save(text, _folder.At("text/model.safetensors"), matricesAsInt8: true);
        WriteBranch();
        if (config.Sound is not null)
        {
            using SoundBranch heard = new(config.Sound.Network);
            WriteRandom(heard, config.Sound.Weights);
        }

        if (fusion is not null)
        {
            File.WriteAllText(_folder.At("video-encoder.safetensors"), "no test opens it");
            WriteVideo(seed: 6);
        }
    }

    public string Path => _folder.Path;

    public string this[string name] => _folder.At(name);

    public Bundle Open(EncoderOptions? options = null) => Bundle.Open(Path, EncoderLocations.None, options);

    /// <summary>Writes random weights for the branch that config.json tells.</summary>
    public void WriteBranch(double audioTrust = 1)
    {
        using AudioTextBranch branch = new(BundleConfig.Load(_folder.At("config.json")).AudioText.Network);
        branch.AudioTrust = audioTrust;
        WriteRandom(branch, "audio-text.safetensors");
    }

    /// <summary>The audio-text branch where it is trained, with the bundle's weights.</summary>
    public AudioTextBranch Branch()
    {
        AudioTextBranch branch = new(BundleConfig.Load(_folder.At("config.json")).AudioText.Network);
        NetworkState.Load(branch, _folder.At("audio-text.safetensors"));
        branch.Train(false);
        return branch;
    }

    /// <summary>The video branch where it is trained, with the bundle's weights.</summary>
    public VideoBranch VideoBranch()
    {
        VideoBranch branch = new(BundleConfig.Load(_folder.At("config.json")).Video!.Network);
        NetworkState.Load(branch, _folder.At("video.safetensors"));
        branch.Train(false);
        return branch;
    }

    /// <summary>Writes random weights for the video branch that config.json tells.</summary>
    public void WriteVideo(int seed)
    {
        TorchRuntime.ManualSeed(seed);
        using VideoBranch branch = new(BundleConfig.Load(_folder.At("config.json")).Video!.Network);
        WriteRandom(branch, "video.safetensors");
    }

    /// <summary>What opening says once a field, given by its dotted path, has another value.</summary>
    public string RefusedWith(string field, string value)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(_folder.At("config.json")))!;
        string[] path = field.Split('.');
        JsonNode parent = path[..^1].Aggregate(root, (node, name) => node[name]!);
        Assert.True(parent.AsObject().ContainsKey(path[^1]));
        parent[path[^1]] = JsonNode.Parse(value);
        File.WriteAllText(_folder.At("config.json"), root.ToJsonString());
        return Assert.Throws<ModelException>(() => Open()).Message;
    }

    private void WriteRandom(Module branch, string file)
    {
        using (GradMode.NoGrad())
        {
            foreach ((_, Tensor parameter) in branch.NamedParameters())
                parameter.Normal(0, 0.3);
        }

        NetworkState.Save(branch, _folder.At(file));
    }

    public void Dispose() => _folder.Dispose();
}
