namespace Affekt.Torch.Layers;

/// <summary>
/// A part of a network: named parameters, named buffers and named parts. The dotted names are those of the published
/// checkpoints, so that a state file loads without a map.
/// </summary>
public abstract class Module : IDisposable
{
    private readonly List<(string Name, Tensor Tensor)> _parameters = [];
    private readonly List<(string Name, Tensor Tensor)> _buffers = [];
    private readonly List<(string Name, Module Module)> _children = [];
    private long _released;

    /// <summary>Whether dropout drops and batch statistics are taken; off until <see cref="Train"/>.</summary>
    public bool Training { get; private set; }

    /// <summary>What is trained, with dotted names, in the order of construction.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedParameters() => Collect(module => module._parameters);

    /// <summary>What belongs to the state and is not trained, such as running statistics.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> NamedBuffers() => Collect(module => module._buffers);

    /// <summary>Everything that a state file holds.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State() => NamedParameters().Concat(NamedBuffers());

    /// <summary>This module and all parts below it.</summary>
    public IEnumerable<Module> Modules() => _children.SelectMany(child => child.Module.Modules()).Prepend(this);

    /// <summary>Numbers in all parameters, including those that were freed.</summary>
    public long ParameterCount =>
        NamedParameters().Sum(parameter => parameter.Tensor.Count) + Modules().Sum(module => module._released);

    /// <summary>Where its parameters lie; the processor where it has none.</summary>
    public Device Device => NamedParameters().Select(parameter => parameter.Tensor.Device).FirstOrDefault(Device.Cpu);

    /// <summary>Switches the module and its parts between training and use.</summary>
    public void Train(bool on = true)
    {
        Training = on;
        foreach ((_, Module child) in _children)
            child.Train(on);
    }

    /// <summary>Freezes all parameters, or thaws them.</summary>
    public void RequireGrad(bool on)
    {
        foreach ((_, Tensor parameter) in NamedParameters())
            parameter.RequiresGrad = on;
    }

    /// <summary>
    /// Lets the parameters' memory go, for good: for a network whose weights are laid out elsewhere. It can be neither
    /// trained nor saved afterwards.
    /// </summary>
    public void ReleaseParameters()
    {
        _released = ParameterCount - Modules().Skip(1).Sum(module => module._released);
        using Tensor none = Tensor.Empty(0);
        foreach ((_, Tensor parameter) in NamedParameters())
        {
            parameter.RequiresGrad = false;
            parameter.SetData(none);
        }
    }

    /// <summary>Moves parameters and buffers to a device; whoever holds them sees them there.</summary>
    public void To(Device device)
    {
        if (device == Device)
            return;
        using GradMode noGrad = GradMode.NoGrad();
        foreach ((_, Tensor tensor) in State())
        {
            using Tensor moved = tensor.To(device);
            tensor.SetData(moved);
        }
    }

    /// <summary>Copies a state into this module; types convert, shapes must be the same.</summary>
    /// <param name="state">Tensors by dotted name.</param>
    /// <param name="source">What the state came from, for messages.</param>
    /// <returns>Names in the state that this module has no place for, sorted.</returns>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public IReadOnlyList<string> LoadState(IReadOnlyDictionary<string, Tensor> state, string source)
    {
        StateMismatchException.ThrowUnlessFits(State(), state, source);
        using GradMode noGrad = GradMode.NoGrad();
        HashSet<string> extra = [.. state.Keys];
        foreach ((string name, Tensor tensor) in State())
        {
            tensor.CopyFrom(state[name]);
            extra.Remove(name);
        }

        return [.. extra.Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the parameters, the buffers and the parts.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach ((_, Tensor tensor) in _parameters)
            tensor.Dispose();
        foreach ((_, Tensor tensor) in _buffers)
            tensor.Dispose();
        foreach ((_, Module child) in _children)
            child.Dispose();
    }

    /// <summary>Adds a parameter, which the module owns from here on.</summary>
    protected Tensor Parameter(string name, Tensor tensor)
    {
        TensorScope.Detached(tensor).RequiresGrad = true;
        _parameters.Add((name, tensor));
        return tensor;
    }

    /// <summary>Adds a buffer, which the module owns from here on.</summary>
    protected Tensor Buffer(string name, Tensor tensor)
    {
        _buffers.Add((name, TensorScope.Detached(tensor)));
        return tensor;
    }

    /// <summary>Adds a part, which the module owns from here on.</summary>
    protected T Child<T>(string name, T module)
        where T : Module
    {
        _children.Add((name, module));
        return module;
    }

    private IEnumerable<(string Name, Tensor Tensor)> Collect(Func<Module, List<(string Name, Tensor Tensor)>> select)
    {
        foreach ((string, Tensor) own in select(this))
            yield return own;
        foreach ((string prefix, Module child) in _children)
        {
            foreach ((string name, Tensor tensor) in child.Collect(select))
                yield return ($"{prefix}.{name}", tensor);
        }
    }
}

/// <summary>A state does not fit a network.</summary>
public sealed class StateMismatchException : Exception
{
    private const int MostShown = 8;

    private StateMismatchException(string source, IReadOnlyList<string> problems)
        : base($"{source} does not fit the network: {string.Join("; ", problems.Take(MostShown))}"
            + (problems.Count > MostShown ? $"; and {problems.Count - MostShown} more" : ""))
    {
        Problems = problems;
    }

    /// <summary>One line for each tensor that is missing or has another shape.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Throws unless the state holds every expected tensor, in its shape.</summary>
    internal static void ThrowUnlessFits(
        IEnumerable<(string Name, Tensor Tensor)> expected, IReadOnlyDictionary<string, Tensor> state, string source)
    {
        List<string> problems = [];
        foreach ((string name, Tensor tensor) in expected)
        {
            string expectation = $"expected {Tensor.ShapeText(tensor.Shape)}";
            if (!state.TryGetValue(name, out Tensor? stored))
                problems.Add($"{name}: missing, {expectation}");
            else if (!stored.Shape.SequenceEqual(tensor.Shape))
                problems.Add($"{name}: found {Tensor.ShapeText(stored.Shape)}, {expectation}");
        }

        if (problems.Count > 0)
            throw new StateMismatchException(source, problems);
    }
}
