using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Hub;
using Affekt.Models.Packages;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Bundles;

/// <summary>
/// Writes a bundle's networks as plain ONNX, for programs without Affekt: the files with their weights beside them, the text encoder's
/// tokenizer, the bundle's configuration and card, and a README.md that tells inputs, outputs and how probabilities are made of them.
/// </summary>
public static class BundleExport
{
    /// <summary>The file that tells what the networks read and give.</summary>
    public const string ReadmeName = "README.md";

    private const string CardName = "card.md";

    /// <summary>
    /// Exports a bundle. The folder is complete and can be moved. An audio encoder other than Moonshine is left out, which the readme says.
    /// </summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="target">A folder that is empty or not there yet; where the export fails, it stays or becomes empty.</param>
    /// <param name="progress">Told of a fetch.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    /// <exception cref="ModelException">
    /// The folder is no bundle or one of published classifiers, a file in it is not what it should be, or something is in the target.
    /// </exception>
    /// <exception cref="WeightsException">Moonshine's weights are unavailable.</exception>
    /// <exception cref="HubException">The text encoder's weights are unavailable.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static async Task WriteAsync(string folder, string target, IProgress<string>? progress, CancellationToken cancellation)
    {
        string file = Path.Combine(folder, BundleConfig.FileName);
        BundleConfig config = BundleConfig.Load(file);
        if (config.Published is not null)
            throw new ModelException(file, "published", "published classifiers", "networks of the bundle's own");
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new ModelException(target, null, "something there already", "a folder that is empty or not there yet");
        bool hears = config.AudioEncoder.Kind == AudioEncoderPart.MoonshineTiny;
        EncoderLocations locations = await EncoderLocations.FindAsync(folder, config, hears, video: false, progress, cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(target);
        try
        {
            Write(folder, config, locations.Audio, target);
        }
        catch (Exception e)
        {
            foreach (FileSystemInfo entry in new DirectoryInfo(target).EnumerateFileSystemInfos())
            {
                if (entry is DirectoryInfo below)
                    below.Delete(recursive: true);
                else
                    entry.Delete();
            }

            if (e is StateFileException or WeightsMismatchException)
                throw new ModelException(folder, null, e.Message, "a bundle", e);
            throw;
        }
    }

    private static void Write(string folder, BundleConfig config, string? moonshine, string target)
    {
        string text = BundleEncoders.TextFolder(folder, config.TextEncoder);
        TextNetworkConfig sizes = TextNetworkConfig.Load(Path.Combine(text, "config.json"));
        using (NetworkWeights weights = PublishedFolder.Open(text, name => TextGraph.Rename(sizes.ModelType, name)))
            TextGraph.Build(sizes, weights, new TextOutputs { Mix = config.TextEncoder.LayerWeights }).Export(At(ExportReadme.TextEncoder));
        if (moonshine is not null)
            MoonshineGraphs.ExportFirstLayers(moonshine, MoonshineEncoder.Layers, At(ExportReadme.AudioEncoder));
        Branch(config.AudioText.Weights, ExportReadme.AudioText, weights => AudioTextGraph.Build(config.AudioText.Network, weights));
        if (config.Sound is { } sound)
            Branch(sound.Weights, ExportReadme.Sound, weights => SoundGraph.Build(sound.Network, weights));
        if (config is { VideoEncoder: { } frames, Video: { } video })
        {
            if (frames.Kind == VideoEncoderPart.Mc3)
                Branch(frames.Weights, ExportReadme.Mc3, Mc3);
            else if (frames.Kind == VideoEncoderPart.Face)
                Branch(frames.Weights, ExportReadme.Expression, weights => ExpressionGraph.Build(weights, frames.Shift));
            Branch(video.Weights, ExportReadme.Video, weights => VideoGraph.Build(video.Network, weights));
        }

        CopyTokenizer(text, Directory.CreateDirectory(Path.Combine(target, ExportReadme.Tokenizer)).FullName);
        foreach (string name in new[] { BundleConfig.FileName, CardName }.Where(name => File.Exists(Path.Combine(folder, name))))
            File.Copy(Path.Combine(folder, name), Path.Combine(target, name));
        using NetworkWeights branch = NetworkWeights.Open(Path.Combine(folder, config.AudioText.Weights));
        string readme = ExportReadme.Of(target, config, branch.Floats(AudioTextNetwork.Trust, 1)[0]);
        File.WriteAllText(Path.Combine(target, ReadmeName), readme);

        string At(string network) => Path.Combine(target, network + ExportReadme.Extension);

        void Branch(string from, string network, Func<NetworkWeights, NetworkGraph> build)
        {
            using NetworkWeights weights = NetworkWeights.Open(Path.Combine(folder, from));
            build(weights).Export(At(network));
        }
    }

    private static NetworkGraph Mc3(NetworkWeights weights) =>
        Mc3Graph.Build(Mc3Encoder.StemWidth(weights.Find(Mc3Encoder.StemWeight), weights.Path), weights);

    // What the text encoder's folder has beside its weights.
    private static void CopyTokenizer(string text, string target)
    {
        foreach (string name in BundleEncoders.TextFiles(text).Except(PublishedFolder.WeightFiles(text)))
            File.Copy(Path.Combine(text, name), Path.Combine(target, name));
    }
}
