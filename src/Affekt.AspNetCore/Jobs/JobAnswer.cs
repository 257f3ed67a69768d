using Affekt.AspNetCore.Problems;
using Affekt.Recognition;

namespace Affekt.AspNetCore.Jobs;

/// <summary>How a job stands, as clients read it.</summary>
internal sealed record JobAnswer
{
    /// <summary>Its name; nobody can guess it.</summary>
    public required string Id { get; init; }

    /// <summary>How far it is.</summary>
    public required JobState State { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it is deleted; put off once, when it ends.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The media's name as its sender says.</summary>
    public required string File { get; init; }

    /// <summary>How far it is, in numbers.</summary>
    public required JobProgress Progress { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public Problem? Error { get; init; }

    /// <summary>The recognition; null where it is not done.</summary>
    public RecognitionResult? Result { get; init; }

    /// <summary>Whether nothing more happens to it.</summary>
    internal bool IsOver => State is JobState.Done or JobState.Failed or JobState.Canceled;
}

/// <summary>How far a job is.</summary>
internal enum JobState
{
    /// <summary>It waits.</summary>
    Queued,

    /// <summary>It is at work.</summary>
    Running,

    /// <summary>There is a result.</summary>
    Done,

    /// <summary>There is an error.</summary>
    Failed,

    /// <summary>It was deleted.</summary>
    Canceled,
}

/// <summary>How far a job is, in numbers.</summary>
/// <param name="Utterances">How many were found.</param>
/// <param name="DoneMs">How much of the recording was heard, in ms.</param>
/// <param name="DurationMs">The recording's length; null until it is known.</param>
internal sealed record JobProgress(int Utterances, int DoneMs, int? DurationMs);
