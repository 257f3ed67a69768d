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
        return new RecognitionResult
        {
            Bundle = last.Bundle,
            Input = last.Input,
            Utterances = [.. updates.Select(update => update.Utterance).OfType<RecognizedUtterance>()],
            Warnings = [.. updates.SelectMany(update => update.Warnings)],
            TimingMs = new RecognitionTiming(
                Sum(time => time.Decode), Sum(time => time.Encode), Sum(time => time.Classify), Sum(time => time.Total)),
        };

        double Sum(Func<RecognitionTiming, double> stage) => Math.Round(updates.Sum(update => stage(update.TimingMs)), 2);
    }
}
