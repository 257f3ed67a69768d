using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;
using Affekt.Torch.Training;

namespace Affekt.Tests;

/// <summary>What holds for a device beside the processor, tried on one that needs no hardware.</summary>
public sealed class FakeDeviceTests : IDisposable
{
    // Each from x [4, 6] and a way to bring further tensors to x's device.
    private static readonly Dictionary<string, Func<Tensor, Func<Tensor, Tensor>, Tensor>> _computations = new()
    {
        ["linear"] = (x, to) => x.Linear(to(Numbers(5, 6)), to(Numbers(5))),
        ["linear in bfloat16"] = (x, to) =>
            x.To(Dtype.BFloat16).Linear(to(Numbers(5, 6)).To(Dtype.BFloat16), to(Numbers(5).To(Dtype.BFloat16))).To(Dtype.Float32),
        ["matmul"] = (x, to) => x.Reshape(2, 2, 6).MatMul(to(Numbers(2, 6, 3))),
        ["matmul in bfloat16"] = (x, to) =>
            x.To(Dtype.BFloat16).MatMul(to(Numbers(6, 3)).To(Dtype.BFloat16)).To(Dtype.Float32),
        ["softmax"] = (x, _) => x.Softmax(1) * x,
        ["log_softmax"] = (x, _) => Operator.Get("aten::log_softmax.int").Call(x, 0L, default),
        ["gelu"] = (x, _) => x.Gelu(),
        ["silu"] = (x, _) => Operator.Get("aten::silu").Call(x),
        ["relu in place"] = (x, _) =>
        {
            Tensor y = x * 2;
            y.RectifyInPlace();
            return y;
        },
        ["sigmoid, tanh, exp, log, sqrt"] = (x, _) => (x.Sigmoid().Log() + x.Tanh().Exp()).Clamp(0.1, 2).Sqrt(),
        ["clamp"] = (x, _) => x.Clamp(-0.5, 0.5) * x,
        ["layer_norm"] = (x, to) => x.LayerNorm([6], to(Numbers(6)), to(Numbers(6)), 1e-5),
        ["batch_norm"] = (x, to) => Operator.Get("aten::batch_norm").Call(
            x, to(Numbers(6)), to(Numbers(6)), to(Tensor.Zeros(6)), to(Tensor.Full(1, 6)), true, 0.1, 1e-5, false),
        ["group_norm"] = (x, to) =>
            Operator.Get("aten::group_norm").Call(x.Reshape(1, 4, 6), 2, to(Numbers(4)), to(Numbers(4)), 1e-5, false),
        ["conv1d"] = (x, to) => Convolve("aten::conv1d", x.Reshape(1, 2, 12), to(Numbers(3, 2, 3)), to(Numbers(3))),
        ["conv2d"] = (x, to) => Convolve("aten::conv2d", x.Reshape(1, 2, 3, 4), to(Numbers(3, 2, 2, 2)), to(Numbers(3))),
        ["conv3d"] = (x, to) => Convolve("aten::conv3d", x.Reshape(1, 2, 2, 2, 3), to(Numbers(3, 2, 2, 2, 2)), null),
        ["max_pool2d"] = (x, _) => Operator.Get("aten::max_pool2d").Call(
            x.Reshape(1, 1, 4, 6), new long[] { 2, 2 }, new long[] { 2, 2 }, new long[] { 0, 0 }, new long[] { 1, 1 }, false),
        ["upsample_bilinear2d"] = (x, _) => Operator.Get("aten::upsample_bilinear2d").Call(
            x.Reshape(1, 1, 4, 6), new long[] { 8, 9 }, false, default, default),
        ["embedding"] = (x, to) => x.Embedding(to(Tensor.From<long>([3, 0, 3], 3))),
        ["index_select"] = (x, to) => x.IndexSelect(1, to(Tensor.From<long>([5, 1, 1], 3))),
        ["cat and stack"] = (x, to) => Tensor.Stack([Tensor.Concat([x, to(Numbers(4, 6)), x], 0).Sum(0), x.Select(0, 2)], 1),
        ["views"] = (x, _) => x.Transpose(0, 1).Narrow(0, 1, 4).Unsqueeze(0).Expand(3, 4, 4).Permute(1, 0, 2).Reshape(12, 4),
        ["flip and pad"] = (x, _) => Operator.Get("aten::constant_pad_nd").Call(
            Operator.Get("aten::flip").Call(x, new long[] { 1 }), new long[] { 1, 2 }, 0.5),
        ["masked_fill"] = (x, to) => x.MaskedFill(to(Numbers(4, 6).Clamp(0, 1).EqualTo(0)), -1),
        ["mean and variance"] = (x, _) => x.Mean(1) + x.Variance(1),
        ["linalg_vector_norm"] = (x, _) => x.Norm(),
        ["dropout of nothing"] = (x, _) => x.Dropout(0, true),
        ["cross_entropy with class weights"] = (x, to) =>
            x.CrossEntropy(to(Tensor.From<long>([1, 5, 0, 2], 4)), to(Numbers(6).Exp()), 0.1),
        ["a single number from the processor"] = (x, _) => x * Tensor.From<float>([3]),
        ["lstm"] = (x, to) => Operator.Get("aten::lstm.input").CallMany(
            x.Reshape(2, 2, 6),
            new[] { to(Numbers(1, 2, 3)), to(Numbers(1, 2, 3)) },
            new[] { to(Numbers(12, 6)), to(Numbers(12, 3)), to(Numbers(12)), to(Numbers(12)) },
            true, 1, 0.0, true, false, true)[0],
    };

