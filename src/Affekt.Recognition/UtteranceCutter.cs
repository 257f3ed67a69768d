using Affekt.Models.Speech;

namespace Affekt.Recognition;

/// <summary>Cuts sound at pauses as it comes, from a file or live: the size of the pieces changes nothing.</summary>
internal sealed class UtteranceCutter(SpeechDetector detector, SegmentationOptions options) : IDisposable
{
    private readonly SpeechDetector.Listener _listener = detector.Listen();
    private readonly LoudVoice? _loudVoice = options.LoudVoices ? new LoudVoice() : null;
    private readonly SpeechSegmenter _segmenter = new(options);
    private readonly SoundWindow _window = new();

    /// <summary>Where the current utterance began, in samples; null between utterances.</summary>
    public long? Begun => _segmenter.Begun;

    /// <summary>Everything before this sample belongs to utterances that are done, or to none.</summary>
    public long Settled => _segmenter.Settled;

    /// <summary>The newest sound since a sample, at most so much.</summary>
    public float[] Newest(long start, long most) => _window.Copy(Math.Max(start, _window.Read - most), _window.Read);

    /// <summary>Hears more; gives the utterances that ended with it.</summary>
    public IReadOnlyList<(SpeechSegment Segment, float[] Samples)> Hear(ReadOnlySpan<float> samples)
    {
        _window.Add(samples);
        List<(SpeechSegment, float[])> ended =
        [
            .. _segmenter.Take(Probabilities(samples)).Select(segment => (segment, _window.Copy(segment.Start, segment.End))),
        ];
        _window.Forget(_segmenter.Settled);
        return ended;
    }

    /// <summary>The sound is over; gives the utterance that was cut off by that.</summary>
    public (SpeechSegment Segment, float[] Samples)? Finish() => _segmenter.Finish(_window.Read) is { } last
        ? (last, _window.Copy(last.Start, last.End))
        : null;

    // Both wait for whole chunks of the same size.
    private float[] Probabilities(ReadOnlySpan<float> samples)
    {
        float[] probabilities = _listener.Hear(samples);
        foreach ((int chunk, bool loud) in _loudVoice?.Hear(samples).Index() ?? [])
        {
            if (loud)
                probabilities[chunk] = 1;
        }

        return probabilities;
    }

    public void Dispose() => _listener.Dispose();
}
