using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Tests;

/// <summary>Writes a whole bundle with tiny networks of random weights: it answers at once, and means nothing.</summary>
internal static class TestBundle
{
    public static readonly string[] Vocabulary =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "am", "so", "happy", "sad", "about", "this", "you", "not", "!", "?", ".",
    ];

    public static string Write(string folder, double abstainBelow = 0, FusionConfig? fusion = null)
    {
        const int TextWidth = 16;
        string text = Directory.CreateDirectory(Path.Combine(folder, "text")).FullName;
        File.WriteAllLines(Path.Combine(text, "vocab.txt"), Vocabulary);
        File.WriteAllText(Path.Combine(text, "config.json"), $$"""
            {"vocab_size": {{Vocabulary.Length}}, "hidden_size": {{TextWidth}}, "num_hidden_layers": 1,
             "num_attention_heads": 2, "intermediate_size": 32, "hidden_act": "gelu", "max_position_embeddings": 64,
             "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
            """);
        TorchRuntime.ManualSeed(3);
        using BertModel bert = new(BertConfig.Load(Path.Combine(text, "config.json")), pooler: false);
        NetworkState.Save(bert, Path.Combine(text, "model.safetensors"));

        AudioTextConfig sizes = new()
        {
            TextWidth = TextWidth,
            AudioWidth = MoonshineEncoder.Width,
            MetadataSizes = new MetadataVocabulary(["Ann"]).Sizes,
            MetadataEmbeddingWidth = 2,
            MetadataWidth = 4,
            LstmWidth = 8,
            HeadWidth = 8,
        };
        using AudioTextBranch branch = new(sizes);
        NetworkState.Save(branch, Path.Combine(folder, "audio-text.safetensors"));

        // Random weights give logits near 0: low temperatures pull the answers apart.
        BundleConfig config = new()
        {
            Name = "test",
            Version = "1.2.3",
            TextEncoder = new TextEncoderPart { Folder = "text", MaxTokens = 32 },
            AudioEncoder = AudioEncoderPart.Moonshine,
            AudioText = new AudioTextPart("audio-text.safetensors", sizes),
            Fusion = fusion,
            Speakers = ["Ann"],
            Calibration = new BundleCalibration(0.05, 0.05, 0.05, abstainBelow),
        };
        File.WriteAllText(Path.Combine(folder, BundleConfig.FileName), config.ToJson());
        return folder;
    }
}
