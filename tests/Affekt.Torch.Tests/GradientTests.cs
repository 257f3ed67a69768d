using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests;

/// <summary>Gradients against central finite differences, in double precision.</summary>
public sealed class GradientTests : IDisposable
{
    private const double Step = 1e-5;

    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Attention_over_normalized_linear_features_has_the_gradient_of_its_values()
    {
        Tensor x = Numbers(0, 2, 3, 4), weight = Numbers(1, 4, 4), bias = Numbers(2, 4);
        Tensor scale = Numbers(3, 4), shift = Numbers(4, 4);

        AssertGradients([x, weight, bias, scale, shift], () =>
        {
            Tensor features = x.Linear(weight, bias).Gelu().LayerNorm([4], scale, shift, 1e-5).Unsqueeze(1);
            return WeightedSum(Attention.Apply(features, features, features));
        });
    }

    [Fact]
    public void An_lstm_has_the_gradient_of_its_values()
    {
        using Lstm layer = new(2, 3);
        int seed = 0;
        foreach ((_, Tensor parameter) in layer.NamedParameters())
            parameter.SetData(Numbers(seed++, [.. parameter.Shape]));
        Tensor x = Numbers(9, 2, 4, 2);

        AssertGradients([x, .. layer.NamedParameters().Select(parameter => parameter.Tensor)], () =>
        {
            (Tensor y, LstmState state) = layer.Forward(x, layer.ZeroState(2));
            return WeightedSum(y) + WeightedSum(state.Cell);
        });
    }

    [Fact]
    public void Cross_entropy_has_the_gradient_of_its_values()
    {
        Tensor logits = Numbers(0, 3, 7), weights = Numbers(1, 7).Exp();
        Tensor target = Tensor.From<long>([0, 6, 3], 3);

        AssertGradients([logits], () => logits.CrossEntropy(target, weights, 0.2));
    }

    [Fact]
    public void Backward_twice_adds_up_until_the_gradient_is_cleared()
    {
        Tensor x = Tensor.Full(3, 1);
        x.RequiresGrad = true;

        (x * x).Sum().Backward();
        (x * x).Sum().Backward();
        Assert.Equal(12, x.Grad!.Item());

        x.ClearGrad();
        Assert.Null(x.Grad);
    }

    [Fact]
    public void Backward_from_more_than_one_number_is_an_error()
    {
        Tensor x = Tensor.Zeros(2);
        x.RequiresGrad = true;

        Assert.Contains("scalar", Assert.Throws<TorchException>((x * 2).Backward).Message);
    }

    private static void AssertGradients(Tensor[] inputs, Func<Tensor> function)
    {
        foreach (Tensor input in inputs)
            input.RequiresGrad = true;
        function().Backward();
        using GradMode noGrad = GradMode.NoGrad();
        foreach (Tensor input in inputs)
        {
            double[] found = input.Grad!.ToArray<double>();
            Tensor flat = input.Reshape(-1);
            for (int i = 0; i < found.Length; i++)
            {
                Tensor element = flat.Select(0, i);
                double at = element.Item();
                element.Fill(at + Step);
                double above = function().Item();
                element.Fill(at - Step);
                double below = function().Item();
                element.Fill(at);
                Assert.Equal((above - below) / (2 * Step), found[i], 1e-8);
            }
        }
    }

    private static Tensor WeightedSum(Tensor y) => (y * Numbers(5, [.. y.Shape])).Sum();

    private static Tensor Numbers(int seed, params long[] shape)
    {
        Random random = new(seed);
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return Tensor.From<double>([.. Enumerable.Range(0, (int)count).Select(_ => (2 * random.NextDouble()) - 1)], shape);
    }
}