    private static readonly Dictionary<string, Action<Tensor, Tensor>> _mixtures = new()
    {
        ["add"] = (here, there) => _ = here + there,
        ["add_"] = (here, there) => there.AddScaled(here, 1),
        ["written where the processor is"] = (here, there) => here.AddScaled(there, 1),
        ["a single number written where the processor is"] = (here, there) => here.Sum().AddScaled(there.Sum(), 1),
        ["matmul"] = (here, there) => there.MatMul(here),
        ["cat"] = (here, there) => Tensor.Concat([there, here], 0),
        ["layer_norm"] = (here, there) => there.LayerNorm([2], here.Select(0, 0), null, 1e-5),
        ["embedding"] = (_, there) => there.Embedding(Tensor.From<long>([0, 1], 2)),
        ["index_select"] = (_, there) => there.IndexSelect(0, Tensor.From<long>([0], 1)),
        ["targets"] = (_, there) => there.CrossEntropy(Tensor.From<long>([0, 1], 2)),
        ["class weights"] = (here, there) =>
            there.CrossEntropy(Tensor.From<long>([0, 1], 2).To(FakeDevice.Device), here.Select(0, 0)),
        ["lstm's state"] = (here, there) =>
        {
            using Lstm lstm = new(2, 2);
            LstmState state = lstm.ZeroState(1);
            lstm.To(FakeDevice.Device);
            lstm.Forward(there.Unsqueeze(0), state);
        },
        ["bias of a convolution"] = (here, there) =>
            Convolve("aten::conv1d", there.Unsqueeze(0), there.Unsqueeze(0), here.Select(0, 0).Narrow(0, 0, 1)),
    };

    private readonly TensorScope _scope = new();

    public static TheoryData<string> Computations => [.. _computations.Keys];

