using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// The states of a frozen network's layers, summed with learned weights, as transformers' use_weighted_layer_sum does: the softmax of one number
/// for each layer, all 0 at first. L layers, D features.
/// </summary>
public sealed class LayerMixture : Module
{
    // Of a feature that is always the same, for which rounding may even give less than 0.
    private const double LeastVariance = 1e-12;

    // Rows whose products are summed at once.
    private const int RowsAtOnce = 256;

    private readonly Tensor _scores_L;
    private readonly Tensor _mean_LD;
    private readonly Tensor _covariance_DLL;

    /// <summary>A mixture in which all layers weigh the same.</summary>
    /// <param name="layers">L.</param>
    /// <param name="width">D.</param>
    public LayerMixture(int layers, int width)
    {
        (Layers, Width) = (layers, width);
        _scores_L = Parameter("scores", Tensor.Zeros(layers));
        _mean_LD = Buffer("mean", Tensor.Zeros(layers, width));
        _covariance_DLL = Buffer("covariance", Tensor.Full(1, width, layers, layers));
    }

    /// <summary>L.</summary>
    public int Layers { get; }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>Each layer's weight, above 0; their sum is 1.</summary>
    public IReadOnlyList<double> Weights
    {
        get
        {
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            return Array.ConvertAll(_scores_L.Softmax(0).ToArray<float>(), weight => (double)weight);
        }
    }

    private Tensor Weights_1L => _scores_L.Softmax(0).Reshape(1, Layers);

    /// <summary>The sums [B, T, D].</summary>
    /// <param name="states">The layers' states side by side, [B, T, L * D].</param>
    public Tensor Forward(Tensor states) =>
        Weights_1L.MatMul(states.Reshape(-1, Layers, Width)).Reshape(states.Shape[0], states.Shape[1], Width);

    /// <summary>
    /// Mean and standard deviation of each feature of the sum, over the rows of <see cref="SetStatistics"/>, with the weights as they are: what
    /// standardizes follows what is learned. 0 and 1 before.
    /// </summary>
    public (Tensor Mean, Tensor Deviation) Statistics()
    {
        Tensor weights_1L = Weights_1L;
        Tensor variance_D = weights_1L.MatMul(_covariance_DLL).MatMul(weights_1L.Transpose(0, 1)).Reshape(Width);
        return (weights_1L.MatMul(_mean_LD).Reshape(Width), (variance_D.Clamp(0, null) + LeastVariance).Sqrt());
    }

    /// <summary>Measures the layers' states, and how they vary together.</summary>
    /// <param name="rows">Rows of states side by side, [L * D] each; at least one.</param>
    public void SetStatistics(IReadOnlyList<float[]> rows)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        double[] sums = new double[Layers * Width];
        foreach (float[] row in rows)
        {
            for (int i = 0; i < sums.Length; i++)
                sums[i] += row[i];
        }

        Tensor mean_LD = Tensor.From<float>(Array.ConvertAll(sums, sum => (float)(sum / rows.Count)), Layers, Width);
        _mean_LD.CopyFrom(mean_LD);
        _covariance_DLL.Fill(0);
        foreach (float[][] some in rows.Chunk(RowsAtOnce))
        {
            using TensorScope step = new();
            Tensor centered_DLN = (Tensor.From<float>(some.SelectMany(row => row).ToArray(), some.Length, Layers, Width) - mean_LD).Permute(2, 1, 0);
            _covariance_DLL.AddScaled(centered_DLN.MatMul(centered_DLN.Transpose(1, 2)), 1.0 / rows.Count);
        }
    }
}
