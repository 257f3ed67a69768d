using Affekt.Media;
using Affekt.Models.Hub;
using Affekt.Models.Packages;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Speech;
using Affekt.Models.Video;

namespace Affekt.Recognition.Library;

/// <summary>Opens recognizers, with published weights fetched where they are not cached yet.</summary>
public static class RecognizerFactory
{
    /// <summary>Opens a recognizer.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="progress">Gets one line when a fetch begins.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="ModelException">The folder is no bundle.</exception>
    /// <exception cref="WeightsException">Published weights cannot be had.</exception>
    /// <exception cref="HubException">A repository that the bundle names cannot be had.</exception>
    public static async Task<Recognizer> OpenAsync(
        AffektOptions options, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        // A bundle that is not one is told before anything is fetched for it.
        BundleConfig config = BundleConfig.Load(Path.Combine(options.BundleFolder, BundleConfig.FileName));

        // A missing ffmpeg is told when a file is to be read.
        Lazy<MediaTools> tools = new(() => MediaTools.Find(options.Media));
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        EncoderLocations encoders = await EncoderLocations.FindAsync(
            options.BundleFolder, config, options.ReadSound, options.ReadPictures, progress, cancellation).ConfigureAwait(false);
        string? silero = options.CutAtPauses ? await cache.EnsureAsync(WeightPackages.Silero, progress, cancellation).ConfigureAwait(false) : null;
        bool transcribes = options is { Transcribe: true, ReadSound: true, SpeechToText: null };
        string? moonshine = transcribes ? await cache.EnsureAsync(WeightPackages.Moonshine, progress, cancellation).ConfigureAwait(false) : null;
        string? names = transcribes ? await cache.EnsureAsync(WeightPackages.LlamaTokenizer, progress, cancellation).ConfigureAwait(false) : null;
        Bundle bundle = Bundle.Open(options.BundleFolder, encoders, new EncoderOptions { Precision = options.Precision, Accelerator = options.Accelerator });
        SpeechDetector? detector = null;
        ITranscriber? transcriber = null;
        try
        {
            detector = silero is null ? null : SpeechDetector.Load(Path.Combine(silero, WeightPackages.SileroDetector));
            transcriber = moonshine is null || names is null
                ? options is { Transcribe: true, SpeechToText: { } client } ? new SpeechToTextTranscriber(client) : null
                : Transcriber.Load(
                    Path.Combine(moonshine, WeightPackages.MoonshineEncoder), Path.Combine(moonshine, WeightPackages.MoonshineDecoder),
                    Path.Combine(names, WeightPackages.LlamaVocabulary));
            FaceDetector? faces = options is { ShowFaces: true, ReadPictures: true } && bundle.VideoEncoder is null
                ? await OpenFacesAsync(cache, progress, cancellation).ConfigureAwait(false)
                : null;
            return new Recognizer(bundle, tools, detector, transcriber, faces);
        }
        catch
        {
            bundle.Dispose();
            detector?.Dispose();
            transcriber?.Dispose();
            throw;
        }
    }

    private static async Task<FaceDetector?> OpenFacesAsync(
        PackageCache cache, IProgress<string>? progress, CancellationToken cancellation)
    {
        try
        {
            string folder = await cache.EnsureAsync(WeightPackages.FaceApi, progress, cancellation).ConfigureAwait(false);
            return FaceDetector.Load(Path.Combine(folder, WeightPackages.TinyFaceDetector));
        }
        catch (WeightsException e)
        {
            progress?.Report($"going on without showing faces: {e.Message}");
            return null;
        }
    }
}
