using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Affekt.Onnx.StateFiles;

namespace Affekt.Onnx.Graphs;

/// <summary>
/// Describes a network as an ONNX graph: inputs, operators, weights, outputs. Weights stay where they lie; small constants
/// are held by the graph. Comments of the networks tell shapes by letters at the end of a value's name.
/// </summary>
/// <param name="name">What the network is called, in messages and in an exported file.</param>
public sealed class GraphBuilder(string name)
{
    /// <summary>The set of operators: ONNX 1.15, which brought Gelu.</summary>
    public const int OperatorSet = 20;

    private readonly List<GraphPort> _inputs = [];
    private readonly List<GraphPort> _outputs = [];
    private readonly List<Node> _nodes = [];
    private readonly List<Initializer> _initializers = [];
    private readonly Dictionary<(StoredTensor, ElementType), Value> _stored = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<float, Value> _scalars = [];
    private string _scope = "";

    /// <summary>A tensor that goes in.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="type">Its elements.</param>
    /// <param name="shape">Its sizes.</param>
    public Value Input(string input, ElementType type, params ReadOnlySpan<Dimension> shape)
    {
        _inputs.Add(new GraphPort(Unique(input), type, [.. shape]));
        return new Value(this, input);
    }

    /// <summary>A tensor that comes out, in the order of the calls.</summary>
    /// <param name="output">Its name.</param>
    /// <param name="value">What it is.</param>
    /// <param name="type">Its elements.</param>
    /// <param name="shape">Its sizes; none where they are not told.</param>
    public void Output(string output, Value value, ElementType type = ElementType.Float32, params ReadOnlySpan<Dimension> shape)
    {
        // A value keeps its name inside, so that it may come out under several.
        _nodes.Add(new Node("Identity", [value.Name], [Unique(output)], [], ""));
        _outputs.Add(new GraphPort(output, type, shape.IsEmpty ? null : [.. shape]));
    }

    /// <summary>Names of values and constants begin with this until the result is disposed; scopes nest.</summary>
    public IDisposable Scope(string part)
    {
        string outer = _scope;
        _scope = $"{outer}{part}/";
        return new ScopeEnd(this, outer);
    }

    /// <summary>An operator with one output.</summary>
    /// <param name="op">Its name.</param>
    /// <param name="inputs">What goes in; <see cref="Value.None"/> for one left out.</param>
    /// <param name="attributes">What else it is told.</param>
    public Value Apply(string op, ReadOnlySpan<Value> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        Apply("", op, 1, inputs, attributes)[0];

    /// <summary>An operator of any set, with any number of outputs.</summary>
    /// <param name="domain">The set; empty for ONNX's own, "com.microsoft" for ONNX Runtime's.</param>
    /// <param name="op">Its name.</param>
    /// <param name="outputs">How many outputs.</param>
    /// <param name="inputs">What goes in.</param>
    /// <param name="attributes">What else it is told.</param>
    public Value[] Apply(
        string domain, string op, int outputs, ReadOnlySpan<Value> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        string[] names = [.. Enumerable.Range(0, outputs).Select(_ => Fresh(op))];
        ImmutableArray<string>.Builder from = ImmutableArray.CreateBuilder<string>(inputs.Length);
        foreach (Value input in inputs)
            from.Add(input.Name);
        _nodes.Add(new Node(op, from.ToImmutable(), [.. names], [.. attributes], domain));
        return [.. names.Select(output => new Value(this, output))];
    }

    /// <summary>A single number, Float32; equal ones are kept once.</summary>
    public Value Constant(float value)
    {
        if (!_scalars.TryGetValue(value, out Value constant))
            _scalars[value] = constant = Constant<float>([value]);
        return constant;
    }

    /// <summary>Whole numbers in one dimension, Int64: shapes, axes, indexes.</summary>
    public Value Integers(params ReadOnlySpan<long> values) => Constant(values, values.Length);

    /// <summary>A tensor that the graph holds.</summary>
    /// <typeparam name="T">float, long, int, sbyte, byte, bool or Half.</typeparam>
    /// <param name="values">Its elements, row by row.</param>
    /// <param name="shape">Its sizes; none for a single number.</param>
    /// <exception cref="ArgumentException">There are not as many elements as the shape says.</exception>
    public Value Constant<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged => Hold(Fresh("constant"), values, shape);

    /// <summary>Weights that were computed and lie in memory.</summary>
    /// <param name="weight">Its name.</param>
    /// <param name="values">Its elements, row by row.</param>
    /// <param name="shape">Its sizes.</param>
    public Value Weight(string weight, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) => Hold(Unique(weight), values, shape);

    /// <summary>
    /// Weights in a state file, where they lie; Float32 in the graph, whatever they are stored as. The file must stay open until the
    /// graph has been loaded. Asked for twice, it is held once.
    /// </summary>
    /// <param name="stored">The tensor.</param>
    /// <param name="scale">A scale for each row, where the tensor is a matrix of Int8.</param>
    /// <param name="type">The type in the graph.</param>
    public Value Weight(StoredTensor stored, StoredTensor? scale = null, ElementType type = ElementType.Float32)
    {
        if (!_stored.TryGetValue((stored, type), out Value value))
        {
            value = _stored[(stored, type)] = new Value(this, _names.TryAdd(stored.Name, 1) ? stored.Name : Fresh(stored.Name));
            _initializers.Add(new Initializer(value.Name, type, stored.Shape, stored, scale, default));
        }

        return value;
    }

    /// <summary>The finished graph.</summary>
    public NetworkGraph Build() => new(name, [.. _inputs], [.. _outputs], [.. _nodes], [.. _initializers]);

    private Value Hold<T>(string constant, ReadOnlySpan<T> values, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        long count = 1;
        foreach (long size in shape)
            count *= size;
        if (count != values.Length)
            throw new ArgumentException($"{constant}: {values.Length} elements for {TensorLayout.Text(shape)}", nameof(values));
        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        _initializers.Add(new Initializer(constant, ElementTypes.Of<T>(), [.. shape], null, null, bytes));
        return new Value(this, constant);
    }

    private string Fresh(string op)
    {
        string stem = _scope + op;
        while (true)
        {
            int number = _names.GetValueOrDefault(stem);
            _names[stem] = number + 1;
            string fresh = number == 0 ? stem : $"{stem}_{number}";
            if (number == 0 || _names.TryAdd(fresh, 1))
                return fresh;
        }
    }

    private string Unique(string value) => _names.TryAdd(value, 1)
        ? value
        : throw new ArgumentException($"{name} already has a value named {value}");

    private sealed class ScopeEnd(GraphBuilder graph, string outer) : IDisposable
    {
        public void Dispose() => graph._scope = outer;
    }
}
