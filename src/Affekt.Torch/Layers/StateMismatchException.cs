namespace Affekt.Torch.Layers;

/// <summary>A state does not fit a network.</summary>
public sealed class StateMismatchException : Exception
{
    private const int MostShown = 8;

    internal StateMismatchException(string source, IReadOnlyList<string> problems)
        : base($"{source} does not fit the network: {string.Join("; ", problems.Take(MostShown))}"
            + (problems.Count > MostShown ? $"; and {problems.Count - MostShown} more" : ""))
    {
        Problems = problems;
    }

    /// <summary>One line for each tensor that is missing or has another shape.</summary>
    public IReadOnlyList<string> Problems { get; }
}
