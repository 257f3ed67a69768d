using Affekt.Recognition;

namespace Affekt.AspNetCore.Jobs;

/// <summary>A job that may be watched while it changes.</summary>
/// <param name="answer">How it stands.</param>
/// <param name="folder">The folder of its media; null where it has none any more.</param>
internal sealed class Job(JobAnswer answer, string? folder = null) : IDisposable
{
    private readonly Lock _changing = new();
    private readonly List<RecognizedUtterance> _utterances = [.. answer.Result?.Utterances ?? []];
    private readonly CancellationTokenSource _cancel = new();
    private JobAnswer _answer = answer;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>The folder of its media; null where it has none any more.</summary>
    public string? Folder { get; } = folder;

    /// <summary>How it stands.</summary>
    public JobAnswer Answer
    {
        get
        {
            lock (_changing)
                return _answer;
        }
    }

    /// <summary>Ends when the job is to end.</summary>
    public CancellationToken Canceled => _cancel.Token;

    /// <summary>How it stands, the utterances after the first so many, and what ends at the next change.</summary>
    public (JobAnswer Answer, IReadOnlyList<RecognizedUtterance> New, Task Changed) Look(int seen)
    {
        lock (_changing)
            return (_answer, [.. _utterances.Skip(seen)], _changed.Task);
    }

    /// <summary>Changes how it stands, unless it is over.</summary>
    /// <returns>How it stands then.</returns>
    public JobAnswer Change(Func<JobAnswer, JobAnswer> change, RecognizedUtterance? utterance = null)
    {
        TaskCompletionSource changed;
        JobAnswer now;
        lock (_changing)
        {
            if (_answer.IsOver)
                return _answer;
            if (utterance is not null)
                _utterances.Add(utterance);
            now = _answer = change(_answer);
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.TrySetResult();
        return now;
    }

    /// <summary>Ends the work on it.</summary>
    public void Cancel() => _cancel.Cancel();

    public void Dispose() => _cancel.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
