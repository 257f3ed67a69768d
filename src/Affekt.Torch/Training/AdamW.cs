using Affekt.Torch.Layers;

namespace Affekt.Torch.Training;

/// <summary>Settings of <see cref="AdamW"/>.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the running mean of gradients, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the running mean of squared gradients, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the squared gradients.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Share of a weight, times the learning rate, that is taken off at each step.</summary>
    public double WeightDecay { get; init; } = 0.01;
}

/// <summary>Parameters that share a learning rate and a weight decay.</summary>
/// <param name="Parameters">What is trained, with the names that the state file uses.</param>
/// <param name="LearningRate">The rate at the schedule's peak.</param>
/// <param name="Options">Decays and the like.</param>
public sealed record ParameterGroup(
    IReadOnlyList<(string Name, Tensor Tensor)> Parameters, double LearningRate, AdamWOptions Options);

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2), as PyTorch computes it.</summary>
public sealed class AdamW : IDisposable
{
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly Dictionary<string, Moments> _moments = [];

    /// <summary>An optimizer that has taken no step yet.</summary>
    public AdamW(IReadOnlyList<ParameterGroup> groups)
    {
        _groups = groups;
        foreach ((string name, Tensor tensor) in groups.SelectMany(group => group.Parameters))
        {
            // Under a scope that closes sooner than this optimizer, its moments must not go with it.
            _moments.Add(name, new Moments(
                TensorScope.Detached(tensor.ZerosLike()),
                TensorScope.Detached(tensor.ZerosLike()),
                TensorScope.Detached(Tensor.From<long>([0]))));
        }
    }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>All that it moves, in the groups' order.</summary>
    public IEnumerable<Tensor> Parameters => _groups.SelectMany(group => group.Parameters).Select(parameter => parameter.Tensor);

    /// <summary>Moves every parameter that has a gradient; the others, and their moments, stay as they are.</summary>
    /// <param name="scale">Factor on each group's learning rate, from the schedule.</param>
    public void Step(double scale)
    {
        using GradMode noGrad = GradMode.NoGrad();
        Steps++;
        foreach (ParameterGroup group in _groups)
        {
            double rate = group.LearningRate * scale;
            foreach ((string name, Tensor parameter) in group.Parameters)
            {
                using TensorScope scope = new();
                if (parameter.Grad is { } gradient)
                    Update(parameter, gradient, _moments[name], rate, group.Options);
            }
        }
    }

    /// <summary>Lets all gradients go.</summary>
    public void ClearGradients()
    {
        foreach (Tensor parameter in Parameters)
            parameter.ClearGrad();
    }

    /// <summary>The joint length of all gradients.</summary>
    public double GradientLength()
    {
        using TensorScope scope = new();
        return Math.Sqrt(Parameters.Select(parameter => parameter.Grad).OfType<Tensor>().Sum(gradient => Math.Pow(gradient.Norm().Item(), 2)));
    }

    /// <summary>The learning rate of the first group.</summary>
    /// <param name="scale">Factor on it, from the schedule.</param>
    public double Rate(double scale) => _groups.Count == 0 ? 0 : _groups[0].LearningRate * scale;

    /// <summary>Scales all gradients down together so that their joint length is at most <paramref name="most"/>.</summary>
    /// <returns>The length before.</returns>
    public double ClipGradients(double most)
    {
        using TensorScope scope = new();
        Tensor[] gradients = [.. Parameters.Select(parameter => parameter.Grad).OfType<Tensor>()];
        double length = Math.Sqrt(gradients.Sum(gradient => Math.Pow(gradient.Norm().Item(), 2)));
        if (length > most)
        {
            foreach (Tensor gradient in gradients)
                gradient.Scale(most / (length + 1e-6));
        }

        return length;
    }

    /// <summary>
    /// The moments by parameter, as they are stored in a checkpoint: "name.exp_avg", "name.exp_avg_sq", and "name.step",
    /// the number of steps in which that parameter had a gradient.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> State() => _moments.SelectMany(entry => new[]
    {
        ($"{entry.Key}.exp_avg", entry.Value.Mean),
        ($"{entry.Key}.exp_avg_sq", entry.Value.Square),
        ($"{entry.Key}.step", entry.Value.Step),
    });

    /// <summary>Goes on from a stored state.</summary>
    /// <param name="state">What <see cref="State"/> gave, by name.</param>
    /// <param name="steps">What <see cref="Steps"/> was.</param>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state, long steps)
    {
        StateMismatchException.ThrowUnlessFits(State(), state, "the optimizer's state");
        using GradMode noGrad = GradMode.NoGrad();
        foreach ((string name, Tensor tensor) in State())
            tensor.CopyFrom(state[name]);
        Steps = steps;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor tensor) in State())
            tensor.Dispose();
    }

    private static void Update(
        Tensor parameter, Tensor gradient, Moments moments, double rate, AdamWOptions options)
    {
        // Counted for each parameter: one that is rarely used is corrected for its own few steps, not for the run's.
        Operator.Get("aten::add_.Scalar").CallForEffect(moments.Step, 1, 1);
        double steps = moments.Step.Item();
        parameter.Scale(1 - (rate * options.WeightDecay));
        Operator.Get("aten::lerp_.Scalar").CallForEffect(moments.Mean, gradient, 1 - options.Beta1);
        moments.Square.Scale(options.Beta2);
        moments.Square.AddProduct(gradient, gradient, 1 - options.Beta2);
        double meanCorrection = 1 - Math.Pow(options.Beta1, steps);
        double squareCorrection = 1 - Math.Pow(options.Beta2, steps);
        Tensor denominator = moments.Square.Sqrt();
        denominator.Scale(1 / Math.Sqrt(squareCorrection));
        Operator.Get("aten::add_.Scalar").CallForEffect(denominator, options.Epsilon, 1);
        parameter.AddQuotient(moments.Mean, denominator, -rate / meanCorrection);
    }

    private sealed record Moments(Tensor Mean, Tensor Square, Tensor Step);
}
