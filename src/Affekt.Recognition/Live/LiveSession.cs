using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Models.Speech;
using Affekt.Models.Video;

namespace Affekt.Recognition;

/// <summary>
/// One conversation as it happens: sound comes in pieces of any size, and pictures between them; each utterance is answered at
/// its end as it would be in a file, with those before it in mind, and while it goes on as often as asked. For use by one
/// thread at a time, best always the same one; its memory does not grow.
/// </summary>
public sealed class LiveSession : IDisposable
{
    // What a running answer looks at where nobody speaks.
    private const double Glance = 2_000;

    private const int SamplesInMs = AudioEncoder.SampleRate / 1000;

    private readonly LiveParts _parts;
    private readonly LiveOptions _options;
    private readonly UtteranceCutter _cutter;
    private readonly DialogueRecognizer _dialogue;
    private readonly LiveWords? _words;
    private readonly LivePictures _pictures = new();
    private readonly LiveEyes _eyes;
    private readonly WarningList _warnings = new();
    private readonly StageClock _clock = new();
    private PictureDecoder? _decoder;
    private long _heard;
    private long _offsetMs;
    private bool _speaking;
    private string? _utteranceSpeaker;

    internal LiveSession(LiveParts parts, LiveOptions options)
    {
        (_parts, _options) = (parts, options);
        _cutter = new UtteranceCutter(parts.Detector, options.Segmentation);
        WordFinder? finder = options.Transcribe ? parts.Words : null;
        _dialogue = new DialogueRecognizer(parts.Bundle, finder, options.MinConfidence, parts.Models);
        _words = finder is null ? null : new LiveWords(finder, options.RunningWords);
        _eyes = new LiveEyes(parts, _pictures);
    }

    /// <summary>
    /// Who speaks from here on; null where that is not known. An utterance belongs to whoever spoke at its beginning.
    /// </summary>
    public string? Speaker { get; set; }

    /// <summary>Up to when it has heard, in ms from the session's beginning.</summary>
    public int HeardMs => Milliseconds(_heard);

    /// <summary>Whether somebody speaks, as far as the sound tells.</summary>
    public bool IsSpeaking => _cutter.Begun is not null;

    /// <summary>How pictures have to be that are decoded already.</summary>
    public FrameRequest Pictures => _eyes.Wanted;

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

        if (IsSpeaking && !_speaking)
        {
            _utteranceSpeaker = Speaker;
            updates.Add(Update(null));
        }

