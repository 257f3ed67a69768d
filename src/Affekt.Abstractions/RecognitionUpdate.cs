using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>What a recognition has to say when an utterance is done, and once more at its end.</summary>
public sealed record RecognitionUpdate
{
    /// <summary>The models that answer.</summary>
    public required BundleIdentity Bundle { get; init; }

    /// <summary>The file.</summary>
    public required RecognizedInput Input { get; init; }

    /// <summary>The utterance; null in the last update.</summary>
    public RecognizedUtterance? Utterance { get; init; }

    /// <summary>
    /// The persons whose faces were told apart, without what they said and express, which <see cref="Join"/> works out; none but in the
    /// last update.
    /// </summary>
    public IReadOnlyList<RecognizedPerson> Persons { get; init; } = [];

    /// <summary>
    /// Who speaks in each utterance, as all of the recording tells: a voice that was taken for another at first may turn out to be the
    /// same. <see cref="Join"/> names the speakers by it. Null but in the last update, and where nothing changed.
    /// </summary>
    public IReadOnlyList<string?>? Speakers { get; init; }

    /// <summary>How far into the file the recognition has come, in ms.</summary>
    public required int DoneMs { get; init; }

    /// <summary>The warnings that came since the last update.</summary>
    public required IReadOnlyList<RecognitionWarning> Warnings { get; init; }

    /// <summary>The time that was spent since the last update.</summary>
    public required RecognitionTiming TimingMs { get; init; }

    /// <summary>The update as a result of its own, with no utterance or one.</summary>
    public RecognitionResult ToResult() => Join([this]);

    /// <summary>All updates of one recognition as its result.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static RecognitionResult Join(IReadOnlyCollection<RecognitionUpdate> updates)
    {
        RecognitionUpdate last = updates.Last();
        RecognizedUtterance[] utterances = [.. updates.Select(update => update.Utterance).OfType<RecognizedUtterance>()];
        if (last.Speakers is { } speakers && speakers.Count == utterances.Length)
            utterances = [.. utterances.Select((utterance, i) => utterance with { Speaker = speakers[i] })];
        return new RecognitionResult
        {
            Bundle = last.Bundle,
            Input = last.Input,
            Utterances = utterances,
            Persons = PersonTable.Of(utterances, last.Persons, last.Input.DurationMs),
            Warnings = [.. updates.SelectMany(update => update.Warnings)],
            TimingMs = new RecognitionTiming(
                Sum(time => time.Decode), Sum(time => time.Encode), Sum(time => time.Classify), Sum(time => time.Total)),
        };

        double Sum(Func<RecognitionTiming, double> stage) => Math.Round(updates.Sum(update => stage(update.TimingMs)), 2);
    }
}