    public static TheoryData<string> Mixtures => [.. _mixtures.Keys];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Computations))]
    public void A_computation_and_its_gradient_are_the_processors(string name)
    {
        (Tensor expected, Tensor expectedGradient) = Compute(name, Device.Cpu);
        (Tensor found, Tensor foundGradient) = Compute(name, FakeDevice.Device);

        Assert.Equal(FakeDevice.Device, found.Device);
        Assert.Equal(FakeDevice.Device, foundGradient.Device);
        Assert.Equal(expected.Shape, found.Shape);
        AssertClose(expected, found);
        AssertClose(expectedGradient, foundGradient);
    }

    [Fact]
    public void Training_a_network_moved_there_gives_the_processors_numbers()
    {
        using Net here = NewNet(), there = NewNet();
        there.To(FakeDevice.Device);

        double[] expected = Train(here, Device.Cpu), found = Train(there, FakeDevice.Device);

        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-6);
        Assert.True(expected[^1] < expected[0]);
        foreach (((string name, Tensor before), (_, Tensor after)) in here.State().Zip(there.State()))
        {
            Assert.Equal((name, FakeDevice.Device), (name, after.Device));
            AssertClose(before, after);
        }
    }

    [Fact]
    public void A_state_file_written_from_there_is_the_one_written_from_here()
    {
        using Net net = NewNet(), other = NewNet(seed: 9);
        using TemporaryFolder folder = new();
        string here = Path.Combine(folder.Path, "here"), there = Path.Combine(folder.Path, "there");
        Write(here, net);
        net.To(FakeDevice.Device);
        Write(there, net);

        Assert.Equal(File.ReadAllBytes(here), File.ReadAllBytes(there));

        other.To(FakeDevice.Device);
        other.LoadState(net.State().ToDictionary(entry => entry.Name, entry => entry.Tensor.To(Device.Cpu)), "test");
        foreach (((_, Tensor expected), (_, Tensor loaded)) in net.State().Zip(other.State()))
        {
            Assert.Equal(FakeDevice.Device, loaded.Device);
            Assert.Equal(expected.ToArray<float>(), loaded.ToArray<float>());
        }
    }

    [Fact]
    public void Elements_can_be_read_from_there()
    {
        Tensor there = Tensor.From<float>([1, 2, 3, 4, 5, 6], 2, 3).To(FakeDevice.Device).Transpose(0, 1);

        Assert.Equal([1f, 4, 2, 5, 3, 6], there.ToArray<float>());
        Assert.Equal(there.To(Device.Cpu).ToBytes(), there.ToBytes());
        Assert.Equal(21, there.Sum().Item());
        Assert.Equal("xpu:0", there.Device.ToString());
        Assert.Equal(Device.Cpu, there.To(Device.Cpu).Device);
    }

    [Fact]
    public void Random_numbers_there_follow_the_seed()
    {
        Tensor[] drawn = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            TorchRuntime.ManualSeed(4);
            Tensor numbers = Tensor.Zeros(100).To(FakeDevice.Device);
            numbers.Normal(0, 1);
            return numbers.Dropout(0.5, true);
        })];

        Assert.Equal(drawn[0].ToArray<float>(), drawn[1].ToArray<float>());
        Assert.InRange(drawn[0].ToArray<float>().Count(number => number == 0), 20, 80);
    }

    [Fact]
    public void Creation_on_the_device_and_writing_in_place_stay_there()
    {
        Tensor there = Operator.Get("aten::full").Call(new long[] { 2, 2 }, 3.0, Dtype.Float32, default, FakeDevice.Device, default);
        there.Select(0, 1).Fill(5);
        there.AddProduct(there, there, 2);
        there.CopyFrom(there + Tensor.Full(1, 2, 2).To(FakeDevice.Device));

        Assert.Equal(FakeDevice.Device, there.Device);
        Assert.Equal([22f, 22, 56, 56], there.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void Tensors_of_two_devices_do_not_mix(string name)
    {
        Tensor here = Numbers(2, 2), there = here.To(FakeDevice.Device);

        TorchException e = Assert.Throws<TorchException>(() => _mixtures[name](here, there));

        Assert.Contains("device", e.Message);
        Assert.Contains("xpu:0", e.Message);
    }

    private static (Tensor Result, Tensor Gradient) Compute(string name, Device device)
    {
        TorchRuntime.ManualSeed(2);
        Tensor x = Numbers(4, 6).To(device).Detach();
        x.RequiresGrad = true;
        Tensor result = _computations[name](x, tensor => tensor.To(device));
        // Squared, so that no gradient is the same everywhere.
        (result * result).Sum().Backward();
        return (result, x.Grad!);
    }

    private static Tensor Numbers(params long[] shape) => Tensor.Randn(shape);

    private static Tensor Convolve(string name, Tensor x, Tensor weight, Tensor? bias)
    {
        long[] ones = [.. Enumerable.Repeat(1L, x.Rank - 2)];
        return Operator.Get(name).Call(x, weight, bias, ones, ones, ones, 1);
    }

    private static Net NewNet(long seed = 3)
    {
        TorchRuntime.ManualSeed(seed);
        Net net = new();
        net.Train();
        return net;
    }

    // The loss of each step.
    private static double[] Train(Net net, Device device)
    {
        Tensor words = Tensor.From<long>([1, 2, 3, 4, 10, 2, 0, 7, 7], 3, 3).To(device);
        Tensor targets = Tensor.From<long>([2, 0, 1], 3).To(device);
        Tensor weights = Tensor.From<float>([0.5f, 1, 2], 3).To(device);
        using AdamW optimizer = new([new([.. net.NamedParameters()], 0.01, new AdamWOptions())]);
        double[] losses = new double[5];
        for (int step = 0; step < losses.Length; step++)
        {
            optimizer.ClearGradients();
            Tensor loss = net.Forward(words).CrossEntropy(targets, weights);
            losses[step] = loss.Item();
            loss.Backward();
            optimizer.ClipGradients(1);
            optimizer.Step(1);
        }

        return losses;
    }

    private static void Write(string path, Net net) => SafetensorsWriter.Write(path, net.State().Select(entry =>
        new TensorToWrite(entry.Name, Onnx.ElementType.Float32, [.. entry.Tensor.Shape], () => entry.Tensor.ToBytes())));

    private static void AssertClose(Tensor expected, Tensor found)
    {
        foreach ((float one, float other) in expected.ToArray<float>().Zip(found.ToArray<float>()))
            Assert.Equal(one, other, 1e-6 * Math.Max(1, Math.Abs(one)));
    }

    private sealed class Net : Module
    {
        private readonly Embedding _words;
        private readonly Lstm _lstm;
        private readonly LayerNorm _norm;
        private readonly Linear _head;

        public Net()
        {
            _words = Child("words", new Embedding(11, 6));
            _lstm = Child("lstm", new Lstm(6, 5));
            _norm = Child("norm", new LayerNorm(5));
            _head = Child("head", new Linear(5, 3));
        }

        public Tensor Forward(Tensor words)
        {
            Tensor outputs = _lstm.Forward(_words.Forward(words), _lstm.ZeroState(words.Shape[0])).Output;
            return _head.Forward(_norm.Forward(outputs.Mean(1)).Dropout(0, Training));
        }
    }
}
