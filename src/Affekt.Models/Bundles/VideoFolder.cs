using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.Models.Branches;

namespace Affekt.Models.Bundles;

/// <summary>
/// What a training run of the video branch leaves for a bundle: video.json in the run's folder, beside the files that it
/// names. The task "fusion" joins it with an audio-text branch.
/// </summary>
public sealed record VideoFolder
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "video.json";

    /// <summary>
    /// The frame encoder; its weights lie in the run's folder, or elsewhere by an absolute path. Default: the face encoder,
    /// with its expression network in expression.safetensors.
    /// </summary>
    public VideoEncoderPart VideoEncoder { get; init; } = new() { Kind = VideoEncoderPart.Face, Weights = "expression.safetensors" };

    /// <summary>The branch's weights in the run's folder. Default: video.safetensors.</summary>
    public string Weights { get; init; } = "video.safetensors";

    /// <summary>The branch's sizes.</summary>
    public required VideoConfig Network { get; init; }

    /// <summary>The labels in the order of the outputs; null for the seven emotions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Labels { get; init; }

    /// <inheritdoc cref="VideoPart.Dimensions"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DimensionPart>? Dimensions { get; init; }

    /// <summary>What the branch's logits are divided by, fitted on faces or clips that it was not trained on; above 0.</summary>
    public double Temperature { get; init; } = 1;

    /// <inheritdoc cref="VideoPart.Prior"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Prior { get; init; }

    /// <summary>
    /// Speakers that the branch knows, by their metadata index minus one, as the bundle that it joins must know them; null for a
    /// branch that reads no metadata.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Speakers { get; init; }

    /// <summary>
    /// Of a branch that reads words: <see cref="BundleEncoders.TextIdentity"/> of the text encoder that it was trained on, which the
    /// bundle that it joins must have; null for another branch, or where it was not recorded.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TextEncoder { get; init; }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ModelJson.Options) + "\n";

    /// <summary>The video part of a bundle, with names relative to the bundle's folder; null where it has none.</summary>
    public static VideoFolder? Of(BundleConfig bundle) => bundle is { VideoEncoder: { } encoder, Video: { } video }
        ? new VideoFolder
        {
            VideoEncoder = encoder,
            Weights = video.Weights,
            Network = video.Network,
            Labels = bundle.LabelSet.IsEmotions ? null : bundle.Labels,
            Dimensions = video.Dimensions,
            Temperature = bundle.Calibration.Video,
            Prior = video.Prior,
            Speakers = video.Network.MetadataSizes.Count > 0 ? bundle.Speakers : null,
        }
        : null;

    /// <summary>Reads and checks the file.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="ModelException">It is missing, no JSON, or lacks a field.</exception>
    public static VideoFolder Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        VideoFolder read = ModelJson.Read<VideoFolder>(file, "what a training run of the video branch leaves");
        if (!(read.Temperature > 0))
            throw new ModelException(file, "temperature", FormattableString.Invariant($"{read.Temperature}"), "a number above 0");
        if (read.Prior is { } prior && !(prior.Count == (read.Labels ?? Emotions.Labels).Count && prior.All(share => share > 0) && Math.Abs(prior.Sum() - 1) < 1e-6))
        {
            throw new ModelException(
                file, "prior", string.Join(", ", prior), $"{(read.Labels ?? Emotions.Labels).Count} probabilities above 0 with the sum 1");
        }

        read.VideoEncoder.Check(file);
        read.Network.Check(file, "network");
        return read;
    }
}
