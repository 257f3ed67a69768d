namespace Affekt.Torch.Layers;

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
