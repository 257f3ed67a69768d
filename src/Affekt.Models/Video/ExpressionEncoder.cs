using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Video;

/// <summary>
/// Faces to features: the expression network without its last layer, the mean over a face and its mirror image, each in one or more
/// sizes. Who cuts a face otherwise than the network's corpus does gets steadier answers from several.
/// </summary>
public sealed class ExpressionEncoder : IDisposable
{
    /// <summary>Pixels of a face's side: FER2013's.</summary>
    public const int Side = 48;

    // So many faces go through the network at once: memory stays small, and the speed is that of more.
    private const int FacesAtOnce = 64;

    private readonly Network _network;

    private readonly double[] _scales;

    private ExpressionEncoder(Network network, double[] scales)
    {
        _network = network;
        _scales = scales;
    }

    /// <summary>Features of a face: 256.</summary>
    public const int Width = 256;

    /// <summary>Loads a network that was trained by a recipe of the task "expression".</summary>
    /// <param name="file">Its weights.</param>
    /// <param name="engine">How it is computed; as usual where null.</param>
    /// <param name="scales">
    /// The sizes that a face is looked at in, above 0: below 1 it is drawn smaller, and its edge goes on around it; above 1 its middle
    /// fills the picture. As it is where null. Each costs as much as the first.
    /// </param>
    /// <param name="shift">
    /// So many pixels, 0 to <see cref="Bundles.VideoEncoderPart.MostShift"/>, the face moves up and left, and down and right before it is
    /// mirrored; its edges are repeated. A network whose strides make it see a face otherwise a pixel further gets steadier answers at no cost.
    /// </param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static ExpressionEncoder Load(string file, EngineOptions? engine = null, IReadOnlyList<double>? scales = null, int shift = 0)
    {
        using NetworkWeights weights = NetworkWeights.Open(file);
        try
        {
            return new ExpressionEncoder(Network.Open(ExpressionGraph.Build(weights, shift), engine), [.. scales ?? [1]]);
        }
        catch (WeightsMismatchException e)
        {
            throw new ModelException(file, null, e.Message, "an expression network", e);
        }
    }

    /// <summary>The features of some faces.</summary>
    /// <param name="faces">Gray values 0 to 255, [n, 48, 48].</param>
    /// <returns>[n, <see cref="Width"/>].</returns>
    public float[] Encode(ReadOnlySpan<float> faces) => Run(faces, "features", Width);

    /// <summary>The expression network's own logits, for a comparison with what is trained on its features.</summary>
    /// <param name="faces">Gray values 0 to 255, [n, 48, 48].</param>
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
            Span<float> sums = results.AsSpan(start * width, taken * width);
            foreach (double scale in _scales)
            {
                using NetworkTensor gray = NetworkTensor.Over(Scaled(faces.Slice(start * Pixels, taken * Pixels), scale), taken, 1, Side, Side);
                using NetworkOutputs outputs = _network.Run([("faces", gray)], [output]);
                ReadOnlySpan<float> values = outputs[0].Span<float>();
                for (int i = 0; i < sums.Length; i++)
                    sums[i] += values[i] / _scales.Length;
            }
        }

        return results;
    }

    // Bilinear; what lies outside repeats the edge.
    private static float[] Scaled(ReadOnlySpan<float> faces, double scale)
    {
        if (scale == 1)
            return faces.ToArray();
        float[] scaled = new float[faces.Length];
        (int At, float Share)[] places = [.. Enumerable.Range(0, Side).Select(i => Place(i, scale))];
        for (int start = 0; start < faces.Length; start += Side * Side)
        {
            ReadOnlySpan<float> face = faces.Slice(start, Side * Side);
            for (int i = 0; i < Side * Side; i++)
            {
                (int top, float below) = places[i / Side];
                (int left, float right) = places[i % Side];
                int at = (top * Side) + left;
                float upper = face[at] + (right * (face[at + 1] - face[at]));
                float lower = face[at + Side] + (right * (face[at + Side + 1] - face[at + Side]));
                scaled[start + i] = upper + (below * (lower - upper));
            }
        }

        return scaled;
    }

    private static (int At, float Share) Place(int i, double scale)
    {
        double middle = (Side - 1) / 2.0;
        double from = Math.Clamp(middle + ((i - middle) / scale), 0, Side - 1);
        int at = Math.Min((int)from, Side - 2);
        return (at, (float)(from - at));
    }
}
