using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Weights;
using Affekt.Recognition;
using Affekt.Torch.Layers;

namespace Affekt.Cli;

/// <summary>Opens a recogniser, with the audio encoder's weights fetched where they are needed.</summary>
internal static class RecognizerLoader
{
    /// <param name="bundle">The bundle's folder.</param>
    /// <param name="tools">What decodes.</param>
    /// <param name="precision">The encoders' arithmetic.</param>
    /// <param name="needsAudio">Whether there is sound to recognise.</param>
    /// <param name="canDoWithoutAudio">Whether there is something else to go by.</param>
    /// <param name="terminal">Told of a fetch.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="WeightsException">The audio encoder's weights cannot be had, and there is nothing else.</exception>
    public static async Task<Recognizer> OpenAsync(
        string bundle, MediaTools tools, Precision precision, bool needsAudio, bool canDoWithoutAudio, Terminal terminal,
        CancellationToken cancellation)
    {
        // A bundle that is not one is told before anything is fetched for it.
        BundleConfig.Load(Path.Combine(bundle, BundleConfig.FileName));
        string? encoderFile = null;
        if (needsAudio)
        {
            try
            {
                PackageCache cache = new(PackageCacheOptions.FromEnvironment());
                string folder = await cache.EnsureAsync(WeightPackages.Moonshine, new Lines(terminal.Errors), cancellation);
                encoderFile = Path.Combine(folder, WeightPackages.MoonshineEncoder);
            }
            catch (WeightsException exception) when (canDoWithoutAudio)
            {
                terminal.Errors.WriteLine($"warning: going on without sound: {exception.Message}");
            }
        }

        Bundle models = Bundle.Open(bundle, encoderFile, precision);
        try
        {
            return new Recognizer(models, tools);
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }

    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        public void Report(string value) => writer.WriteLine(value);
    }
}
