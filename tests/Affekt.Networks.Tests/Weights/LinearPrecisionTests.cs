using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Weights;

/// <summary>The precisions that encoders run in.</summary>
[Collection(nameof(Alone))]
public sealed class LinearPrecisionTests
{
    [Theory]
    [InlineData(Precision.BFloat16, 0.9999, true)]
    [InlineData(Precision.BFloat16, 0.9999, false)]
    [InlineData(Precision.Int8, 0.9995, true)]
    [InlineData(Precision.Int8, 0.9995, false)]
    public void A_lower_precision_is_close_and_single_precision_comes_back_exactly(Precision precision, double least, bool bias)
    {
        SkipWithoutKernels(precision);
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        TorchRuntime.ManualSeed(3);
        using Linear layer = new(96, 40, bias);
        Tensor x = Tensor.Randn(2, 9, 96);
        Tensor exact = layer.Forward(x);
        layer.Prepare(precision.ToTorch());
        Tensor low = layer.Forward(x);
        Assert.Equal(Dtype.Float32, low.Dtype);
        Assert.Equal(exact.Shape, low.Shape);
        Assert.NotEqual(exact.ToArray<float>(), low.ToArray<float>());
        Assert.InRange(Stored.Cosine(exact, low), least, 1.0001);
        layer.Prepare(Precision.Float32.ToTorch());
        Assert.Equal(exact.ToArray<float>(), layer.Forward(x).ToArray<float>());
    }

    [Fact]
    public void A_row_of_zeros_stays_zero_in_int8()
    {
        SkipWithoutKernels(Precision.Int8);
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using Linear layer = new(16, 2, bias: false);
        layer.Weight.Narrow(0, 1, 1).Fill(0);
        layer.Prepare(Precision.Int8.ToTorch());
        float[] y = layer.Forward(Tensor.Full(1, 1, 16)).ToArray<float>();
        Assert.NotEqual(0, y[0]);
        Assert.Equal(0, y[1]);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Int8)]
    public void Disposing_of_a_layer_frees_all_that_it_made(Precision precision)
    {
        SkipWithoutKernels(precision);
        long before = Alone.SettledTensors();
        Linear layer = new(8, 8);
        layer.Prepare(precision.ToTorch());
        Assert.True(TorchRuntime.LiveTensors > before);
        layer.Dispose();
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static void SkipWithoutKernels(Precision precision) =>
        Assert.SkipWhen(precision == Precision.Int8 && !PackedKernels.Available, "this processor has no AVX-512 VNNI");
}
