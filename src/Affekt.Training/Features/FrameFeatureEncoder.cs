using System.Globalization;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Published;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Recognition;
using Affekt.Torch;

namespace Affekt.Training.Features;

/// <summary>Pictures to one vector for each frame. Features of altered pictures are not kept: training makes them as it goes.</summary>
public sealed class FrameFeatureEncoder : FeatureEncoder
{
    // Raise it when how pictures are decoded changes.
    private const int Revision = 1;

    private readonly IFrameEncoder _encoder;
    private readonly MediaTools _tools = MediaTools.Find();

    /// <summary>Takes over a frame encoder.</summary>
    /// <param name="encoder">The encoder; disposed with this.</param>
    /// <param name="files">The files of its weights and configuration.</param>
    /// <param name="settings">All else that its features depend on: what it is, a revision of its code, its precision.</param>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public FrameFeatureEncoder(IFrameEncoder encoder, IEnumerable<string> files, params IEnumerable<(string Name, object Value)> settings)
    {
        _encoder = encoder;
        Output = new FeatureOutput(
            FeatureKind.Video, EncoderHash.Of(files, [.. settings, ("frames", encoder.Frames), ("decoding", Revision)]));
    }

    /// <summary>MC3-18's features of whole frames, from torchvision's state file of mc3_18 or a trunk that Affekt trained.</summary>
    /// <param name="file">The state file.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <param name="side">Width and height of the pictures, in pixels; null for the published 224.</param>
    /// <param name="device">Where it computes; the processor where null.</param>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <inheritdoc cref="Mc3Encoder.Load"/>
    public static FrameFeatureEncoder Mc3(string file, Precision precision, int? side = null, Device? device = null) => new(
        Open(file, precision, side ?? Mc3Encoder.PaperSide, device), [file],
        ("network", "mc3"), ("revision", Revision), ("precision", precision));

    /// <summary>An expression network's features of the face in each frame.</summary>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <inheritdoc cref="FaceEncoder.Load"/>
    public static FrameFeatureEncoder Face(string expressionWeights, string detectorManifest, IReadOnlyList<double>? scales = null, int shift = 0) => new(
        FaceEncoder.Load(expressionWeights, detectorManifest, scales, shift), [expressionWeights, .. FilesOf(detectorManifest)],
        [
            ("network", "face"), ("revision", Revision), ("least score", FaceEncoder.LeastScore),
            .. scales is null ? [] : new (string, object)[] { ("scales", string.Join(' ', scales.Select(scale => scale.ToString(CultureInfo.InvariantCulture)))) },
            .. shift == 0 ? [] : new (string, object)[] { ("shift", shift) },
        ]);

    /// <summary>A published ViT's state of the first place, of the face in each frame.</summary>
    /// <param name="folder">Its folder, in Hugging Face's layout.</param>
    /// <param name="detectorManifest">The face detector's manifest.</param>
    /// <param name="precision">The arithmetic: single precision, or int8.</param>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <inheritdoc cref="PublishedFaces.LoadFrozen"/>
    public static FrameFeatureEncoder Vit(string folder, string detectorManifest, Precision precision) => new(
        PublishedFaces.LoadFrozen(folder, detectorManifest, TorchEncoders.Options(precision)), [.. EncoderHash.FilesOf(folder), .. FilesOf(detectorManifest)],
        ("network", "vit"), ("revision", Revision), ("least score", FaceEncoder.LeastScore), ("precision", precision));

    /// <inheritdoc/>
    public override string Modality => "video";

    /// <summary>The vectors.</summary>
    public FeatureOutput Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureOutput> Outputs => [Output];

    /// <inheritdoc/>
    public override int BatchSize => 8;

    /// <summary>Features of a frame.</summary>
    public int Width => _encoder.Width;

    /// <inheritdoc/>
    public override bool Reads(Utterance utterance) => utterance.Media is not null;

    /// <inheritdoc/>
    public override Task<string> IdentifyAsync(Utterance utterance, CancellationToken cancellation) =>
        UtteranceMedia.IdentifyAsync(utterance, cancellation);

    internal override async Task<PreparedInput> DecodeAsync(Utterance utterance, CancellationToken cancellation)
    {
        MediaInfo media = await _tools.ProbeAsync(utterance.Media!, cancellation).ConfigureAwait(false);
        TimeRange? range = UtteranceMedia.Range(utterance, media);
        (VideoFrames frames, IReadOnlyList<MediaWarning> warnings) =
            await UtteranceFrames.ReadAsync(_tools, media, range, _encoder.Frames, cancellation).ConfigureAwait(false);
        return frames.Count == 0 ? new PreparedInput.Nothing(warnings[^1].Message) : new PreparedInput.Pictures(frames);
    }

    internal override IReadOnlyList<StoredFeature[]> Encode(IReadOnlyList<PreparedInput> inputs, CancellationToken cancellation) =>
        Workers.Map(inputs, input => new[] { Stored(_encoder.Encode(((PreparedInput.Pictures)input).Frames)) }, cancellation);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _encoder.Dispose();

    private static IFrameEncoder Open(string file, Precision precision, int side, Device? device) => BundleEncoders.OpenVideo(
        "", new VideoEncoderPart { Kind = VideoEncoderPart.Mc3, Weights = file, Side = side }, file, TorchEncoders.Options(precision, device));

    // The manifest names its shards, which lie beside it under its name's beginning.
    private static IEnumerable<string> FilesOf(string manifest)
    {
        string name = Path.GetFileNameWithoutExtension(manifest).Replace("-weights_manifest", "", StringComparison.Ordinal);
        return Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(manifest))!, $"{name}*").Order(StringComparer.Ordinal);
    }

    private StoredFeature Stored(FrameFeatures features) => features.Values is not { } values
        ? StoredFeature.Unusable(features.Reason ?? "no frame can be used")
        : new StoredFeature
        {
            Values = values,
            Shape = [features.Present.Count, Width],
            Present = [.. features.Present.Select(present => present ? 1f : 0f)],
        };
}
