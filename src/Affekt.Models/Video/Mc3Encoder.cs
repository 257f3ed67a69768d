using System.Runtime.InteropServices;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Video;

/// <summary>The pictures of an utterance to MC3-18's features, one vector for each; frozen. It looks for no faces.</summary>
public sealed class Mc3Encoder : GraphNetwork<long>, IFrameEncoder
{
    /// <summary>Width and height of a picture in the paper-grade configuration, in pixels.</summary>
    public const int PaperSide = 224;

    /// <summary>Pictures of an utterance in the paper-grade configuration.</summary>
    public const int PaperFrames = 8;

    /// <summary>The tensor that tells how wide a network is.</summary>
    internal const string StemWeight = "stem.0.weight";

    private Mc3Encoder(long stemWidth, NetworkWeights weights, Network network, int side)
        : base(stemWidth, weights, [], network) => Frames = new FrameRequest(PaperFrames, side, Whole: false);

    /// <inheritdoc/>
    public int Width => 8 * (int)Config;

    /// <inheritdoc/>
    public FrameRequest Frames { get; }

    /// <summary>Loads torchvision's state file of mc3_18 (.pth) as it is published, or a trunk that Affekt trained.</summary>
    /// <param name="file">The state file.</param>
    /// <param name="side">Width and height of the pictures, in pixels.</param>
    /// <param name="options">How it is computed.</param>
    /// <exception cref="ModelException">The file is missing, cannot be read, or is no MC3 network.</exception>
    public static Mc3Encoder Load(string file, int side = PaperSide, EngineOptions? options = null)
    {
        try
        {
            using NetworkWeights weights = NetworkWeights.Open(file);
            long stemWidth = StemWidth(weights.Find(StemWeight), file);
            return new Mc3Encoder(stemWidth, weights, Network.Open(Mc3Graph.Build(stemWidth, weights), options), side);
        }
        catch (Exception e) when (e is StateFileException or WeightsMismatchException)
        {
            throw new ModelException(file, null, e.Message, "the weights of an MC3 network", e);
        }
    }

    /// <inheritdoc/>
    public FrameFeatures Encode(VideoFrames frames)
    {
        if (frames.Count == 0)
            return FrameFeatures.Unusable(0, "there is no picture");
        using NetworkTensor pixels = NetworkTensor.Over(
            MemoryMarshal.AsMemory(frames.Rgb), frames.Count, frames.Height, frames.Width, 3);
        using NetworkOutputs outputs = Network.Run((Mc3Graph.Pixels, pixels));
        return new FrameFeatures(outputs[0].ToArray<float>(), [.. Enumerable.Repeat(true, frames.Count)], null, []);
    }

    /// <summary>Channels of the stem.</summary>
    /// <exception cref="ModelException">It is no MC3 network's stem.</exception>
    internal static long StemWidth(StoredTensor? stem, string file) => stem?.Shape is [> 0 and <= 1024, 3, 3, 7, 7]
        ? stem.Shape[0]
        : throw new ModelException(
            file, StemWeight, stem is null ? "nothing" : $"[{string.Join(", ", stem.Shape)}]", "[channels, 3, 3, 7, 7]");
}

/// <summary>
/// Pixels as torchvision's video networks were trained to see them on Kinetics-400: mean and standard deviation of red, green and blue in
/// [0, 1], of MC3_18_Weights.KINETICS400_V1.transforms.
/// </summary>
internal static class KineticsPixels
{
    public static ReadOnlySpan<float> Mean => [0.43216f, 0.394666f, 0.37645f];

    public static ReadOnlySpan<float> Deviation => [0.22803f, 0.22145f, 0.216989f];
}
