using Affekt.Models.Audio;

namespace Affekt.Models.Speech;

/// <summary>A stretch of speech, in samples at 16 kHz from the recording's beginning.</summary>
/// <param name="Start">Its first sample.</param>
/// <param name="End">The sample after its last.</param>
public readonly record struct SpeechSegment(long Start, long End);

/// <summary>
/// Turns probabilities of speech into utterances, as they come: two thresholds, so that a probability that wavers does not
/// cut, and a pause of a given length, so that a breath does not.
/// </summary>
/// <param name="options">Where to cut.</param>
public sealed class SpeechSegmenter(SegmentationOptions options)
{
    private const int Chunk = SpeechDetector.Chunk;
    private const double ChunksASecond = (double)SoundCheck.SampleRate / Chunk;

    private readonly int _pause = Chunks(options.Pause);
    private readonly int _shortest = Chunks(options.ShortestSpeech);
    private readonly int _margin = (int)(options.Margin.TotalSeconds * SoundCheck.SampleRate);
    private readonly int _longest = Chunks(options.Longest);

    // Probabilities since the utterance's beginning; empty between utterances.
    private readonly List<float> _spoken = [];
    private long _chunk;
    private long _first;
    private int _quiet;
    private long _lastEnd;

    /// <summary>Where the current utterance began, in samples; null between utterances.</summary>
    public long? Begun => _spoken.Count > 0 ? Start : null;

    /// <summary>Everything before this sample belongs to utterances that are done, or to none.</summary>
    public long Settled => Begun ?? Math.Max(_lastEnd, (_chunk * Chunk) - _margin);

    private long Start => Math.Max(_lastEnd, (_first * Chunk) - _margin);

    /// <summary>Takes the next probabilities.</summary>
    /// <returns>The utterances that ended with them.</returns>
    public IReadOnlyList<SpeechSegment> Take(ReadOnlySpan<float> probabilities)
    {
        List<SpeechSegment> ended = [];
        foreach (float probability in probabilities)
        {
            Step(probability, ended);
            _chunk++;
        }

        return ended;
    }

    /// <summary>The recording ends; whoever speaks is cut off there.</summary>
    /// <param name="samples">Its length.</param>
    public SpeechSegment? Finish(long samples)
    {
        List<SpeechSegment> ended = [];
        if (_spoken.Count > 0)
            End(_spoken.Count - _quiet, ended, samples);
        return ended.Count > 0 ? ended[0] : null;
    }

    private void Step(float probability, List<SpeechSegment> ended)
    {
        if (_spoken.Count == 0)
        {
            if (probability < options.StartAt)
                return;
            (_first, _quiet) = (_chunk, 0);
        }

        _spoken.Add(probability);
        _quiet = probability >= options.StartAt || (_quiet == 0 && probability >= options.PauseBelow) ? 0 : _quiet + 1;
        if (_quiet >= _pause)
            End(_spoken.Count - _quiet, ended, long.MaxValue);
        else if (_spoken.Count >= _longest)
            Cut(ended);
    }

    private void End(int length, List<SpeechSegment> ended, long atMost)
    {
        if (length >= _shortest)
        {
            SpeechSegment segment = new(Start, Math.Min(atMost, ((_first + length) * Chunk) + _margin));
            ended.Add(segment);
            _lastEnd = segment.End;
        }

        _spoken.Clear();
        _quiet = 0;
    }

    // The rest goes on as an utterance of its own.
    private void Cut(List<SpeechSegment> ended)
    {
        int half = _spoken.Count / 2;
        int at = half;
        for (int i = half; i < _spoken.Count; i++)
        {
            if (_spoken[i] < _spoken[at])
                at = i;
        }

        ended.Add(new SpeechSegment(Start, (_first + at) * Chunk));
        _lastEnd = (_first + at) * Chunk;
        _spoken.RemoveRange(0, at);
        _first += at;
        _quiet = Math.Min(_quiet, _spoken.Count);
    }

    private static int Chunks(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds * ChunksASecond));
}
