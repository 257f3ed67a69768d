using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests;

/// <summary>Every layer against PyTorch's: output, gradient of the input, gradients of the parameters.</summary>
public sealed class LayerParityTests : IDisposable
{
    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Linear_is_PyTorchs()
    {
        using Linear layer = new(4, 3);
        AssertSame("linear", layer, layer.Forward);
    }

    [Fact]
    public void Linear_without_a_bias_is_PyTorchs()
    {
        using Linear layer = new(4, 3, bias: false);
        AssertSame("linear_without_bias", layer, layer.Forward);
    }

    [Fact]
    public void Embedding_is_PyTorchs()
    {
        using Embedding layer = new(6, 3);
        AssertSame("embedding", layer, layer.Forward, Fixture.Longs("embedding/x"));
    }

    [Fact]
    public void LayerNorm_is_PyTorchs()
    {
        using LayerNorm layer = new(5);
        AssertSame("layer_norm", layer, layer.Forward);
    }

    [Fact]
    public void GroupNorm_is_PyTorchs()
    {
        using GroupNorm layer = new(2, 4);
        AssertSame("group_norm", layer, layer.Forward);
    }

    [Theory]
    [InlineData("batch_norm_training", true)]
    [InlineData("batch_norm_in_use", false)]
    public void BatchNorm_and_its_running_statistics_are_PyTorchs(string name, bool training)
    {
        using BatchNorm layer = new(3);
        layer.Train(training);
        AssertSame(name, layer, layer.Forward);

        Assert.Equal(3, layer.NamedBuffers().Count());
        foreach ((string buffer, Tensor tensor) in layer.NamedBuffers())
            Fixture.AssertEqual($"{name}/after/{buffer}", tensor);
    }

    [Fact]
    public void Convolution_in_one_dimension_with_groups_is_PyTorchs()
    {
        using Convolution layer = new(4, 6, [3], stride: [2], padding: [1], groups: 2);
        AssertSame("convolution_1d", layer, layer.Forward);
    }

    [Fact]
    public void Convolution_in_two_dimensions_is_PyTorchs()
    {
        using Convolution layer = new(2, 3, [3, 2], stride: [2, 1], padding: [1, 0]);
        AssertSame("convolution_2d", layer, layer.Forward);
    }

    [Fact]
    public void Convolution_in_three_dimensions_is_PyTorchs()
    {
        using Convolution layer = new(2, 2, [2, 3, 3], stride: [1, 2, 2], padding: [0, 1, 1], bias: false);
        AssertSame("convolution_3d", layer, layer.Forward);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void A_convolution_has_one_to_three_dimensions(int dimensions) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Convolution(1, 1, new long[dimensions]));

    [Fact]
    public void Lstm_with_a_state_is_PyTorchs()
    {
        using Lstm layer = new(3, 4);
        layer.LoadState(Fixture.Under("lstm/state/"), "fixture");
        Tensor x = Fixture.Floats("lstm/x");
        x.RequiresGrad = true;

        (Tensor y, LstmState state) = layer.Forward(
            x, new LstmState(Fixture.Floats("lstm/hidden"), Fixture.Floats("lstm/cell")));
        (WeightedSum(y) + WeightedSum(state.Cell)).Backward();

        Fixture.AssertEqual("lstm/y", y);
        Fixture.AssertEqual("lstm/hidden_after", state.Hidden);
        Fixture.AssertEqual("lstm/cell_after", state.Cell);
        AssertGradients("lstm", layer, x);
    }

    [Fact]
    public void An_lstm_in_two_parts_is_the_lstm_in_one()
    {
        using Lstm layer = new(3, 4);
        Tensor x = Tensor.Randn(2, 5, 3);
        float[] whole = layer.Forward(x, layer.ZeroState(2)).Output.ToArray<float>();

        (Tensor first, LstmState state) = layer.Forward(x.Narrow(1, 0, 2), layer.ZeroState(2));
        (Tensor second, _) = layer.Forward(x.Narrow(1, 2, 3), state);

        Assert.Equal(whole, Tensor.Concat([first, second], 1).ToArray<float>(), Close);
    }

