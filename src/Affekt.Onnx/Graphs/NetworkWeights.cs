using Affekt.Onnx.StateFiles;

namespace Affekt.Onnx.Graphs;

/// <summary>
/// The stored tensors that a network is built from. It remembers what was asked for: what is missing is told at once, by
/// <see cref="Check"/>, and what nobody asked for afterwards.
/// </summary>
/// <remarks>
/// A matrix may be stored as int8 rows: "name" holds [rows, columns] of Int8, "name.scale" holds [rows] of Float32, and an element is
/// their product.
/// </remarks>
public sealed class NetworkWeights : IDisposable
{
    private const string ScaleSuffix = ".scale";

    private readonly StateFile _file;
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    /// <summary>Takes an open file, which it then owns.</summary>
    /// <param name="file">The file.</param>
    /// <param name="rename">Gives the network's name for a stored one, or null to pass it over; null keeps all names.</param>
    public NetworkWeights(StateFile file, Func<string, string?>? rename = null)
    {
        _file = file;
        foreach (StoredTensor stored in file.Tensors.Values)
        {
            string? name = rename is null ? stored.Name : rename(stored.Name);
            if (name is not null)
                _tensors[name] = stored;
        }
    }

    /// <summary>Opens a state file.</summary>
    /// <inheritdoc cref="NetworkWeights(StateFile, Func{string, string?}?)"/>
    /// <param name="path">The file.</param>
    /// <param name="rename">Gives the network's name for a stored one.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    public static NetworkWeights Open(string path, Func<string, string?>? rename = null) => new(StateFile.Open(path), rename);

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>The network's names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Tensors that nobody has asked for, sorted.</summary>
    public IReadOnlyList<string> Unused => [.. _tensors.Keys.Where(name => !_taken.Contains(name) && Owner(name) is null).Order(StringComparer.Ordinal)];

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>A tensor by its name, or null.</summary>
    public StoredTensor? Find(string name) => _tensors.GetValueOrDefault(name);

    /// <summary>A tensor as a value of a graph, where it lies; Float32 there.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">What it must be; -1 for any size.</param>
    public Value Take(GraphBuilder graph, string name, params ReadOnlySpan<long> shape) => Checked(name, shape) is { } stored
        ? graph.Weight(stored, Scale(name))
        : graph.Constant(0);

    /// <summary>Rows of a matrix by their numbers; only they are unpacked, so that a vocabulary stays as small as it is stored.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The matrix' name.</param>
    /// <param name="indexes">Numbers of rows, Int64, of any shape.</param>
    /// <param name="shape">[rows, columns].</param>
    /// <returns>The shape of <paramref name="indexes"/> with the columns appended, Float32.</returns>
    public Value Rows(GraphBuilder graph, string name, Value indexes, params ReadOnlySpan<long> shape)
    {
        if (Checked(name, shape) is not { } stored)
            return graph.Constant(0);
        Value rows = graph.Weight(stored, null, stored.Type).Gather(indexes).Cast(ElementType.Float32);
        return Scale(name) is { } scale ? rows * graph.Weight(scale).Gather(indexes).Unsqueeze(-1) : rows;
    }

    /// <summary>A tensor's elements, for weights that must be computed; zeros where it is missing.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">What it must be.</param>
    public float[] Floats(string name, params ReadOnlySpan<long> shape)
    {
        if (Checked(name, shape) is { } stored)
            return new Initializer(name, ElementType.Float32, stored.Shape, stored, Scale(name), default).ToFloats();
        long count = 1;
        foreach (long size in shape)
            count *= Math.Max(size, 0);
        return new float[count];
    }

    /// <summary>Tells that something that was asked for is not there.</summary>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public void Check()
    {
        if (_problems.Count > 0)
            throw new WeightsMismatchException(Path, _problems);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private StoredTensor? Checked(string name, ReadOnlySpan<long> shape)
    {
        _taken.Add(name);
        string expected = $"expected {TensorLayout.Text(shape).Replace("-1", "any", StringComparison.Ordinal)}";
        if (!_tensors.TryGetValue(name, out StoredTensor? stored))
        {
            _problems.Add($"{name}: missing, {expected}");
            return null;
        }

        bool fits = stored.Shape.Length == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++)
            fits = shape[i] == -1 || shape[i] == stored.Shape[i];
        if (fits && stored.Type == ElementType.Int8)
        {
            StoredTensor? scale = Scale(name);
            fits = scale is { Shape: [long rows] } && stored.Shape is [long own, _] && rows == own;
            expected = $"int8 rows with one number for each in {name}{ScaleSuffix}";
        }

        if (fits)
            return stored;
        _problems.Add($"{name}: found {TensorLayout.Text(stored.Shape.AsSpan())}, {expected}");
        return null;
    }

    private StoredTensor? Scale(string name) =>
        _tensors[name].Type == ElementType.Int8 ? _tensors.GetValueOrDefault(name + ScaleSuffix) : null;

    private StoredTensor? Owner(string name) => name.EndsWith(ScaleSuffix, StringComparison.Ordinal)
        && _tensors.TryGetValue(name[..^ScaleSuffix.Length], out StoredTensor? owner) && owner.Type == ElementType.Int8 ? owner : null;
}

/// <summary>Weights do not fit a network.</summary>
public sealed class WeightsMismatchException : Exception
{
    private const int MostShown = 8;

    internal WeightsMismatchException(string source, IReadOnlyList<string> problems)
        : base($"{source} does not fit the network: {string.Join("; ", problems.Take(MostShown))}"
            + (problems.Count > MostShown ? $"; and {problems.Count - MostShown} more" : "")) => Problems = problems;

    /// <summary>One line for each tensor that is missing or has another shape.</summary>
    public IReadOnlyList<string> Problems { get; }
}
