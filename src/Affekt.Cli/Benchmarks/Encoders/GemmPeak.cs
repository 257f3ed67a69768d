using System.Diagnostics;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>
/// The most GFLOP/s that large matrix products were seen to reach here, by precision; null where Affekt computes in
/// another one instead.
/// </summary>
internal sealed record GemmPeaks(double Fp32, double? Bf16, double Int8)
{
    private const int Runs = 6;

    // The feed-forward product of BERT-base over 32x64 tokens, and a square one.
    private static readonly (int Rows, int Inputs, int Outputs)[] _shapes = [(2048, 768, 3072), (2048, 2048, 2048)];

    /// <summary>Measures: of libtorch's own product and Affekt's layer the better one, the best of some runs.</summary>
    public static GemmPeaks Measure() => new(
        Peak(Precision.Float32, Dtype.Float32),
        PackedKernels.Available && !PackedKernels.HasBFloat16 ? null : Peak(Precision.BFloat16, Dtype.BFloat16),
        Peak(Precision.Int8, null));

    public double? Of(string precision) => precision switch
    {
        "bf16" => Bf16,
        "int8" => Int8,
        _ => Fp32,
    };

    private static double Peak(Precision precision, Dtype? dtype)
    {
        using GradMode noGrad = GradMode.NoGrad();
        double best = 0;
        foreach ((int rows, int inputs, int outputs) in _shapes)
        {
            using TensorScope scope = new();
            using Linear layer = new(inputs, outputs, bias: false);
            Tensor x = Tensor.Randn(rows, inputs);
            double operations = 2.0 * rows * inputs * outputs;
            if (dtype is { } type)
            {
                Tensor typed = x.To(type), weight = layer.Weight.To(type);
                best = Math.Max(best, operations / Fastest(() => typed.Linear(weight, null)));
            }

            layer.Prepare(precision.ToTorch());
            best = Math.Max(best, operations / Fastest(() => layer.Forward(x)));
        }

        return best / 1e9;
    }

    // In seconds.
    private static double Fastest(Func<Tensor> product)
    {
        double fastest = double.MaxValue;
        for (int run = 0; run < Runs; run++)
        {
            long begin = Stopwatch.GetTimestamp();
            product().Dispose();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        return fastest;
    }
}