        _speaking = IsSpeaking;
        _pictures.Forget(Milliseconds(_cutter.Settled), _speaking);
        return updates;
    }

    /// <summary>
    /// Leaves a stretch of time out in which there is no sound, such as a pause: whoever was speaking is cut off before it.
    /// </summary>
    /// <param name="atMs">When the next piece of sound begins; a time before <see cref="HeardMs"/> changes nothing.</param>
    /// <returns>The update of the utterance that was cut off; null where nobody was speaking.</returns>
    public LiveUpdate? SkipTo(double atMs)
    {
        if (!(atMs > HeardMs))
            return null;
        LiveUpdate? last = Finish();
        _offsetMs += (long)Math.Min(atMs, int.MaxValue) - HeardMs;
        return last;
    }

    /// <summary>Sees the next picture: it belongs to the utterance in whose stretch it lies.</summary>
    /// <param name="jpeg">A JPEG file.</param>
    /// <param name="atMs">When it came on screen, in ms from the session's beginning.</param>
    /// <param name="cancellation">Ends the decoder.</param>
    /// <returns>
    /// The faces in it, the surest first, none where nothing finds faces; null where a newer picture was seen before, so that this
    /// one is left out.
    /// </returns>
    /// <exception cref="MediaException">
    /// It is no JPEG, is damaged, has too many pixels or takes too long; the session goes on without it.
    /// </exception>
    public IReadOnlyList<RecognizedFace>? See(ReadOnlyMemory<byte> jpeg, double atMs, CancellationToken cancellation = default)
    {
        if (IsLate(atMs))
            return null;
        FrameRequest wanted = Pictures;
        _decoder ??= _parts.Media.OpenPictures(
            new PictureOptions { Side = wanted.Side, Whole = wanted.Whole, MostPixels = _options.MostPixels });
        byte[]? buffer = null;
        try
        {
            Picture picture = _decoder.DecodeAsync(jpeg, bytes => buffer = _pictures.Buffer(bytes), cancellation)
                .GetAwaiter().GetResult();
            return Keep(picture.Width, picture.Height, picture.Rgb, atMs);
        }
        catch (Exception e) when (e is MediaException or OperationCanceledException)
        {
            if (buffer is not null)
                _pictures.Return(buffer);
            throw;
        }
    }

    /// <summary>As <see cref="See(ReadOnlyMemory{byte}, double, CancellationToken)"/>, with a picture that is decoded already.</summary>
    /// <param name="picture">One picture, as <see cref="Pictures"/> says; it is copied.</param>
    /// <param name="atMs">When it came on screen, in ms from the session's beginning.</param>
    /// <exception cref="ArgumentException">There is not one picture, or it is larger than <see cref="Pictures"/> says.</exception>
    public IReadOnlyList<RecognizedFace>? See(VideoFrames picture, double atMs)
    {
        if (picture.Count != 1 || Math.Max(picture.Width, picture.Height) > Pictures.Side)
        {
            throw new ArgumentException(
                $"found {picture.Count} pictures of {picture.Width} x {picture.Height}, expected one with sides of at most {Pictures.Side}",
                nameof(picture));
        }

        if (IsLate(atMs))
            return null;
        byte[] rgb = _pictures.Buffer(picture.Rgb.Length);
        picture.Rgb.Span.CopyTo(rgb);
        return Keep(picture.Width, picture.Height, rgb, atMs);
    }

    /// <summary>
    /// What can be said by now of the utterance at hand. Costs the same however long it is; its words are looked for meanwhile, and
    /// come with one of the next answers.
    /// </summary>
    public RunningAnswer Running()
    {
        double now = Math.Max(HeardMs, _pictures.Newest?.AtMs ?? 0);
        int? since = _cutter.Begun is { } begun ? Milliseconds(begun) : null;
        (FrameFeatures? frames, ModalityUse picture) = _eyes.Watch(since ?? (now - Glance), now);
        UtteranceMaterial material = new(since ?? HeardMs, HeardMs)
        {
            Speaker = since is null ? Speaker : _utteranceSpeaker,
            NoSound = _heard == 0 ? "no sound was given" : "nobody speaks",
        };
        if (_cutter.Begun is { } start)
        {
            material = material with
            {
                Sound = _cutter.Newest(start, (long)(_options.RunningSound.TotalSeconds * AudioEncoder.SampleRate)),
                Text = _words?.Look(start, () => _cutter.Newest(start, long.MaxValue)),
            };
        }

        (EmotionProbabilities? fused, RunningModalities modalities) = _dialogue.Ask(material, frames, picture);
        return new RunningAnswer
        {
            AtMs = _heard == 0 ? (int)now : HeardMs,
            SpeakingSinceMs = since,
            Probabilities = fused,
            Modalities = modalities,
            Faces = LiveEyes.Faces(_pictures.Newest),
            FacesAtMs = (int?)_pictures.Newest?.AtMs,
            Text = material.Text,
            Speaker = material.Speaker,
        };
    }

    /// <summary>The sound is over, or pauses: more may follow.</summary>
    /// <returns>The update of the utterance that was cut off by that; null where nobody was speaking.</returns>
    public LiveUpdate? Finish()
    {
        LiveUpdate? last = _cutter.Finish() is { } cut ? Answer(cut.Segment, cut.Samples) : null;
        _speaking = false;
        _words?.Stop();
        return last;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _words?.Dispose();
        _decoder?.Dispose();
        _cutter.Dispose();
        _dialogue.Dispose();
    }

    // What is no number is late as well.
    private bool IsLate(double atMs) => !(atMs >= 0 && atMs <= int.MaxValue) || _pictures.Newest?.AtMs >= atMs;

    private IReadOnlyList<RecognizedFace> Keep(int width, int height, byte[] rgb, double atMs)
    {
        LivePicture picture = _eyes.Look(width, height, rgb, atMs);
        _pictures.Add(picture);
        _pictures.Forget(_heard == 0 ? 0 : Milliseconds(_cutter.Settled), _speaking);
        return LiveEyes.Faces(picture);
    }

    private LiveUpdate Answer(SpeechSegment segment, float[] sound)
    {
        _words?.Stop();
        int start = Milliseconds(segment.Start), end = Milliseconds(segment.End);
        UtteranceMaterial material = new(start, end) { Speaker = _utteranceSpeaker ?? Speaker, Sound = sound };
        _utteranceSpeaker = null;
        return Update(_dialogue.Next(_eyes.Gather(material), _warnings, _clock));
    }

    private LiveUpdate Update(RecognizedUtterance? utterance) => new(
        HeardMs, _cutter.Begun is { } begun ? Milliseconds(begun) : null, utterance, _warnings.Take());

    private int Milliseconds(long samples) => (int)Math.Min(_offsetMs + (samples / SamplesInMs), int.MaxValue);
}
