using System.Globalization;
using System.Text.Json.Serialization;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Hub;
using Affekt.Models.Text;

namespace Affekt.Models.Bundles;

/// <summary>A network in Hugging Face's layout that lies in a folder or is fetched from the hub, one of both.</summary>
public abstract record PublishedPart
{
    /// <summary>Its folder, in the bundle or absolute; null where it is fetched.</summary>
    [JsonPropertyOrder(-3)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Folder { get; init; }

    /// <summary>Owner and name on Hugging Face's hub; null where it lies in a folder.</summary>
    [JsonPropertyOrder(-2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Repository { get; init; }

    /// <summary>The repository's branch or commit; null for its newest.</summary>
    [JsonPropertyOrder(-1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Revision { get; init; }
}

/// <summary>The text encoder, a BERT.</summary>
public sealed record TextEncoderPart : PublishedPart
{
    /// <summary>Tokens that are read of a text.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>What becomes of a text's token states. Default: mean.</summary>
    public TextPooling Pooling { get; init; }

    /// <summary>
    /// What the states of its layers are multiplied by, of what enters the first one and of each layer's, before they are summed in place of the
    /// last layer's; null for these. "learned" in a recipe, for as many as its training finds. ONNX Runtime computes them.
    /// </summary>
    [JsonConverter(typeof(LayerWeightsConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? LayerWeights { get; init; }

    internal HubRepository? OnHub => EncoderHub.Repository(Repository, Revision, HubRepositories.Bert);

    internal void Check(string file)
    {
        if (MaxTokens < WordPieceOptions.LeastMaxLength)
            throw new ModelException(file, "text_encoder.max_tokens", $"{MaxTokens}", $"{WordPieceOptions.LeastMaxLength} or more");
        CheckWeights(file, "text_encoder", LayerWeights);
        EncoderHub.Check(file, "text_encoder", Folder, Repository, Revision);
    }

    // Training has found what is learned: a bundle has numbers.
    internal static void CheckWeights(string file, string part, IReadOnlyList<double>? weights)
    {
        if (weights is { Count: 0 })
            throw new ModelException(file, $"{part}.layer_weights", $"\"{LayerWeightsConverter.Learned}\"", "the numbers that training has found");
    }
}

/// <summary>Which audio encoder the branch was trained on. The bundle does not hold its weights.</summary>
public sealed record AudioEncoderPart
{
    /// <summary>The first layers of Moonshine-tiny, fetched from npm's registry.</summary>
    public const string MoonshineTiny = "moonshine-tiny";

    /// <summary>A wav2vec 2.0 in Hugging Face's layout, in a folder or fetched from the hub.</summary>
    public const string Wav2Vec2 = "wav2vec2";

    /// <summary>Networks in Hugging Face's layout, by their family.</summary>
    public static IReadOnlyList<string> Families { get; } = [Wav2Vec2, "hubert", "wavlm", "whisper"];

    /// <summary>"moonshine-tiny", or a family in Hugging Face's layout: "wav2vec2", "hubert", "wavlm" or "whisper".</summary>
    public required string Kind { get; init; }

    /// <summary>Of wav2vec2: its folder, in the bundle or absolute; null where it is fetched.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Folder { get; init; }

    /// <summary>Of wav2vec2: owner and name on Hugging Face's hub; null where it lies in a folder.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Repository { get; init; }

    /// <summary>The repository's branch or commit; null for "main".</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Revision { get; init; }

    /// <summary>
    /// What the states of its layers are multiplied by, of what enters the first one and of each layer's, before they are summed in place of the
    /// last layer's; null for these. "learned" in a recipe, for as many as its training finds. ONNX Runtime computes them.
    /// </summary>
    [JsonConverter(typeof(LayerWeightsConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? LayerWeights { get; init; }

    /// <summary>Moonshine-tiny.</summary>
    public static AudioEncoderPart Moonshine { get; } = new() { Kind = MoonshineTiny };

    internal HubRepository? OnHub => EncoderHub.Repository(Repository, Revision, HubRepositories.Wav2Vec2);

    internal void Check(string file, AudioTextConfig network)
    {
        switch (Kind)
        {
            case MoonshineTiny when LayerWeights is not null:
                throw new ModelException(file, "audio_encoder.layer_weights", $"weights for \"{MoonshineTiny}\"", "none for it");
            case MoonshineTiny when (Folder ?? Repository ?? Revision) is { } other:
                throw new ModelException(file, "audio_encoder", $"\"{other}\" beside \"{MoonshineTiny}\"", "kind alone");
            case MoonshineTiny when network.AudioWidth != MoonshineEncoder.Width:
                throw new ModelException(file, "audio_text.network.audio_width", $"{network.AudioWidth}", $"{MoonshineEncoder.Width}");
            case MoonshineTiny:
                break;
            case var family when Families.Contains(family):
                TextEncoderPart.CheckWeights(file, "audio_encoder", LayerWeights);
                EncoderHub.Check(file, "audio_encoder", Folder, Repository, Revision);
                break;
            default:
                throw new ModelException(file, "audio_encoder.kind", $"\"{Kind}\"", $"\"{MoonshineTiny}\", {string.Join(", ", Families.Select(family => $"\"{family}\""))}");
        }
    }
}

/// <summary>A dimension, such as valence, that a branch estimates. Its output is standardized.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mean">The mean over the training utterances, in the corpus's units.</param>
/// <param name="Deviation">Their standard deviation, above 0.</param>
public sealed record DimensionPart(string Name, double Mean, double Deviation);

/// <summary>The audio-text branch.</summary>
/// <param name="Weights">A file in the bundle.</param>
/// <param name="Network">Its sizes.</param>
public sealed record AudioTextPart(string Weights, AudioTextConfig Network);

/// <summary>The sound branch.</summary>
/// <param name="Weights">A file in the bundle.</param>
/// <param name="Network">Its sizes.</param>
public sealed record SoundPart(string Weights, SoundConfig Network);

/// <summary>Which frame encoder the video branch was trained on.</summary>
public sealed record VideoEncoderPart
{
    /// <summary>The face in each frame, and an expression network's features of it.</summary>
    public const string Face = "face";

    /// <summary>torchvision's mc3_18 up to its last block.</summary>
    public const string Mc3 = "mc3-18";

    /// <summary>The face in each frame, and a published ViT's state of the first place.</summary>
    public const string Vit = "vit";

    /// <summary>The least width and height of mc3-18's pictures, in pixels.</summary>
    public const int LeastSide = 16;

    /// <summary>The largest width and height of mc3-18's pictures, in pixels.</summary>
    public const int LargestSide = 1024;

    /// <summary>In so many sizes a face may be looked at.</summary>
    public const int MostScales = 8;

    /// <summary>By so many pixels a face may be moved.</summary>
    public const int MostShift = 8;

    /// <summary>"face", "vit" or "mc3-18".</summary>
    public required string Kind { get; init; }

    /// <summary>
    /// The encoder's file, in the bundle or absolute: the expression network's, or torchvision's state file; of vit the folder, in Hugging Face's
    /// layout.
    /// </summary>
    public required string Weights { get; init; }

    /// <summary>Of mc3-18: width and height of the pictures that it was trained on, in pixels; null for the published 224.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Side { get; init; }

    /// <summary>Of "face": the sizes that each face is looked at in, each from 0.5 to 2; null for as it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Scales { get; init; }

    /// <summary>Of "face": the pixels by which a face moves up and left, and down and right before it is mirrored, 0 to 8.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Shift { get; init; }

    /// <summary>Whether the weights were trained for the bundle, or are used as they were published. Default: trained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool Trained { get; init; } = true;

    /// <summary>What <see cref="Kind"/> may be.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Face, Vit, Mc3];

    internal void Check(string file)
    {
        if (!Kinds.Contains(Kind))
            throw new ModelException(file, "video_encoder.kind", $"\"{Kind}\"", string.Join(", ", Kinds.Select(kind => $"\"{kind}\"")));
        if (Side is { } side && (Kind != Mc3 || side is < LeastSide or > LargestSide))
            throw new ModelException(file, "video_encoder.side", $"{side} of {Kind}", $"{LeastSide} to {LargestSide} of {Mc3}, or none");
        if (Scales is { } scales && (Kind != Face || scales.Count is < 1 or > MostScales || scales.Any(scale => scale is not (>= 0.5 and <= 2))))
        {
            throw new ModelException(
                file, "video_encoder.scales", $"[{string.Join(", ", scales.Select(scale => scale.ToString(CultureInfo.InvariantCulture)))}] of {Kind}",
                $"1 to {MostScales} numbers from 0.5 to 2 of {Face}, or none");
        }

        if (Shift != 0 && (Kind != Face || Shift is < 0 or > MostShift))
            throw new ModelException(file, "video_encoder.shift", $"{Shift} of {Kind}", $"0 to {MostShift} pixels of {Face}");
    }
}

/// <summary>The video branch.</summary>
/// <param name="Weights">A file in the bundle.</param>
/// <param name="Network">Its sizes.</param>
public sealed record VideoPart(string Weights, VideoConfig Network)
{
    /// <summary>What the branch estimates beside the labels, after them in its outputs; null where there is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DimensionPart>? Dimensions { get; init; }

    /// <summary>
    /// How often each emotion is in the faces that the branch learned from, as its calibrated answers embody it: seven
    /// probabilities in label order; null where that is not known.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Prior { get; init; }
}

/// <summary>How far to believe the answers. Logits are divided by a temperature (Guo et al., 2017) before softmax.</summary>
/// <param name="Text">The temperature where only text is there, above 0.</param>
/// <param name="Audio">The temperature where only sound is there, above 0.</param>
/// <param name="AudioText">The temperature where both are there, above 0.</param>
/// <param name="AbstainBelow">An answer whose confidence is below this is withheld, in [0, 1].</param>
public sealed record BundleCalibration(double Text, double Audio, double AudioText, double AbstainBelow)
{
    /// <summary>The temperature of the video branch, above 0.</summary>
    public double Video { get; init; } = 1;

    /// <summary>The temperature of what fusion gives, above 0; its logits are the logarithms of its probabilities.</summary>
    public double Fused { get; init; } = 1;

    /// <summary>Nothing scaled and nothing withheld.</summary>
    public static BundleCalibration None { get; } = new(1, 1, 1, 0);

    /// <summary>The temperature for what is there.</summary>
    public double Temperature(bool hasText, bool hasAudio) => (hasText, hasAudio) switch
    {
        (true, true) => AudioText,
        (false, true) => Audio,
        _ => Text,
    };
}
