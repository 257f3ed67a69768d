using Affekt.Models;
using Affekt.Networks;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Weights;

/// <summary>Networks to files and back, matrices as int8 rows.</summary>
public sealed class NetworkStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TensorScope _scope = new();

    private string StateFilePath => _folder.At("state.safetensors");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_files_parameters_are_those_of_the_network_in_it(bool matricesAsInt8)
    {
        using ExpressionNetwork network = new();

        NetworkState.Save(network, StateFilePath, matricesAsInt8);

        Assert.Equal(network.ParameterCount, Parameters.Count(StateFilePath));
    }

    [Fact]
    public void Single_precision_comes_back_bit_for_bit()
    {
        using Linear saved = new(13, 7);
        using Linear loaded = new(13, 7);
        NetworkState.Save(saved, StateFilePath);
        Assert.Empty(NetworkState.Load(loaded, StateFilePath));
        Assert.Equal(saved.Weight.ToArray<float>(), loaded.Weight.ToArray<float>());
        Assert.Equal(saved.Bias!.ToArray<float>(), loaded.Bias!.ToArray<float>());
    }

    [Fact]
    public void An_int8_matrix_comes_back_within_half_a_step_of_its_row_and_a_bias_exactly()
    {
        const int Columns = 33;
        float[] rows =
        [
            .. Row(i => MathF.Sin(i)), .. Row(i => 1000 * MathF.Cos(i)), .. Row(i => 1e-6f * i), .. Row(_ => 0), .. Row(i => i == 4 ? -5 : 0),
        ];
        using Linear saved = new(Columns, 5);
        using Linear loaded = new(Columns, 5);
        Overwrite(saved.Weight, rows);
        NetworkState.Save(saved, StateFilePath, matricesAsInt8: true);
        Assert.Empty(NetworkState.Load(loaded, StateFilePath));

        float[] found = loaded.Weight.ToArray<float>();
        for (int row = 0; row < 5; row++)
        {
            float[] expected = rows[(row * Columns)..((row + 1) * Columns)];
            double halfStep = expected.Max(Math.Abs) / 127.0 / 2;
            Stored.Close(expected, found[(row * Columns)..((row + 1) * Columns)], halfStep * 1.0001, $"row {row}");
        }

        Assert.Equal(saved.Bias!.ToArray<float>(), loaded.Bias!.ToArray<float>());
        using StateFile file = StateFile.Open(StateFilePath);
        Assert.Equal(ElementType.Int8, file.Tensors["weight"].Type);
        Assert.Equal([5L], file.Tensors["weight.scale"].Shape);

        static float[] Row(Func<int, float> value) => [.. Enumerable.Range(0, Columns).Select(value)];
    }

    [Theory]
    [InlineData(new long[] { 1 })]
    [InlineData(new long[] { 4 })]
    [InlineData(new long[] { 5, 1 })]
    [InlineData(new long[] { })]
    public void Scales_that_are_not_one_for_each_row_are_refused_by_name(long[] shape)
    {
        Write(("weight", Tensor.From<sbyte>(new sbyte[15], 5, 3)), ("weight.scale", Tensor.Full(1, shape)));
        using Linear network = new(3, 5, bias: false);
        string message = Assert.Throws<ModelException>(() => NetworkState.Load(network, StateFilePath)).Message;
        Assert.Contains("weight.scale", message, StringComparison.Ordinal);
        Assert.Contains(StateFilePath, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Int8_rows_without_scales_are_refused()
    {
        Write(("weight", Tensor.From<sbyte>(new sbyte[15], 5, 3)));
        using Linear network = new(3, 5, bias: false);
        Assert.Contains(
            "weight.scale", Assert.Throws<ModelException>(() => NetworkState.Load(network, StateFilePath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_is_only_named_like_a_scale_is_loaded_as_itself()
    {
        using Gain saved = new(2, 3);
        using Gain loaded = new(0, 0);
        NetworkState.Save(saved, StateFilePath, matricesAsInt8: true);
        Assert.Empty(NetworkState.Load(loaded, StateFilePath));
        Assert.Equal([2, 2, 2, 3, 3, 3], loaded.State().SelectMany(entry => entry.Tensor.ToArray<float>()));
    }

    [Fact]
    public void A_missing_tensor_is_named_and_stored_tensors_without_a_place_are_listed()
    {
        Write(("weight", Tensor.Zeros(5, 3)), ("stray.scale", Tensor.Zeros(5)), ("stray", Tensor.Zeros(1)));
        using Linear without = new(3, 5, bias: false);
        Assert.Equal(["stray", "stray.scale"], NetworkState.Load(without, StateFilePath));
        using Linear with = new(3, 5);
        StateMismatchException error = Assert.Throws<StateMismatchException>(() => NetworkState.Load(with, StateFilePath));
        Assert.Equal(["bias: missing, expected [5]"], error.Problems);
        Assert.Contains(StateFilePath, error.Message, StringComparison.Ordinal);
    }

    private static void Overwrite(Tensor parameter, float[] values)
    {
        using GradMode noGrad = GradMode.NoGrad();
        parameter.CopyFrom(Tensor.From<float>(values, [.. parameter.Shape]));
    }

    private void Write(params (string Name, Tensor Tensor)[] tensors) => SafetensorsWriter.Write(
        StateFilePath,
        tensors.Select(t => t.Tensor.ToWrite(t.Name)));

    private sealed class Gain : Module
    {
        public Gain(double gain, double scale)
        {
            Parameter("gain", Tensor.Full(gain, 3));
            Parameter("gain.scale", Tensor.Full(scale, 3));
        }
    }
}
