using Affekt.Models.Bundles;
using Affekt.Models.Hub;
using Affekt.Models.Packages;
using Affekt.Models.Published;
using Affekt.Torch;

namespace Affekt.Training.Features;

/// <summary>
/// Opens the encoders that a recipe or a bundle names, as the feature store sees them; what is absent is fetched. Training, prepare
/// and evaluation all ask here, so that each finds what the others have computed.
/// </summary>
/// <param name="folder">What relative names are relative to: the folder of the recipe, or the bundle's.</param>
/// <param name="precision">The encoders' arithmetic.</param>
/// <param name="progress">Told of a fetch.</param>
/// <param name="device">Where BERT, RoBERTa, wav2vec 2.0, HuBERT and MC3-18 compute; the processor where null.</param>
public sealed class FrozenEncoders(
    string folder, Precision precision = Precision.Float32, IProgress<string>? progress = null, Device? device = null)
{
    /// <summary>Words to one vector, and where asked for the states of the tokens.</summary>
    /// <exception cref="HubException">A repository's weights are unavailable.</exception>
    /// <inheritdoc cref="TextFeatureEncoder.Load"/>
    public async Task<TextFeatureEncoder> OpenAsync(TextEncoderPart part, bool tokens, CancellationToken cancellation) =>
        TextFeatureEncoder.Load(
            await FolderAsync(part, cancellation).ConfigureAwait(false), precision,
            part.Pooling, tokens, part.MaxTokens, device, part.LayerWeights);

    /// <summary>Sound to one vector.</summary>
    /// <exception cref="HubException">A repository's weights are unavailable.</exception>
    /// <exception cref="WeightsException">A package's weights are unavailable.</exception>
    /// <inheritdoc cref="SoundFeatureEncoder.Wav2Vec2"/>
    public async Task<SoundFeatureEncoder> OpenAsync(AudioEncoderPart part, CancellationToken cancellation) =>
        part.Kind != AudioEncoderPart.MoonshineTiny
            ? SoundFeatureEncoder.Published(
                await FolderAsync(part.Folder, part.Repository, part.Revision, cancellation).ConfigureAwait(false), precision, device, part.Kind, part.LayerWeights)
            : SoundFeatureEncoder.Moonshine(
                await PackagedAsync(WeightPackages.Moonshine, WeightPackages.MoonshineEncoder, cancellation).ConfigureAwait(false), precision);

    /// <summary>Pictures to one vector for each frame.</summary>
    /// <exception cref="HubException">A repository's weights are unavailable.</exception>
    /// <exception cref="WeightsException">A package's weights are unavailable.</exception>
    /// <inheritdoc cref="FrameFeatureEncoder.Mc3"/>
    public async Task<FrameFeatureEncoder> OpenAsync(VideoEncoderPart part, CancellationToken cancellation)
    {
        string weights = await PlaceAsync(part, cancellation).ConfigureAwait(false);
        if (part.Kind == VideoEncoderPart.Mc3)
            return FrameFeatureEncoder.Mc3(weights, precision, part.Side, device);
        string detector = await PackagedAsync(WeightPackages.FaceApi, WeightPackages.TinyFaceDetector, cancellation).ConfigureAwait(false);
        return part.Kind == VideoEncoderPart.Vit
            ? FrameFeatureEncoder.Vit(weights, detector, precision)
            : FrameFeatureEncoder.Face(weights, detector, part.Scales, part.Shift);
    }

    /// <summary>Where a text encoder lies.</summary>
    /// <exception cref="HubException">A repository's weights are unavailable.</exception>
    public Task<string> FolderAsync(TextEncoderPart part, CancellationToken cancellation) =>
        FolderAsync(part.Folder, part.Repository, part.Revision, cancellation);

    /// <summary>Where a frame encoder lies: a file, or of a ViT a folder, its own or a repository's.</summary>
    /// <exception cref="Models.ModelException">There is no such folder, and it is no repository's name.</exception>
    /// <exception cref="HubException">A repository's weights are unavailable.</exception>
    public async Task<string> PlaceAsync(VideoEncoderPart part, CancellationToken cancellation)
    {
        string own = Path.GetFullPath(part.Weights, folder);
        return part.Kind != VideoEncoderPart.Vit || Directory.Exists(own)
            ? own
            : await PublishedHub.FindAsync(part.Weights, HubOptions.FromEnvironment(), null, cancellation).ConfigureAwait(false);
    }

    private async Task<string> FolderAsync(string? own, string? repository, string? revision, CancellationToken cancellation) => own is not null
        ? Path.GetFullPath(own, folder)
        : await PublishedHub.FindAsync(
            revision is null ? repository! : $"{repository}@{revision}", HubOptions.FromEnvironment(), null, cancellation).ConfigureAwait(false);

    private async Task<string> PackagedAsync(NpmPackage package, string file, CancellationToken cancellation) => Path.Combine(
        await new PackageCache(PackageCacheOptions.FromEnvironment()).EnsureAsync(package, progress, cancellation).ConfigureAwait(false), file);
}
