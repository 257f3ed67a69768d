using Affekt.Models.Weights;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Video;

/// <summary>The pictures of an utterance to MC3-18's features, one vector for each; frozen. It looks for no faces.</summary>
public sealed class Mc3Encoder : IFrameEncoder
{
    /// <summary>Width and height of a picture in the paper-grade configuration, in pixels.</summary>
    public const int PaperSide = 224;

    /// <summary>Pictures of an utterance in the paper-grade configuration.</summary>
    public const int PaperFrames = 8;

    private Mc3Encoder(Mc3Trunk network, FrameRequest frames)
    {
        Network = network;
        Frames = frames;
    }

    /// <summary>The network, prepared for use.</summary>
    public Mc3Trunk Network { get; }

    /// <inheritdoc/>
    public int Width => Network.Width;

    /// <inheritdoc/>
    public FrameRequest Frames { get; }

    /// <summary>Loads torchvision's state file of mc3_18 (.pth) as it is published, or a trunk that Affekt trained.</summary>
    /// <param name="file">The state file.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <param name="side">Width and height of the pictures, in pixels.</param>
    /// <param name="device">Where it computes; the processor where null.</param>
    /// <exception cref="ModelException">The file is missing, cannot be read, or is no MC3 network.</exception>
    public static Mc3Encoder Load(string file, Precision precision = Precision.Float32, int side = PaperSide, Device? device = null)
    {
        Mc3Trunk network = LoadNetwork(file, out _);
        network.RequireGrad(false);
        network.To(device ?? Device.Cpu);
        network.Prepare(precision);
        return new Mc3Encoder(network, new FrameRequest(PaperFrames, side, Whole: false));
    }

    /// <summary>Loads the network alone, to train it further.</summary>
    /// <param name="file">The state file.</param>
    /// <param name="unused">Stored tensors that the network has no place for, sorted: fc.bias and fc.weight of torchvision's.</param>
    /// <exception cref="ModelException">The file is missing, cannot be read, or is no MC3 network.</exception>
    public static Mc3Trunk LoadNetwork(string file, out IReadOnlyList<string> unused)
    {
        Mc3Trunk? network = null;
        try
        {
            using StateFile state = StateFile.Open(file);
            using (Initial.Skipped())
                network = new Mc3Trunk(StemWidth(state));
            unused = NetworkState.Load(network, state);
            return network;
        }
        catch (Exception e) when (e is StateFileException or StateMismatchException)
        {
            network?.Dispose();
            throw new ModelException(file, null, e.Message, "the weights of an MC3 network", e);
        }
    }

    /// <inheritdoc/>
    public FrameFeatures Encode(VideoFrames frames)
    {
        if (frames.Count == 0)
            return FrameFeatures.Unusable(0, "there is no picture");
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        float[] values = Network.Forward(KineticsPixels.Normalize(frames).To(Network.Device)).ToArray<float>();
        return new FrameFeatures(values, [.. Enumerable.Repeat(true, frames.Count)], null, []);
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private static int StemWidth(StateFile state) =>
        state.Tensors.TryGetValue("stem.0.weight", out StoredTensor? stem) && stem.Shape is [> 0 and <= 1024, 3, 3, 7, 7]
            ? (int)stem.Shape[0]
            : throw new ModelException(
                state.Path, "stem.0.weight", stem is null ? "nothing" : $"[{string.Join(", ", stem.Shape)}]", "[channels, 3, 3, 7, 7]");
}
