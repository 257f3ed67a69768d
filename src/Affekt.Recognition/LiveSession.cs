using Affekt.Models.Audio;
using Affekt.Models.Bundles;
using Affekt.Models.Speech;

namespace Affekt.Recognition;

/// <summary>How live sound is heard.</summary>
public sealed record LiveOptions
{
    /// <summary>Where the sound is cut.</summary>
    public SegmentationOptions Segmentation { get; init; } = new();

    /// <summary>Whether words are found by speech recognition, where the recogniser has it. Default true.</summary>
    public bool Transcribe { get; init; } = true;

    /// <summary>Answers below this confidence are withheld, in [0, 1]; null for the bundle's own threshold.</summary>
    public double? MinConfidence { get; init; }
}

/// <summary>What a live session has to say.</summary>
/// <param name="AtMs">How much sound it has heard, in ms.</param>
/// <param name="SpeakingSinceMs">Where the utterance at hand began, in ms; null where nobody speaks.</param>
/// <param name="Utterance">The utterance that ended; null where an utterance began, or nothing ended.</param>
/// <param name="Warnings">The warnings that came since the last update.</param>
public sealed record LiveUpdate(
    int AtMs, int? SpeakingSinceMs, RecognizedUtterance? Utterance, IReadOnlyList<RecognitionWarning> Warnings);

/// <summary>
/// One conversation as it happens: sound comes in pieces of any size, and each utterance is answered at its end as it would
/// be in a file, with those before it in mind. For use by one thread at a time; its memory does not grow.
/// </summary>
public sealed class LiveSession : IDisposable
{
    private readonly UtteranceCutter _cutter;
    private readonly DialogueRecognizer _dialogue;
    private readonly WarningList _warnings = new();
    private readonly StageClock _clock = new();
    private long _heard;
    private bool _speaking;

    internal LiveSession(Bundle bundle, Lock models, SpeechDetector detector, Transcriber? transcriber, LiveOptions options)
    {
        _cutter = new UtteranceCutter(detector, options.Segmentation);
        _dialogue = new DialogueRecognizer(bundle, options.Transcribe ? transcriber : null, options.MinConfidence, models);
    }

    /// <summary>Who speaks from here on; null where that is not known.</summary>
    public string? Speaker { get; set; }

    /// <summary>Hears the next piece.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
    /// <returns>An update for each utterance that ended, and one where somebody began to speak; mostly none.</returns>
    public IReadOnlyList<LiveUpdate> Hear(ReadOnlySpan<float> samples)
    {
        List<LiveUpdate> updates = [];
        _heard += samples.Length;
        foreach ((SpeechSegment segment, float[] sound) in _cutter.Hear(samples))
        {
            updates.Add(Answer(segment, sound));
            _speaking = false;
        }

        if (_cutter.Begun is not null && !_speaking)
            updates.Add(Update(null));
        _speaking = _cutter.Begun is not null;
        return updates;
    }

    /// <summary>The sound is over.</summary>
    /// <returns>The update of the utterance that was cut off by that; null where nobody was speaking.</returns>
    public LiveUpdate? Finish() => _cutter.Finish() is { } last ? Answer(last.Segment, last.Samples) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _cutter.Dispose();
        _dialogue.Dispose();
    }

    private LiveUpdate Answer(SpeechSegment segment, float[] sound)
    {
        UtteranceMaterial material = new(Milliseconds(segment.Start), Milliseconds(segment.End)) { Speaker = Speaker, Sound = sound };
        return Update(_dialogue.Next(material, _warnings, _clock));
    }

    private LiveUpdate Update(RecognizedUtterance? utterance) => new(
        Milliseconds(_heard), _cutter.Begun is { } begun ? Milliseconds(begun) : null, utterance, _warnings.Take());

    private static int Milliseconds(long samples) => (int)Math.Min(samples * 1000 / AudioEncoder.SampleRate, int.MaxValue);
}
