using System.Text.Json.Serialization;

namespace Affekt.AspNetCore.Problems;

/// <summary>An error as RFC 9457 has it told; also what a failed job keeps.</summary>
/// <param name="Type">"urn:affekt:problem:" and the code.</param>
/// <param name="Title">The kind of error, in a few words that do not change.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Detail">What was found, what was expected, and where.</param>
/// <param name="Code">Stable, for programs: a constant of <see cref="ProblemCode"/>.</param>
internal sealed record Problem(string Type, string Title, int Status, string Detail, string Code)
{
    /// <summary>The media type of a problem.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>A problem of a kind.</summary>
    public static Problem Of(ProblemCode code, string detail) =>
        new($"urn:affekt:problem:{code.Name}", code.Title, code.Status, detail, code.Name);

    /// <summary>How long a client waits before it tries again; null where that would not help. Sent as Retry-After.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A request cannot be done, as the problem says.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public ProblemException(ProblemCode code, string detail, TimeSpan? retryAfter = null)
        : this(Problem.Of(code, detail) with { RetryAfter = retryAfter })
    {
    }

    public Problem Problem { get; } = problem;
}
