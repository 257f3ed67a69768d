using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests;

/// <summary>The native part's own kernels against libtorch's operators, in every precision and at odd sizes.</summary>
public sealed class PackedLayerTests : IDisposable
{
    private const double Tolerance = 2e-5;

    private readonly GradMode _noGrad;
    private readonly TensorScope _scope;

    public PackedLayerTests()
    {
        // First: what is skipped here is not disposed of, and the thread's next test would have no gradients.
        Assert.SkipUnless(PackedKernels.Available, "this processor has no AVX-512 VNNI");
        (_noGrad, _scope) = (GradMode.NoGrad(), new TensorScope());
        TorchRuntime.ManualSeed(7);
    }

    public void Dispose()
    {
        TorchRuntime.Threads = 1;
        _scope.Dispose();
        _noGrad.Dispose();
    }

    [Fact]
    public void They_multiply_in_bfloat16_where_the_processor_does_or_it_is_emulated() => Assert.Equal(
        EmulatedBFloat16.IsOn || File.ReadAllText("/proc/cpuinfo").Contains("avx512_bf16", StringComparison.Ordinal),
        PackedKernels.HasBFloat16);

    [Theory]
    [InlineData(Precision.Float32, 1e-5)]
    [InlineData(Precision.BFloat16, 0.015)] // two roundings to 8 bits in each of 768 products: 6 standard deviations
    [InlineData(Precision.Int8, 0.06)]
    public void A_product_with_its_activation_is_libtorchs_at_any_size(Precision precision, double tolerance)
    {
        // No rows, few, as many as a tile has and more, enough to lie side by side, and more than do; steps and panels filled
        // and not. Two threads take the panels as they come.
        foreach ((int threads, long rows, long inputs, long outputs) in (ReadOnlySpan<(int, long, long, long)>)
            [
                (1, 0, 8, 5), (1, 1, 7, 5), (1, 3, 65, 33), (1, 14, 64, 32), (1, 15, 130, 97), (1, 45, 67, 31), (1, 61, 768, 40),
                (2, 3, 65, 333), (2, 45, 768, 1000), (2, 200, 768, 97),
            ])
        {
            TorchRuntime.Threads = threads;
            Tensor x = Tensor.Randn(rows, inputs), bias = Tensor.Randn(outputs);
            Tensor weight = Tensor.Randn(outputs, inputs) * (1 / Math.Sqrt(inputs));
            Tensor product = x.Linear(weight, bias);
            Tensor[] expected = [product, product.Relu(), product.Gelu(), product.Tanh()];
            using TorchObject packed = Operator.Get("affekt::linear_pack").CallForObject(weight, bias, (int)precision);
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                Tensor y = Operator.Get("affekt::linear").Call(x, packed, (int)activation);
                AssertClose(expected[(int)activation], y, tolerance, $"{rows}x{inputs}x{outputs} {activation}, {threads} threads");
            }
        }
    }

    [Fact]
    public void A_row_of_zeros_and_a_row_of_one_value_have_their_exact_products_in_int8()
    {
        Tensor x = Tensor.Concat([Tensor.Zeros(1, 12), Tensor.Full(3, 1, 12), Tensor.Full(-2, 1, 12)], 0);
        using TorchObject packed = Operator.Get("affekt::linear_pack")
            .CallForObject(Tensor.Full(0.5, 2, 12), Tensor.Zeros(2), (int)Precision.Int8);
        float[] y = Operator.Get("affekt::linear").Call(x, packed, (int)Activation.None).ToArray<float>();
        Assert.Equal([0, 0, 18, 18, -12, -12], y, (expected, found) => Math.Abs(expected - found) < 1e-4);
    }

    [Fact]
    public void Rows_of_another_width_are_refused()
    {
        using TorchObject packed = Operator.Get("affekt::linear_pack").CallForObject(Tensor.Zeros(2, 12), Tensor.Empty(0), 0);
        TorchException e = Assert.Throws<TorchException>(() => Operator.Get("affekt::linear").Call(Tensor.Zeros(3, 11), packed, 0));
        Assert.Contains("[3, 11]", e.Message, StringComparison.Ordinal);
        Assert.Contains("12", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query's bias", "[40] found, expected [48]")]
    [InlineData("attention's norm", "[47] found, expected [48]")]
    [InlineData("output's norm", "[1] found, expected [48]")]
    [InlineData("first norm", "[30]")]
    [InlineData("positions", "[48, 12, 3]")]
    [InlineData("turned features", "13 features")]
    public void Weights_shorter_than_the_network_reads_are_refused(string wrong, string found)
    {
        TransformerLayerWeights layer = NewLayer(48, 80);
        Tensor none = Tensor.Empty(0);
        Tensor[] tensors =
        [
            layer.Query.Weight, wrong == "query's bias" ? Tensor.Zeros(40) : layer.Key.Bias!, layer.Key.Weight, layer.Key.Bias!,
            layer.Value.Weight, layer.Value.Bias!, layer.Attended.Weight, layer.Attended.Bias!,
            wrong == "attention's norm" ? Tensor.Zeros(47) : layer.AttentionNorm.Weight, none, layer.Up.Weight, layer.Up.Bias!,
            layer.Down.Weight, layer.Down.Bias!, wrong == "output's norm" ? Tensor.Zeros(1) : layer.OutputNorm.Weight, none,
        ];
        Tensor[] front =
        [
            none, none, none, none, wrong == "positions" ? Tensor.Zeros(48, 12, 3) : none, wrong == "positions" ? Tensor.Zeros(48) : none,
            wrong == "first norm" ? Tensor.Zeros(30) : none, none,
        ];
        TorchException e = Assert.Throws<TorchException>(() => Operator.Get("affekt::transformer_pack").CallForObject(
            0, 4, 1e-5, false, (int)Activation.Gelu, wrong == "turned features" ? 13 : 0, 1, (int)Activation.None, tensors, front));
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Convolutions_whose_norm_is_shorter_than_their_outputs_are_refused()
    {
        Tensor[] weights = [Tensor.Zeros(8, 1, 10), Tensor.Zeros(8, 8, 3)], biases = [Tensor.Zeros(8), Tensor.Zeros(8)];
        foreach (Tensor[] norms in (Tensor[][])[[Tensor.Zeros(8), Tensor.Zeros(5)], [Tensor.Zeros(2), Tensor.Zeros(8)]])
        {
            Assert.Throws<TorchException>(() => Operator.Get("affekt::convolutions_pack").CallForObject(
                0, (long[])[5, 2], 1e-5, false, (int)Activation.Gelu, weights, biases, norms, norms));
        }

        Assert.Throws<TorchException>(() => Operator.Get("affekt::convolutions_pack").CallForObject(
            0, (long[])[5, 2], 1e-5, true, (int)Activation.Gelu, weights, biases, (Tensor[])[Tensor.Empty(0), Tensor.Empty(0)],
            (Tensor[])[Tensor.Empty(0), Tensor.Empty(0)]));
    }

    [Theory]
    [InlineData(48, 4, 80, false, true)]
    [InlineData(30, 2, 34, true, true)]
    [InlineData(36, 1, 50, false, false)]
    [InlineData(128, 2, 256, true, true)]
    [InlineData(40, 2, 2000, false, true)] // so long that the second product is taken in parts
    public void A_transformer_layer_is_libtorchs(long width, long heads, long inner, bool normFirst, bool gelu)
    {
        TransformerLayerWeights layer = NewLayer(width, inner);
        TransformerWeights parts = new()
        {
            Heads = heads,
            Epsilon = 1e-5,
            NormFirst = normFirst,
            Activation = gelu ? Activation.Gelu : Activation.Relu,
            Layers = [layer],
        };
        foreach (long length in (long[])[1, 3, 33, 70])
        {
            Tensor x = Tensor.Randn(1, length, width);
            Tensor expected = Operator.Get("aten::_transformer_encoder_layer_fwd").Call(
                x, width, heads, Tensor.Concat([layer.Query.Weight, layer.Key.Weight, layer.Value.Weight], 0),
                Tensor.Concat([layer.Query.Bias!, layer.Key.Bias!, layer.Value.Bias!], 0), layer.Attended.Weight, layer.Attended.Bias,
                gelu, normFirst, 1e-5, layer.AttentionNorm.Weight, layer.AttentionNorm.Bias, layer.OutputNorm.Weight,
                layer.OutputNorm.Bias, layer.Up.Weight, layer.Up.Bias, layer.Down.Weight, layer.Down.Bias, default, default).Squeeze(0);
            foreach ((Precision precision, double tolerance) in (ReadOnlySpan<(Precision, double)>)
                [(Precision.Float32, Tolerance), (Precision.BFloat16, 0.06), (Precision.Int8, 0.12)])
            {
                using PackedTransformer packed = new(parts, precision);
                AssertClose(expected, packed.Forward(x.Squeeze(0), [0], [length]), tolerance, $"{length} rows, {precision}");
            }
        }
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Int8)]
    public void A_sequence_gives_the_same_bits_alone_among_others_and_with_any_number_of_threads(Precision precision)
    {
        TransformerWeights parts = new()
        {
            Heads = 3,
            Epsilon = 1e-5,
            Layers = [NewLayer(48, 1600), NewLayer(48, 1600)],
            Positions = new(Tensor.Randn(48, 12, 8) * 0.1, Tensor.Randn(48), 4, Activation.Gelu),
        };
        using PackedTransformer packed = new(parts, precision);

        // Threads take sequences for themselves, share the columns of each product, and share its rows.
        foreach (long[] lengths in (long[][])[[130, 1, 150, 3, 14, 120], [5, 2, 9], [300, 3]])
        {
            long[] starts = [.. lengths.Select((_, i) => lengths.Take(i).Sum() + i)];
            Tensor x = Tensor.Randn(starts[^1] + lengths[^1] + 2, 48);
            TorchRuntime.Threads = 1;
            float[][] alone =
            [
                .. starts.Zip(lengths, (start, length) => packed.Forward(x.Narrow(0, start, length), [0], [length]).ToArray<float>()),
            ];
            // Again and again: threads that share sequences get in one another's way only sometimes.
            foreach (int threads in (int[])[1, .. Enumerable.Repeat(2, 50), .. Enumerable.Repeat(3, 50)])
            {
                using TensorScope run = new();
                TorchRuntime.Threads = threads;
                Tensor[] every = packed.ForwardEvery(x, starts, lengths);
                Assert.Equal(2, every.Length);
                for (int i = 0; i < lengths.Length; i++)
                    Assert.Equal(alone[i], every[1].Narrow(0, starts[i], lengths[i]).ToArray<float>());
                Assert.All(every[1].Narrow(0, starts[1] - 1, 1).ToArray<float>(), value => Assert.Equal(0, value));
            }
        }
    }

    [Fact]
    public void Sequences_beyond_the_rows_are_refused()
    {
        using PackedTransformer packed = new(new() { Heads = 1, Epsilon = 1e-5, Layers = [NewLayer(8, 8)] }, Precision.Float32);
        Assert.Throws<TorchException>(() => packed.Forward(Tensor.Zeros(4, 8), [2], [3]));
        Assert.Throws<TorchException>(() => packed.Forward(Tensor.Zeros(4, 8), [-1], [3]));
        Assert.Throws<TorchException>(() => packed.Forward(Tensor.Zeros(4, 9), [0], [4]));
    }

    [Fact]
    public void Layers_of_different_sizes_are_refused()
    {
        TransformerWeights parts = new() { Heads = 1, Epsilon = 1e-5, Layers = [NewLayer(8, 8), NewLayer(8, 16)] };
        TorchException e = Assert.Throws<TorchException>(() => new PackedTransformer(parts, Precision.Float32));
        Assert.Contains("inner width 8", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_with_a_gap_is_refused_and_padding_behind_is_counted()
    {
        (long[] starts, long[] lengths) = PackedTransformer.Sequences(3, 2, Tensor.From<float>([1, 0, 1, 1, 0, 0], 3, 2));
        Assert.Equal([0, 2, 4], starts);
        Assert.Equal([1, 2, 0], lengths);
        Assert.Throws<ArgumentException>(() => PackedTransformer.Sequences(1, 3, Tensor.From<float>([1, 0, 1], 1, 3)));
    }

    [Theory]
    [InlineData(24, false, Precision.Float32, Tolerance)]
    [InlineData(24, true, Precision.Float32, Tolerance)]
    [InlineData(72, false, Precision.Float32, Tolerance)] // wide enough that outputs go by pairs
    [InlineData(72, true, Precision.Float32, Tolerance)]
    [InlineData(24, false, Precision.BFloat16, 0.05)]
    [InlineData(24, true, Precision.BFloat16, 0.1)]
    public void Convolutions_over_sound_with_their_norms_are_libtorchs(
        long channels, bool frameNorms, Precision precision, double tolerance)
    {
        using Convolution first = new(1, channels, [10], stride: [5], bias: frameNorms);
        using Convolution second = new(channels, 40, [3], stride: [2], bias: frameNorms);
        using GroupNorm soundNorm = new((int)channels, channels);
        using LayerNorm firstNorm = new(channels), secondNorm = new(40);
        foreach (Module norm in (Module[])[soundNorm, firstNorm, secondNorm])
        {
            foreach ((_, Tensor parameter) in norm.NamedParameters())
                parameter.Uniform(0.5, 1.5);
        }

        using PackedConvolutions packed = new(
            [new(first, frameNorms ? firstNorm : null), new(second, frameNorms ? secondNorm : null)],
            frameNorms ? null : soundNorm, Activation.Gelu, 1e-5, precision);

        // One frame, a sample too few for the next one, and enough for several blocks.
        foreach (long samples in (long[])[20, 29, 30, 1777, 1787])
        {
            Tensor sound = (Tensor.Randn(samples) * 0.3) + 0.1;
            Tensor y = first.Forward(sound.Reshape(1, 1, samples));
            y = (frameNorms ? firstNorm.Forward(y.Transpose(1, 2)).Transpose(1, 2) : soundNorm.Forward(y)).Gelu();
            y = second.Forward(y).Transpose(1, 2);
            Tensor expected = (frameNorms ? secondNorm.Forward(y) : y).Gelu().Squeeze(0);
            Tensor found = packed.Forward(sound);
            AssertClose(expected, found, tolerance, $"{samples} samples");
            foreach (int threads in (int[])[2, 3])
            {
                TorchRuntime.Threads = threads;
                Assert.Equal(found.ToArray<float>(), packed.Forward(sound).ToArray<float>());
            }

            TorchRuntime.Threads = 1;
        }

        Assert.Throws<TorchException>(() => packed.Forward(Tensor.Zeros(19)));
    }

    private static TransformerLayerWeights NewLayer(long width, long inner)
    {
        LayerNorm NewNorm()
        {
            LayerNorm norm = new(width);
            norm.Weight.Uniform(0.5, 1.5);
            norm.Bias.Uniform(-0.5, 0.5);
            return norm;
        }

        return new(
            new(width, width), new(width, width), new(width, width), new(width, width), NewNorm(),
            new(width, inner), new(inner, width), NewNorm());
    }

    private static void AssertClose(Tensor expected, Tensor found, double tolerance, string what)
    {
        Assert.Equal(expected.Shape, found.Shape);
        float[] wanted = expected.ToArray<float>(), given = found.ToArray<float>();
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - given[i]) <= tolerance, $"{what}, element {i}: expected {wanted[i]}, found {given[i]}");
    }
}
