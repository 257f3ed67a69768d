using Affekt.Torch;

namespace Affekt.Tests;

public sealed class TensorTests : IDisposable
{
    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Elements_of_every_supported_type_go_in_and_come_out()
    {
        RoundTrip<float>(Dtype.Float32, 1.5f, -2);
        RoundTrip<double>(Dtype.Float64, 1.5, -2);
        RoundTrip<long>(Dtype.Int64, long.MinValue, 7);
        RoundTrip<int>(Dtype.Int32, int.MinValue, 7);
        RoundTrip<short>(Dtype.Int16, short.MinValue, 7);
        RoundTrip<sbyte>(Dtype.Int8, -128, 7);
        RoundTrip<byte>(Dtype.UInt8, 255, 7);
        RoundTrip<bool>(Dtype.Bool, true, false);
        RoundTrip<Half>(Dtype.Float16, (Half)1.5, (Half)(-2));
    }

    [Fact]
    public void Elements_are_read_row_major_whatever_the_strides()
    {
        Tensor x = Tensor.From<int>([1, 2, 3, 4, 5, 6], 2, 3);

        Assert.Equal([1, 4, 2, 5, 3, 6], x.Transpose(0, 1).ToArray<int>());
        Assert.Equal(x.ToBytes(), x.Transpose(0, 1).Contiguous().Transpose(0, 1).ToBytes());
    }

    [Fact]
    public void Bytes_of_bfloat16_are_the_upper_halves_of_floats()
    {
        Tensor x = Tensor.From<float>([1, -2], 2).To(Dtype.BFloat16);

        Assert.Equal([0x80, 0x3F, 0x00, 0xC0], x.ToBytes());
        Assert.Equal([1f, -2f], Tensor.FromBytes(x.ToBytes(), Dtype.BFloat16, 2).To(Dtype.Float32).ToArray<float>());
    }

    [Fact]
    public void An_empty_tensor_and_a_single_number_have_their_shapes()
    {
        Tensor empty = Tensor.From<float>([], 0, 3), number = Tensor.From<float>([4]);

        Assert.Equal([0L, 3L], empty.Shape);
        Assert.Empty(empty.ToArray<float>());
        Assert.Empty(number.Shape);
        Assert.Equal(4, number.Item());
    }

    [Fact]
    public void Many_dimensions_are_all_told()
    {
        long[] shape = [2, .. Enumerable.Repeat(1L, 20), 3];

        Assert.Equal(shape, Tensor.Zeros(shape).Shape);
    }

    [Fact]
    public void Asking_for_the_wrong_type_is_an_error_that_names_both()
    {
        TorchException e = Assert.Throws<TorchException>(() => Tensor.Zeros(2).ToArray<long>());

        Assert.Equal("the tensor holds Float32, asked for Int64", e.Message);
    }

    [Fact]
    public void A_type_that_is_no_element_type_is_an_error() =>
        Assert.Throws<NotSupportedException>(() => Tensor.From<char>("ab", 2));

    [Fact]
    public void Elements_that_do_not_fill_the_shape_are_an_error()
    {
        TorchException e = Assert.Throws<TorchException>(() => Tensor.From<float>([1, 2, 3], 2, 2));

        Assert.Contains("needs 16 bytes, given 12", e.Message);
    }

    [Fact]
    public void Item_of_several_elements_is_an_error_with_the_shape()
    {
        TorchException e = Assert.Throws<TorchException>(() => Tensor.Zeros(2, 3).Item());

        Assert.Equal("Item: found [2, 3], expected one element", e.Message);
    }

    [Fact]
    public void Clamp_binds_only_where_a_bound_is_given()
    {
        Tensor x = Tensor.From<float>([-2, 0, 2], 3);

        Assert.Equal([-1f, 0f, 2f], x.Clamp(-1, null).ToArray<float>());
        Assert.Equal([-2f, 0f, 1f], x.Clamp(null, 1).ToArray<float>());
        Assert.Equal([false, true, false], x.EqualTo(0).ToArray<bool>());
    }

    [Fact]
    public void Variance_is_divided_by_n()
    {
        Assert.Equal(1.25, Tensor.From<float>([1, 2, 3, 4], 4).Variance(0).Item());
    }

    [Theory]
    [InlineData("cpu", "cpu", false)]
    [InlineData("cuda", "cuda:0", true)]
    [InlineData("cuda:3", "cuda:3", true)]
    public void A_device_is_read_from_its_name(string text, string written, bool cuda)
    {
        Device device = Device.Parse(text);

        Assert.Equal(written, device.ToString());
        Assert.Equal(cuda, device.IsCuda);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda: 1")]
    public void A_name_that_is_no_device_is_an_error_that_quotes_it(string text) =>
        Assert.Contains($"\"{text}\"", Assert.Throws<FormatException>(() => Device.Parse(text)).Message);

    private static void RoundTrip<T>(Dtype dtype, params T[] elements)
        where T : unmanaged
    {
        Tensor tensor = Tensor.From<T>(elements, elements.Length);

        Assert.Equal(dtype, tensor.Dtype);
        Assert.Equal(elements, tensor.ToArray<T>());
        Assert.Equal(elements, Tensor.FromBytes(tensor.ToBytes(), dtype, elements.Length).ToArray<T>());
        Assert.Equal(elements.Length * dtype.Size(), tensor.ToBytes().Length);
    }
}
