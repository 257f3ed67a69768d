namespace Affekt.Torch.Distributed;

/// <summary>Processes that work together could not find each other, or one of them is gone.</summary>
public sealed class ProcessGroupException : Exception
{
    /// <summary>An error with a message, and its cause where there is one.</summary>
    /// <param name="message">What was found and what is needed.</param>
    /// <param name="cause">The underlying error, or null.</param>
    /// <param name="lost">Ranks that are gone; empty where none is, or none is known.</param>
    public ProcessGroupException(string message, Exception? cause = null, IReadOnlyList<int>? lost = null) : base(message, cause)
    {
        Lost = lost ?? [];
    }

    /// <summary>Ranks that are gone; empty where none is, or none is known.</summary>
    public IReadOnlyList<int> Lost { get; }
}
