using Affekt.Media;
using Affekt.Models.Hub;
using Affekt.Models.Packages;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Speech;
using Affekt.Recognition;

namespace Affekt.Cli;

/// <summary>What inputs call for.</summary>
/// <param name="Audio">There is sound to recognize.</param>
/// <param name="Video">There are pictures to recognize; where the frame encoder cannot be had, they are not used.</param>
/// <param name="ManagesWithoutAudio">There is something else to go by.</param>
/// <param name="Detector">Sound is to be cut at pauses; where the detector cannot be had, it is not.</param>
/// <param name="Transcriber">Words are to be found where none are given; where that cannot be, they are not.</param>
internal sealed record RecognizerNeeds(bool Audio, bool Video, bool ManagesWithoutAudio, bool Detector, bool Transcriber);

/// <summary>Opens a recognizer, with the audio encoder's weights fetched where they are needed.</summary>
internal static class RecognizerLoader
{
    /// <param name="bundle">The bundle's folder.</param>
    /// <param name="tools">What decodes.</param>
    /// <param name="options">How BERT, wav2vec 2.0 and MC3-18 are computed.</param>
    /// <param name="needs">What the inputs call for.</param>
    /// <param name="terminal">Told of a fetch, and of what cannot be had.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="WeightsException">The audio encoder's weights cannot be had, and there is nothing else.</exception>
    public static async Task<Recognizer> OpenAsync(
        string bundle, MediaTools tools, EncoderOptions options, RecognizerNeeds needs, Terminal terminal,
        CancellationToken cancellation)
    {
        // A bundle that is not one is told before anything is fetched for it.
        BundleConfig config = BundleConfig.Load(Path.Combine(bundle, BundleConfig.FileName));
        Lines progress = new(terminal.Errors);
        EncoderLocations encoders;
        try
        {
            encoders = await EncoderLocations.FindAsync(bundle, config, needs.Audio, video: false, progress, cancellation);
        }
        catch (Exception exception) when (exception is WeightsException or HubException && needs.Audio && needs.ManagesWithoutAudio)
        {
            terminal.Errors.WriteLine($"warning: going on without sound: {exception.Message}");
            encoders = await EncoderLocations.FindAsync(bundle, config, audio: false, video: false, progress, cancellation);
        }

        try
        {
            EncoderLocations pictures = await EncoderLocations.FindAsync(bundle, config, audio: false, needs.Video, progress, cancellation);
            encoders = encoders with { Video = pictures.Video, Face = pictures.Face };
        }
        catch (WeightsException exception)
        {
            terminal.Errors.WriteLine($"warning: going on without pictures: {exception.Message}");
        }

        string? speech = needs.Detector && encoders.Audio is not null
            ? await FetchAsync(
                WeightPackages.Silero, WeightPackages.SileroDetector, "without cutting the sound at pauses", terminal, cancellation)
            : null;
        Bundle models = Bundle.Open(bundle, encoders, options);
        Transcriber? transcriber = null;
        SpeechDetector? detector = null;
        try
        {
            detector = speech is null ? null : SpeechDetector.Load(speech);
            transcriber = needs.Transcriber && encoders.Audio is not null
                ? await OpenTranscriberAsync(terminal, cancellation)
                : null;
            return new Recognizer(models, tools, detector, transcriber);
        }
        catch
        {
            models.Dispose();
            detector?.Dispose();
            transcriber?.Dispose();
            throw;
        }
    }

    /// <summary>Speech recognition alone; null, with a warning, where its vocabulary cannot be had.</summary>
    /// <exception cref="WeightsException">Moonshine's weights cannot be had.</exception>
    public static async Task<Transcriber?> OpenTranscriberAsync(Terminal terminal, CancellationToken cancellation)
    {
        string encoder = (await FetchAsync(
            WeightPackages.Moonshine, WeightPackages.MoonshineEncoder, null, terminal, cancellation))!;
        string? names = await FetchAsync(
            WeightPackages.LlamaTokenizer, WeightPackages.LlamaVocabulary, "without transcribing", terminal, cancellation);
        return names is null ? null : Transcriber.Load(encoder, DecoderBeside(encoder), names);
    }

    // Null where there is a way to go on without.
    private static async Task<string?> FetchAsync(
        NpmPackage package, string file, string? otherwise, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            PackageCache cache = new(PackageCacheOptions.FromEnvironment());
            return Path.Combine(await cache.EnsureAsync(package, new Lines(terminal.Errors), cancellation), file);
        }
        catch (WeightsException exception) when (otherwise is not null)
        {
            terminal.Errors.WriteLine($"warning: going on {otherwise}: {exception.Message}");
            return null;
        }
    }

    private static string DecoderBeside(string encoder) =>
        Path.Combine(Path.GetDirectoryName(encoder)!, Path.GetFileName(WeightPackages.MoonshineDecoder));

    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        public void Report(string value) => writer.WriteLine(value);
    }
}
