using Affekt.Models.Hub;
using Affekt.Models.Packages;

namespace Affekt.Models.Bundles;

/// <summary>Where the encoders lie that a bundle names but does not hold. What is null is not opened.</summary>
public sealed record EncoderLocations
{
    /// <summary>Nothing: for a bundle that is asked about text only, or looked at.</summary>
    public static EncoderLocations None { get; } = new();

    /// <summary>
    /// Moonshine's encoder_model.onnx, wav2vec 2.0's folder, or a published classifier's; null where no sound will be read. Of a bundle of
    /// published classifiers without one for sound it is the bundle's folder, where sound is read for its words.
    /// </summary>
    public string? Audio { get; init; }

    /// <summary>The folder of a published network of measures; null where no sound will be read, or there is none.</summary>
    public string? Dimensions { get; init; }

    /// <summary>The folder of a published classifier of words; null for another bundle.</summary>
    public string? Text { get; init; }

    /// <summary>The folder of a published classifier of faces; null where no pictures will be read.</summary>
    public string? Face { get; init; }

    /// <summary>
    /// The face detector's manifest, or the state file of mc3-18; null where no pictures will be read.
    /// </summary>
    public string? Video { get; init; }

    /// <summary>Finds a bundle's encoders, and fetches what is absent.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="audio">Whether sound will be read.</param>
    /// <param name="video">Whether pictures will be read, where the bundle has a video branch.</param>
    /// <param name="progress">Told of a fetch.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="WeightsException">A package's weights are unavailable.</exception>
    /// <exception cref="HubException">A repository's weights are unavailable.</exception>
    public static async Task<EncoderLocations> FindAsync(
        string folder, BundleConfig config, bool audio, bool video, IProgress<string>? progress, CancellationToken cancellation)
    {
        if (config.Published is { } published)
            return await PublishedAsync(folder, published, audio, video, progress, cancellation).ConfigureAwait(false);
        if (config.TextEncoder.OnHub is { } text)
            await EncoderHub.EnsureAsync(text, progress, cancellation).ConfigureAwait(false);
        return new EncoderLocations
        {
            Audio = audio ? await AudioAsync(folder, config.AudioEncoder, progress, cancellation).ConfigureAwait(false) : null,
            Video = video && config.VideoEncoder is { } part ? await VideoAsync(folder, part, progress, cancellation).ConfigureAwait(false) : null,
        };
    }

    private static async Task<EncoderLocations> PublishedAsync(
        string folder, PublishedClassifiers parts, bool audio, bool video, IProgress<string>? progress, CancellationToken cancellation)
    {
        HubOptions options = HubOptions.FromEnvironment();
        string? detector = null;
        if (video && parts.Face is not null)
        {
            PackageCache cache = new(PackageCacheOptions.FromEnvironment());
            detector = Path.Combine(
                await cache.EnsureAsync(WeightPackages.FaceApi, progress, cancellation).ConfigureAwait(false), WeightPackages.TinyFaceDetector);
        }

        return new EncoderLocations
        {
            Text = parts.Text is { } text ? await text.FindAsync(folder, options, progress, cancellation).ConfigureAwait(false) : null,
            Audio = !audio ? null : parts.Audio is { } sound ? await sound.FindAsync(folder, options, progress, cancellation).ConfigureAwait(false) : folder,
            Dimensions = audio && parts.Dimensions is { } measures ? await measures.FindAsync(folder, options, progress, cancellation).ConfigureAwait(false) : null,
            Face = detector is not null ? await parts.Face!.FindAsync(folder, options, progress, cancellation).ConfigureAwait(false) : null,
            Video = detector,
        };
    }

    private static async Task<string> VideoAsync(
        string folder, VideoEncoderPart part, IProgress<string>? progress, CancellationToken cancellation)
    {
        if (part.Kind == VideoEncoderPart.Mc3)
            return Path.Combine(folder, part.Weights);
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        return Path.Combine(
            await cache.EnsureAsync(WeightPackages.FaceApi, progress, cancellation).ConfigureAwait(false), WeightPackages.TinyFaceDetector);
    }

    private static async Task<string> AudioAsync(
        string folder, AudioEncoderPart part, IProgress<string>? progress, CancellationToken cancellation)
    {
        if (part.OnHub is { } repository)
            return await EncoderHub.EnsureAsync(repository, progress, cancellation).ConfigureAwait(false);
        if (part.Folder is { } below)
            return Path.Combine(folder, below);
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        return Path.Combine(
            await cache.EnsureAsync(WeightPackages.Moonshine, progress, cancellation).ConfigureAwait(false), WeightPackages.MoonshineEncoder);
    }
}
