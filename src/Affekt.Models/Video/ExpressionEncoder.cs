using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Video;

/// <summary>Faces to features: the expression network without its last layer, the mean over a face and its mirror image.</summary>
public sealed class ExpressionEncoder : IDisposable
{
    /// <summary>Pixels of a face's side: FER2013's.</summary>
    public const int Side = 48;

    // So many faces go through the network at once: memory stays small, and the speed is that of more.
    private const int FacesAtOnce = 64;

    private readonly Network _network;

    private ExpressionEncoder(Network network) => _network = network;

    /// <summary>Features of a face: 256.</summary>
    public const int Width = 256;

    /// <summary>Loads a network that was trained by a recipe of the task "expression".</summary>
    /// <param name="file">Its weights.</param>
    /// <param name="engine">How it is computed; as usual where null.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static ExpressionEncoder Load(string file, EngineOptions? engine = null)
    {
        using NetworkWeights weights = NetworkWeights.Open(file);
        try
        {
            return new ExpressionEncoder(Network.Open(ExpressionGraph.Build(weights), engine));
        }
        catch (WeightsMismatchException e)
        {
            throw new ModelException(file, null, e.Message, "an expression network", e);
        }
    }

    /// <summary>The features of some faces.</summary>
    /// <param name="faces">Grey values 0 to 255, [n, 48, 48].</param>
    /// <returns>[n, <see cref="Width"/>].</returns>
    public float[] Encode(ReadOnlySpan<float> faces) => Run(faces, "features", Width);

    /// <summary>The expression network's own logits, for a comparison with what is trained on its features.</summary>
    /// <param name="faces">Grey values 0 to 255, [n, 48, 48].</param>
    /// <returns>[n, 7], by label.</returns>
    public float[] Logits(ReadOnlySpan<float> faces) => Run(faces, "logits", Emotions.Count);

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private float[] Run(ReadOnlySpan<float> faces, string output, int width)
    {
        const int Pixels = Side * Side;
        int count = faces.Length / Pixels;
        float[] results = new float[count * width];
        for (int start = 0; start < count; start += FacesAtOnce)
        {
            int taken = Math.Min(FacesAtOnce, count - start);
            using NetworkTensor grey = NetworkTensor.Over(faces.Slice(start * Pixels, taken * Pixels).ToArray(), taken, 1, Side, Side);
            using NetworkOutputs outputs = _network.Run([("faces", grey)], [output]);
            outputs[0].Span<float>().CopyTo(results.AsSpan(start * width));
        }

        return results;
    }
}
