using Affekt.Media;
using Affekt.Models.Published;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.Published;

/// <summary>Small networks of published families with random weights, and what Hugging Face's transformers gives for them.</summary>
internal static class Zoo
{
    public const double Tolerance = 1e-4;

    public const int Layers = 3;

    public static string Folder(string name) => TestPaths.Shared($"data/fixtures/zoo/{name}");

    /// <summary>What transformers gives: numbers and sizes by name.</summary>
    public static Dictionary<string, PublishedFeatures> Outputs(string name)
    {
        using StateFile file = StateFile.Open(Path.Combine(Folder(name), "io.safetensors"));
        return file.Tensors.Values.ToDictionary(
            stored => stored.Name, stored => new PublishedFeatures(Stored.Floats(stored), [.. stored.Shape]));
    }

    /// <summary>A model of which everything is asked for.</summary>
    public static PublishedModel Open(string name) =>
        PublishedModel.Open(Folder(name), new PublishedOutputs { Classifier = true, States = [.. Enumerable.Range(0, Layers + 1)] });

    public static async Task<float[]> SoundAsync(int clip)
    {
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(
            Path.Combine(Folder("inputs"), $"clip{clip}.wav"), TestContext.Current.CancellationToken);
        return sound.Samples;
    }

    public static Task<Picture> PictureAsync(int face) => MediaTools.Find().ReadPictureAsync(
        Path.Combine(Folder("inputs"), $"face{face}.png"), TestContext.Current.CancellationToken);

    /// <summary>Compares a result with the same named output, of which the first dimension is the batch.</summary>
    public static void Close(PublishedFeatures expected, PublishedFeatures found, string what)
    {
        Assert.Equal(expected.Shape.Skip(1), found.Shape);
        Stored.Close(expected.Values, found.Values, Tolerance, what);
    }
}
