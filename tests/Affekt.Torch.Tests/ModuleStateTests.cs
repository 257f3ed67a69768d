using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests;

public sealed class ModuleStateTests : IDisposable
{
    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_state_has_the_dotted_names_of_checkpoints()
    {
        using Pair pair = new();

        Assert.Equal(
            ["first.weight", "first.bias", "second.weight", "second.bias",
                "second.running_mean", "second.running_var", "second.num_batches_tracked"],
            pair.State().Select(entry => entry.Name));
        Assert.Equal(6 + 3 + 3 + 3, pair.ParameterCount);
    }

    [Fact]
    public void A_state_is_copied_with_conversion_and_what_has_no_place_is_listed()
    {
        using Pair from = new(), to = new();
        Dictionary<string, Tensor> state = from.State().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        state["first.weight"] = from.First.Weight.To(Dtype.Float64);
        state["z"] = state["a.extra"] = Tensor.Zeros(1);

        IReadOnlyList<string> extra = to.LoadState(state, "x.safetensors");

        Assert.Equal(["a.extra", "z"], extra);
        Assert.Equal(from.First.Weight.ToArray<float>(), to.First.Weight.ToArray<float>());
        Assert.True(to.First.Weight.RequiresGrad);
    }

    [Fact]
    public void Missing_and_misshaped_tensors_are_all_named_and_nothing_is_loaded()
    {
        using Pair from = new(), to = new();
        float[] before = to.First.Weight.ToArray<float>();
        Dictionary<string, Tensor> state = from.State().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        state.Remove("first.bias");
        state["second.running_mean"] = Tensor.Zeros(4);

        StateMismatchException e = Assert.Throws<StateMismatchException>(() => to.LoadState(state, "x.safetensors"));

        Assert.Equal(["first.bias: missing, expected [3]", "second.running_mean: found [4], expected [3]"], e.Problems);
        Assert.StartsWith("x.safetensors does not fit the network: first.bias", e.Message);
        Assert.Equal(before, to.First.Weight.ToArray<float>());
    }

    [Fact]
    public void Training_and_freezing_reach_the_parts()
    {
        using Pair pair = new();
        Assert.False(pair.Second.Training);

        pair.Train();
        pair.RequireGrad(false);

        Assert.True(pair.Second.Training);
        Assert.False(pair.First.Weight.RequiresGrad);
    }

    [Fact]
    public void Moving_to_the_device_that_it_is_on_changes_nothing()
    {
        using Pair pair = new();
        float[] before = pair.First.Weight.ToArray<float>();

        pair.To(Device.Cpu);

        Assert.Equal(before, pair.First.Weight.ToArray<float>());
        Assert.True(pair.First.Weight.RequiresGrad);
    }

    [Fact]
    public void Set_data_shows_the_new_elements_to_who_holds_the_tensor()
    {
        using Linear layer = new(2, 3);
        using (GradMode.NoGrad())
            layer.Weight.SetData(Tensor.From<double>([1, 2], 1, 2));

        Assert.Equal("Float64[1, 2]", layer.Weight.ToString());
        Assert.Equal([1.0, 2.0], layer.Weight.ToArray<double>());
    }

    [Fact]
    public void Skipping_initial_values_ends_with_the_outermost_of_nested_skips()
    {
        TorchRuntime.ManualSeed(5);
        double expected = Tensor.Randn(1).Item();

        TorchRuntime.ManualSeed(5);
        using (Initial.Skipped())
        {
            Initial.Skipped().Dispose();
            using Linear layer = new(100, 100);
        }

        // No number was drawn meanwhile.
        Assert.Equal(expected, Tensor.Randn(1).Item());
    }

    private sealed class Pair : Module
    {
        public Pair()
        {
            First = Child("first", new Linear(2, 3));
            Second = Child("second", new BatchNorm(3));
        }

        public Linear First { get; }

        public BatchNorm Second { get; }
    }
}