    [Fact]
    public void MultiHeadAttention_is_PyTorchs()
    {
        using MultiHeadAttention layer = new(8, 2);
        AssertSame("attention", layer, x => layer.Forward(x));
    }

    [Fact]
    public void MultiHeadAttention_with_masked_positions_is_PyTorchs()
    {
        using MultiHeadAttention layer = new(8, 2);
        float off = float.NegativeInfinity;
        Tensor mask = Tensor.From<float>([0, 0, 0, off, 0, 0, off, off], 2, 1, 1, 4);
        AssertSame("attention_masked", layer, x => layer.Forward(x, mask));
    }

    [Fact]
    public void A_width_that_does_not_divide_into_the_heads_is_an_error() =>
        Assert.Throws<ArgumentException>(() => new MultiHeadAttention(8, 3));

    [Fact]
    public void Dropout_drops_its_share_and_scales_the_rest_while_training_only()
    {
        TorchRuntime.ManualSeed(1);
        using Dropout layer = new(0.3);
        Tensor ones = Tensor.Full(1, 100_000);
        Assert.Same(ones, layer.Forward(ones));

        layer.Train();
        float[] dropped = layer.Forward(ones).ToArray<float>();

        // Five standard deviations of a binomial share are 0.0073.
        Assert.Equal(0.3, dropped.Count(value => value == 0) / 100_000.0, 0.0073);
        Assert.All(dropped.Where(value => value != 0), value => Assert.Equal(1 / 0.7, value, 1e-6));
    }

    [Fact]
    public void New_layers_draw_from_PyTorchs_ranges()
    {
        TorchRuntime.ManualSeed(1);
        using Linear linear = new(100, 50);
        using MultiHeadAttention attention = new(48, 4);
        float[] weight = linear.Weight.ToArray<float>();
        Dictionary<string, Tensor> parts = attention.State().ToDictionary(part => part.Name, part => part.Tensor);

        // 5000 even draws come this close to the bound, 1 / sqrt(100), in all but one run in e^50.
        Assert.InRange(weight.Max(Math.Abs), 0.099, 0.1);
        double bound = Math.Sqrt(6.0 / 192);
        Assert.InRange(parts["in_proj_weight"].ToArray<float>().Max(Math.Abs), 0.99 * bound, bound);
        Assert.All(parts["in_proj_bias"].ToArray<float>(), value => Assert.Equal(0, value));
        Assert.All(parts["out_proj.bias"].ToArray<float>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Cross_entropy_with_class_weights_and_smoothed_labels_is_PyTorchs()
    {
        Tensor logits = Fixture.Floats("cross_entropy/logits");
        logits.RequiresGrad = true;

        Tensor loss = logits.CrossEntropy(
            Fixture.Longs("cross_entropy/target"), Fixture.Floats("cross_entropy/weights"), 0.1);
        loss.Backward();

        Fixture.AssertEqual("cross_entropy/loss", loss);
        Fixture.AssertEqual("cross_entropy/grad", logits.Grad!);
    }

    private static bool Close(float a, float b) => Math.Abs(a - b) < 1e-6;

    private static void AssertSame(string name, Module layer, Func<Tensor, Tensor> forward, Tensor? indexes = null)
    {
        Assert.Empty(layer.LoadState(Fixture.Under($"{name}/state/"), "fixture"));
        Tensor x = indexes ?? Fixture.Floats($"{name}/x");
        x.RequiresGrad = indexes is null;

        Tensor y = forward(x);
        WeightedSum(y).Backward();

        Fixture.AssertEqual($"{name}/y", y);
        AssertGradients(name, layer, x);
    }

    private static void AssertGradients(string name, Module layer, Tensor x)
    {
        if (x.RequiresGrad)
            Fixture.AssertEqual($"{name}/x_grad", x.Grad!);
        foreach ((string parameter, Tensor tensor) in layer.NamedParameters())
            Fixture.AssertEqual($"{name}/grad/{parameter}", tensor.Grad!);
    }

    // As make_layers.py weighs the outputs.
    private static Tensor WeightedSum(Tensor y) =>
        (y * Operator.Get("aten::sin").Call(Tensor.Arange(y.Count).To(Dtype.Float32)).Reshape([.. y.Shape])).Sum();
}
