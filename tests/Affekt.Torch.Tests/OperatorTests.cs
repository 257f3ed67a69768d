using Affekt.Torch;

namespace Affekt.Tests;

public sealed class OperatorTests
{
    [Fact]
    public void An_operator_is_reached_by_its_schema_name_and_overload()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From<float>([1, 2, 3, 4], 2, 2);

        Tensor sum = Operator.Get("aten::sum.dim_IntList").Call(x, new long[] { 1 }, false, default);

        Assert.Equal([3f, 7f], sum.ToArray<float>());
    }

    [Fact]
    public void An_operator_that_does_not_exist_is_an_error_that_names_it()
    {
        TorchException e = Assert.Throws<TorchException>(() => Operator.Get("aten::no_such_thing.Tensor"));

        Assert.Contains("aten::no_such_thing.Tensor", e.Message);
    }

    [Fact]
    public void Arguments_that_do_not_fit_give_libtorchs_own_message()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros(2, 3);

        TorchException e = Assert.Throws<TorchException>(() => x.MatMul(Tensor.Zeros(2, 3)));

        Assert.Contains("aten::matmul", e.Message);
        Assert.Contains("(2x3 and 2x3)", e.Message);
    }

    [Fact]
    public void Too_few_arguments_are_an_error_and_not_a_crash()
    {
        using TensorScope scope = new();

        TorchException e = Assert.Throws<TorchException>(() => Operator.Get("aten::linear").Call(Tensor.Zeros(2, 3)));

        Assert.Contains("takes 3 arguments, given 1", e.Message);
    }

    [Fact]
    public void Packed_weights_pass_through_as_an_opaque_object()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From<float>([1, 2, 3, 4], 1, 4);
        Tensor weight = Tensor.From<float>([1, 0, 0, 1, 0, 1, 1, 0], 2, 4);
        Tensor quantized = Operator.Get("aten::quantize_per_tensor").Call(weight, 1.0 / 127, 0, 12);

        using TorchObject packed = Operator.Get("quantized::linear_prepack").CallForObject(quantized, default);
        float[] y = Operator.Get("quantized::linear_dynamic").Call(x, packed, false).ToArray<float>();

        Assert.Equal(5, y[0], 0.05);
        Assert.Equal(5, y[1], 0.05);
    }
}
