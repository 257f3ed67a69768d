namespace Affekt.Onnx.Graphs;

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
