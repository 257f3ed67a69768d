using Affekt.Models.Weights;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Video;

/// <summary>Faces to features: the expression network without its last layer, the mean over a face and its mirror image.</summary>
public sealed class ExpressionEncoder : IDisposable
{
    /// <summary>Pixels of a face's side: FER2013's.</summary>
    public const int Side = 48;

    // So many faces go through the network at once: memory stays small, and the speed is that of more.
    private const int FacesAtOnce = 64;

    private readonly ExpressionNetwork _network;

    private ExpressionEncoder(ExpressionNetwork network) => _network = network;

    /// <summary>Features of a face.</summary>
    public static int Width => ExpressionNetwork.Width;

    /// <summary>Loads a network that was trained by a recipe of the task "expression".</summary>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static ExpressionEncoder Load(string weights)
    {
        ExpressionNetwork network;
        using (Initial.Skipped())
            network = new ExpressionNetwork();
        try
        {
            NetworkState.Load(network, weights);
        }
        catch (StateMismatchException e)
        {
            network.Dispose();
            throw new ModelException(weights, null, e.Message, "an expression network", e);
        }

        network.RequireGrad(false);
        network.Prepare();
        return new ExpressionEncoder(network);
    }

    /// <summary>The features of some faces.</summary>
    /// <param name="faces">Grey values 0 to 255, [n, 48, 48].</param>
    /// <returns>[n, <see cref="Width"/>].</returns>
    public float[] Encode(ReadOnlySpan<float> faces) => Run(faces, features => features, Width);

    /// <summary>The expression network's own logits, for a comparison with what is trained on its features.</summary>
    /// <param name="faces">Grey values 0 to 255, [n, 48, 48].</param>
    /// <returns>[n, 7], by label.</returns>
    public float[] Logits(ReadOnlySpan<float> faces) => Run(faces, _network.Logits, Corpora.Emotions.Count);

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private float[] Run(ReadOnlySpan<float> faces, Func<Tensor, Tensor> finish, int width)
    {
        const int Pixels = Side * Side;
        int count = faces.Length / Pixels;
        float[] results = new float[count * width];
        using GradMode noGrad = GradMode.NoGrad();
        for (int start = 0; start < count; start += FacesAtOnce)
        {
            using TensorScope scope = new();
            int taken = Math.Min(FacesAtOnce, count - start);
            Tensor grey = Tensor.From(faces.Slice(start * Pixels, taken * Pixels), taken, 1, Side, Side);
            Tensor mirrored = Operator.Get("aten::flip").Call(grey, new long[] { 3 });
            Tensor both = _network.Features(Tensor.Concat([grey, mirrored], 0));
            Tensor features = (both.Narrow(0, 0, taken) + both.Narrow(0, taken, taken)) / 2;
            finish(features).ToArray<float>().CopyTo(results, start * width);
        }

        return results;
    }
}
