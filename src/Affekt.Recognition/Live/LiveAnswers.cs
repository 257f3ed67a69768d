using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>
/// Works out the answers of a session's utterances in their order while the session goes on hearing. For use by one thread at
/// a time.
/// </summary>
/// <param name="dialogue">Answers, and remembers; disposed of with this.</param>
/// <param name="thread">Where it does so.</param>
/// <param name="faces">Tells the persons whose faces were seen, as the dialogue goes; null where nobody does.</param>
/// <param name="voices">Tells the speakers; null where nobody does.</param>
internal sealed class LiveAnswers(DialogueRecognizer dialogue, WorkThread thread, FaceNames? faces = null, VoiceNames? voices = null) : IDisposable
{
    // At most a minute of sound: a caller that is faster than the answers waits.
    private const int Most = 4;

    private readonly Queue<Task<LiveAnswer>> _asked = [];
    private readonly Lock _answering = new();
    private readonly CancellationTokenSource _end = new();
    private readonly WarningList _warnings = new();
    private readonly StageClock _clock = new();

    /// <summary>Whether the oldest answer has to be taken before more can be asked.</summary>
    public bool IsFull => _asked.Count >= Most;

    /// <summary>Asks for the next utterance's answer.</summary>
    /// <param name="material">What is known of it.</param>
    /// <param name="answered">Called on another thread when it is there, or will not be.</param>
    public void Ask(UtteranceMaterial material, Action? answered)
    {
        Task<LiveAnswer> answer = thread.RunAsync(() => Answer(material), _end.Token);
        _asked.Enqueue(answer);
        if (answered is not null)
            answer.ContinueWith(_ => answered(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>The oldest answer that was not taken yet; null where there is none, or none yet.</summary>
    /// <param name="wait">Whether to wait for it.</param>
    public LiveAnswer? Take(bool wait) =>
        _asked.TryPeek(out Task<LiveAnswer>? oldest) && (wait || oldest.IsCompleted) ? _asked.Dequeue().GetAwaiter().GetResult() : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        lock (_answering)
            dialogue.Dispose();
        foreach (Task<LiveAnswer> answer in _asked)
            answer.ContinueWith(done => done.Exception, TaskScheduler.Default);
        _end.Dispose();
    }

    private LiveAnswer Answer(UtteranceMaterial material)
    {
        lock (_answering)
        {
            _end.Token.ThrowIfCancellationRequested();
            RecognizedUtterance utterance = dialogue.Next(material, _warnings, _clock, _end.Token);
            return new LiveAnswer(utterance, _warnings.Take(), faces?.Persons(voices?.Speakers ?? [], voices) ?? []);
        }
    }
}

/// <summary>An utterance's answer, with the warnings that came of it.</summary>
internal sealed record LiveAnswer(
    RecognizedUtterance Utterance, IReadOnlyList<RecognitionWarning> Warnings, IReadOnlyList<RecognizedPerson> Persons);
