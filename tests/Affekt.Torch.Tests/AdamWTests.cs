using Affekt.Torch;
using Affekt.Torch.Layers;
using Affekt.Torch.Training;

namespace Affekt.Tests;

public sealed class AdamWTests : IDisposable
{
    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Ten_steps_of_two_groups_are_PyTorchs_also_where_a_gradient_is_sometimes_absent()
    {
        Dictionary<string, Tensor> parameters = NewParameters();
        using AdamW optimizer = NewOptimizer(parameters);

        Run(optimizer, parameters, 0, 10);

        Assert.Equal(10, optimizer.Steps);
        foreach ((string name, Tensor parameter) in parameters)
            Fixture.AssertEqual($"adamw/after/{name}", parameter);
        foreach ((string name, Tensor tensor) in optimizer.State().Where(entry => entry.Name.EndsWith(".exp_avg_sq")))
            Fixture.AssertEqual($"adamw/exp_avg_sq/{name[..1]}", tensor);
    }

    [Fact]
    public void An_optimizer_that_goes_on_from_a_stored_state_makes_the_very_same_steps()
    {
        Dictionary<string, Tensor> whole = NewParameters(), parted = NewParameters();
        using AdamW throughout = NewOptimizer(whole), before = NewOptimizer(parted), after = NewOptimizer(parted);
        Run(throughout, whole, 0, 10);

        Run(before, parted, 0, 5);
        after.LoadState(before.State().ToDictionary(entry => entry.Name, entry => entry.Tensor), before.Steps);
        Run(after, parted, 5, 10);

        Assert.Equal(10, after.Steps);
        foreach ((string name, Tensor parameter) in whole)
            Assert.Equal(parameter.ToArray<float>(), parted[name].ToArray<float>());
    }

    [Fact]
    public void A_stored_state_that_does_not_fit_is_an_error_that_names_every_such_tensor()
    {
        using AdamW optimizer = NewOptimizer(NewParameters());
        Dictionary<string, Tensor> state = optimizer.State().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        state.Remove("a.exp_avg");
        state["b.exp_avg_sq"] = Tensor.Zeros(1);

        StateMismatchException e = Assert.Throws<StateMismatchException>(() => optimizer.LoadState(state, 1));

        Assert.Equal(["a.exp_avg: missing, expected [3, 2]", "b.exp_avg_sq: found [1], expected [4]"], e.Problems);
    }

    [Fact]
    public void The_schedules_factor_scales_the_learning_rate()
    {
        Tensor weight = Tensor.Full(1, 1);
        weight.RequiresGrad = true;
        using AdamW optimizer = new([new([("w", weight)], 0.1, new AdamWOptions { WeightDecay = 0 })]);

        weight.Sum().Backward();
        optimizer.Step(0.5);

        // The first step of Adam is the learning rate, whatever the gradient's length.
        Assert.Equal(0.95, weight.Item(), 1e-6);
    }

    [Fact]
    public void Clipped_gradients_are_those_of_clip_grad_norm()
    {
        Tensor[] parameters = [Tensor.Zeros(3, 2), Tensor.Zeros(4)];
        for (int i = 0; i < 2; i++)
        {
            parameters[i].RequiresGrad = true;
            (parameters[i] * Fixture.Floats($"clip/grad/{i}")).Sum().Backward();
        }

        using AdamW optimizer = new([new([("0", parameters[0]), ("1", parameters[1])], 1, new AdamWOptions())]);
        double length = optimizer.ClipGradients(0.5);

        Assert.Equal(Fixture.Floats("clip/norm").Item(), length, 1e-6);
        for (int i = 0; i < 2; i++)
            Fixture.AssertEqual($"clip/after/{i}", parameters[i].Grad!);
        Assert.Equal(0.5, optimizer.ClipGradients(100), 1e-5);
        Fixture.AssertEqual("clip/after/0", parameters[0].Grad!);
    }

    [Fact]
    public void A_state_outlives_the_scope_that_the_optimizer_was_made_in()
    {
        AdamW optimizer;
        using (TensorScope inner = new())
            optimizer = NewOptimizer(NewParameters());

        Assert.All(optimizer.State(), entry => Assert.Equal(0, entry.Tensor.To(Dtype.Float64).Sum().Item()));
        optimizer.Dispose();
    }

    private static Dictionary<string, Tensor> NewParameters()
    {
        Dictionary<string, Tensor> parameters = Fixture.Under("adamw/before/");
        foreach (Tensor parameter in parameters.Values)
            parameter.RequiresGrad = true;
        return parameters;
    }

    private static AdamW NewOptimizer(Dictionary<string, Tensor> parameters) => new(
    [
        new([("a", parameters["a"]), ("b", parameters["b"])], 0.01, new AdamWOptions { WeightDecay = 0.1 }),
        new(
            [("c", parameters["c"])],
            0.003,
            new AdamWOptions { WeightDecay = 0, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6 }),
    ]);

    private static void Run(AdamW optimizer, Dictionary<string, Tensor> parameters, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            optimizer.ClearGradients();
            foreach ((string name, Tensor parameter) in parameters)
            {
                // The gradient of sum(p * g) is g.
                if (Fixture.Has($"adamw/grad/{step}/{name}"))
                    (parameter * Fixture.Floats($"adamw/grad/{step}/{name}")).Sum().Backward();
            }

            optimizer.Step(1);
        }
    }
}
