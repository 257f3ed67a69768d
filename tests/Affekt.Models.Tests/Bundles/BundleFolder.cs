using Affekt.Corpora;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Models.Weights;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Bundles;

/// <summary>A tiny bundle with random weights, on disk.</summary>
internal sealed class BundleFolder : IDisposable
{
    private const int TextWidth = 16;

    private readonly TemporaryFolder _folder = new();

    public BundleFolder(BundleCalibration? calibration = null)
    {
        Directory.CreateDirectory(_folder["text"]);
        string[] vocabulary = File.ReadAllLines(Stored.Fixture("wordpiece/vocab.txt"));
        File.WriteAllLines(_folder["text/vocab.txt"], vocabulary);

        // One row more than tokens: a vocabulary may grow by one in these tests.
        File.WriteAllText(
            _folder["text/config.json"],
            $$"""
            {"vocab_size": {{vocabulary.Length + 1}}, "hidden_size": {{TextWidth}}, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 24, "max_position_embeddings": 32}
            """);
        string[] speakers = ["Monica", "Joey"];
        BundleConfig config = new()
        {
            Name = "tiny",
            Version = "0.0.1",
            TextEncoder = new TextEncoderPart("text", 32),
            AudioEncoder = new AudioEncoderPart(AudioEncoderPart.MoonshineTiny),
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
            Speakers = speakers,
            Calibration = calibration ?? BundleCalibration.None,
        };
        File.WriteAllText(_folder["config.json"], config.ToJson());

        TorchRuntime.ManualSeed(5);
        using BertModel text = new(BertConfig.Load(_folder["text/config.json"]), pooler: false);
        NetworkState.Save(text, _folder["text/model.safetensors"], matricesAsInt8: true);
        using AudioTextBranch branch = new(config.AudioText.Network);
        using (GradMode.NoGrad())
        {
            foreach ((_, Tensor parameter) in branch.NamedParameters())
                parameter.Normal(0, 0.3);
        }

        NetworkState.Save(branch, _folder["audio-text.safetensors"]);
    }

    public string Path => _folder.Path;

    public string this[string name] => _folder[name];

    public Bundle Open(Precision precision = Precision.Float32) => Bundle.Open(Path, null, precision);

    public void Dispose() => _folder.Dispose();
}
