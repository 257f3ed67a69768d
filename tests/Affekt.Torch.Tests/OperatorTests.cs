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

    [Fact]
    public void Lists_of_tensors_come_back_in_order_however_long()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Arange(200);

        Tensor[] parts = Operator.Get("aten::split.Tensor").CallMany(x, 150, 0);
        Tensor[] rows = Operator.Get("aten::unbind.int").CallMany(x, 0);

        Assert.Equal([150L, 50L], parts.Select(part => part.Count));
        Assert.Equal(150, parts[1].Select(0, 0).Item());
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (double)i), rows.Select(row => row.Item()));
    }

    [Fact]
    public void More_results_than_there_is_room_for_are_an_error()
    {
        using TensorScope scope = new();

        TorchException e = Assert.Throws<TorchException>(
            () => Operator.Get("aten::unbind.int").CallMany(Tensor.Arange(4097), 0));

        Assert.Contains("gives 4097 results, expected at most 4096", e.Message);
    }

    [Fact]
    public void Several_results_come_back_in_the_schemas_order()
    {
        using TensorScope scope = new();

        Tensor[] results = Operator.Get("aten::max.dim").CallMany(Tensor.From<float>([1, 9, 4, 3], 2, 2), 1, false);

        Assert.Equal([9f, 4f], results[0].ToArray<float>());
        Assert.Equal([1L, 0L], results[1].ToArray<long>());
    }

    [Fact]
    public void A_result_of_another_kind_than_asked_for_is_an_error_that_says_so()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros(2);

        Assert.Contains(
            "aten::is_nonzero: gives a Bool, expected one Tensor",
            Assert.Throws<TorchException>(() => Operator.Get("aten::is_nonzero").Call(Tensor.Zeros(1))).Message);
        Assert.Contains(
            "gives nothing, expected one Tensor",
            Assert.Throws<TorchException>(() => Operator.Get("aten::set_data").Call(x, x)).Message);
        Assert.Contains(
            "expected one Object",
            Assert.Throws<TorchException>(() => Operator.Get("aten::relu").CallForObject(x)).Message);
    }

    [Fact]
    public void A_list_of_optional_tensors_may_leave_dimensions_out()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From<float>([1, 2, 3, 4, 5, 6], 2, 3);

        Tensor columns = Operator.Get("aten::index.Tensor").Call(
            x, Value.OptionalTensors(null, Tensor.From<long>([2, 0], 2)));

        Assert.Equal([3f, 1f, 6f, 4f], columns.ToArray<float>());
    }

    [Fact]
    public void Lists_of_floating_point_numbers_and_of_booleans_are_passed_on()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From<float>([1, 2, 3], 1, 1, 3), ones = Tensor.Full(1, 1, 1, 2);
        long[] one = [1], zero = [0];

        Tensor doubled = Operator.Get("aten::upsample_nearest1d.vec").Call(x, default, new[] { 2.0 });
        Tensor[] gradients = Operator.Get("aten::convolution_backward").CallMany(
            ones, x, ones, one, one, zero, one, false, zero, 1, new[] { true, true, true });
        TorchException e = Assert.Throws<TorchException>(() => Operator.Get("aten::convolution_backward").CallMany(
            ones, x, ones, one, one, zero, one, false, zero, 1, new[] { true, false, true }));

        Assert.Equal([1f, 1f, 2f, 2f, 3f, 3f], doubled.ToArray<float>());
        Assert.Equal([1f, 2f, 1f], gradients[0].ToArray<float>());
        Assert.Equal([3f, 5f], gradients[1].ToArray<float>());
        Assert.Equal([2f], gradients[2].ToArray<float>());
        Assert.Contains("result 1 of 3 is a None", e.Message);
    }

    [Fact]
    public void Strings_and_devices_are_passed_on()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.From<float>([1], 1);

        Tensor exact = Operator.Get("aten::gelu").Call(x, "none");
        Tensor approximate = Operator.Get("aten::gelu").Call(x, "tanh");
        Tensor zeros = Operator.Get("aten::zeros").Call(new long[] { 2 }, Dtype.Int32, default, Device.Cpu, default);

        // Phi(1), and 0.5 (1 + tanh(sqrt(2 / pi) 1.044715)).
        Assert.Equal(0.8413447, exact.Item(), 1e-6);
        Assert.Equal(0.8411920, approximate.Item(), 1e-6);
        Assert.Equal("Int32[2]", zeros.ToString());
        Assert.Equal(Device.Cpu, zeros.Device);
    }

    [Fact]
    public void A_null_list_or_string_stands_for_none()
    {
        using TensorScope scope = new();
        long[]? dimensions = null;

        Tensor sum = Operator.Get("aten::sum.dim_IntList").Call(Tensor.Full(2, 2, 3), dimensions, false, default);

        Assert.Equal(12, sum.Item());
    }

    public static TheoryData<string> WrongArguments =>
        ["a number", "a list", "none", "a string", "tensors", "optional tensors"];

    [Theory]
    [MemberData(nameof(WrongArguments))]
    public void An_argument_of_the_wrong_kind_is_an_error_and_not_a_crash(string kind)
    {
        using TensorScope scope = new();
        Value wrong = kind switch
        {
            "a number" => 1.5,
            "a list" => new long[] { 1 },
            "none" => default,
            "a string" => "text",
            "tensors" => new[] { Tensor.Zeros(1) },
            _ => Value.OptionalTensors(Tensor.Zeros(1), null),
        };

        Assert.Throws<TorchException>(() => Operator.Get("aten::mm").Call(wrong, Tensor.Zeros(1, 1)));
        Assert.Throws<TorchException>(() => Operator.Get("aten::unsqueeze").Call(Tensor.Zeros(1), wrong));
    }

    [Fact]
    public void Whether_an_operator_exists_can_be_asked()
    {
        Assert.True(Operator.Exists("aten::add.Tensor"));
        Assert.True(Operator.Exists("aten::add.Tensor"));
        Assert.False(Operator.Exists("aten::add.NoSuchOverload"));
    }
}
