using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Training.Tests.Evaluations;

/// <summary>A bundle with random weights, few of them, and what stands in for its audio encoder.</summary>
internal static class TinyBundle
{
    private static readonly string[] _speakers = ["Ann", "Bob"];

    // Low temperatures, so that random weights give answers that differ.
    private static readonly BundleCalibration _calibration = new(0.05, 0.04, 0.06, 0) { Video = 0.05 };

    private static readonly VideoConfig _video = new()
    {
        FrameWidth = BrightnessEncoder.Features,
        TokenWidth = 8,
        MetadataSizes = new MetadataVocabulary(_speakers).Sizes,
        ModelWidth = 8,
        Blocks = 1,
        Heads = 2,
        FeedForwardWidth = 8,
        TextWidth = 4,
        MetadataEmbeddingWidth = 4,
        MetadataWidth = 4,
        HeadWidth = 8,
    };

    public static string Create(
        string folder, IReadOnlyList<string>? trainingSpeakers = null, bool video = false, LabelSet? labels = null,
        IReadOnlyList<DimensionPart>? dimensions = null)
    {
        int outputs = (labels ??= LabelSet.Emotions).Count + (dimensions?.Count ?? 0);

        // Whatever ran before: some weights give a history that changes hardly anything.
        TorchRuntime.ManualSeed(3);
        string text = Path.Combine(folder, "text");
        Directory.CreateDirectory(text);
        string config = Path.Combine(text, "config.json");
        string[] tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "oh", "no", "yes", "stop", "it", "now", "!", "?"];
        File.WriteAllLines(Path.Combine(text, "vocab.txt"), tokens);
        File.WriteAllText(config, $$"""
            {"vocab_size":{{tokens.Length}},"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,
             "intermediate_size":16,"max_position_embeddings":64,"type_vocab_size":2,"hidden_act":"gelu",
             "layer_norm_eps":1e-12,"hidden_dropout_prob":0,"attention_probs_dropout_prob":0}
            """);
        using BertModel bert = new(BertConfig.Load(config), pooler: false);
        NetworkState.Save(bert, Path.Combine(text, "model.safetensors"));

        AudioTextConfig sizes = new()
        {
            TextWidth = 8,
            AudioWidth = MoonshineEncoder.Width,
            MetadataSizes = new MetadataVocabulary(_speakers).Sizes,
            MetadataEmbeddingWidth = 4,
            MetadataWidth = 4,
            LstmWidth = 8,
            HeadWidth = 8,
            Outputs = outputs,
        };
        using AudioTextBranch branch = new(sizes);
        NetworkState.Save(branch, Path.Combine(folder, "audio-text.safetensors"));
        if (video)
        {
            using VideoBranch pictures = new(_video with { Outputs = outputs });
            NetworkState.Save(pictures, Path.Combine(folder, "video.safetensors"));
        }

        BundleConfig bundle = new()
        {
            Name = "tiny",
            Version = "1.2.3",
            Labels = labels.Names,
            Dimensions = dimensions,
            TextEncoder = new TextEncoderPart { Folder = "text", MaxTokens = 64 },
            AudioEncoder = AudioEncoderPart.Moonshine,
            AudioText = new AudioTextPart("audio-text.safetensors", sizes),
            VideoEncoder = video ? new VideoEncoderPart { Kind = VideoEncoderPart.Mc3, Weights = "none.pth" } : null,
            Video = video ? new VideoPart("video.safetensors", _video with { Outputs = outputs }) { Dimensions = dimensions } : null,
            Speakers = _speakers,
            TrainingSpeakers = trainingSpeakers,
            Calibration = _calibration,
        };
        File.WriteAllText(Path.Combine(folder, BundleConfig.FileName), bundle.ToJson());
        return folder;
    }

    /// <summary>Mean magnitude and length in seconds; silence is unusable, as it is to the real one.</summary>
    public static AudioFeatures EncodeSound(float[] samples)
    {
        float level = samples.Average(Math.Abs);
        return level == 0
            ? new AudioFeatures(null, "sound is silent")
            : new AudioFeatures([20 * level, samples.Length / 16_000f, .. new float[MoonshineEncoder.Width - 2]], null);
    }
}

/// <summary>A frame encoder that tells how red, green and blue a picture is; black pictures are unusable to it.</summary>
internal sealed class BrightnessEncoder : IFrameEncoder
{
    public const int Features = 3;

    public int Width => Features;

    public FrameRequest Frames { get; } = new(2, 16, Whole: false);

    public int Encoded { get; private set; }

    public FrameFeatures Encode(VideoFrames frames)
    {
        Encoded++;
        float[] values = new float[frames.Count * Features];
        for (int frame = 0; frame < frames.Count; frame++)
        {
            ReadOnlySpan<byte> picture = frames.Picture(frame);
            for (int i = 0; i < picture.Length; i++)
                values[(frame * Features) + (i % Features)] += picture[i] * Features / (255f * picture.Length);
        }

        return values.Max() < 0.2
            ? FrameFeatures.Unusable(frames.Count, "black")
            : new FrameFeatures(values, [.. Enumerable.Repeat(true, frames.Count)], null, []);
    }

    public void Dispose()
    {
    }
}
