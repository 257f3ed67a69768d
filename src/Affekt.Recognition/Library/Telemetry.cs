using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Affekt.Recognition.Library;

/// <summary>What a host can observe, under the name "Affekt.Recognition". No words, names or files are told.</summary>
internal static class Telemetry
{
    public const string Name = "Affekt.Recognition";

    private static readonly Meter _meter = new(Name);

    private static readonly Counter<long> _utterances = _meter.CreateCounter<long>(
        "affekt.utterances", "{utterance}", "Utterances that were answered, by emotion and whether the answer was withheld.");

    private static readonly Histogram<double> _duration = _meter.CreateHistogram<double>(
        "affekt.utterance.duration", "ms", "From an utterance's sound to its answer.");

    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Counts an update; false where it has no utterance.</summary>
    public static bool Count(RecognitionUpdate update)
    {
        if (update.Utterance is not { } utterance)
            return false;
        _utterances.Add(
            1, new KeyValuePair<string, object?>("emotion", utterance.Label),
            new KeyValuePair<string, object?>("abstained", utterance.Abstained));
        _duration.Record(update.TimingMs.Total);
        return true;
    }
}
