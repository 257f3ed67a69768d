using System.Globalization;
using Affekt.Media;
using Affekt.Models.Speech;
using Affekt.Models.Video;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <inheritdoc cref="ILiveSession"/>
internal sealed class LiveSession : ILiveSession
{
    // What a running answer looks at where nobody speaks.
    private const double Glance = 2_000;

    private const int SamplesInMs = Sound.SampleRate / 1000;

    private readonly LiveServices _parts;
    private readonly LiveOptions _options;
    private readonly UtteranceCutter _cutter;
    private readonly DialogueRecognizer _dialogue;
    private readonly LiveWords? _words;
    private readonly LivePictures _pictures = new();
    private readonly LivePictureReader _eyes;
    private readonly LiveAnswers _answers;
    private readonly VoiceNames? _voices;
    private readonly FaceNames? _faces;
    private readonly List<(string? Speaker, int LengthMs)> _told = [];

    // Also of faces that were joined with others, of whom utterances tell: no voice gets one of them.
    private readonly HashSet<string> _faceIds = [];
    private IReadOnlyList<RecognizedPerson> _seen = [];
    private string _personsTold = "";
    private PictureDecoder? _decoder;
    private long _heard;
    private long _offsetMs;
    private bool _speaking;
    private string? _utteranceSpeaker;
    private bool _isDisposed;

    internal LiveSession(LiveServices parts, LiveOptions options)
    {
        (_parts, _options) = (parts, options);
        _cutter = new UtteranceCutter(parts.Detector, options.Segmentation);
        WordFinder? finder = options.Transcribe ? parts.Words : null;
        _voices = options.TellVoicesApart ? new VoiceNames(parts.Voices, options.SpeakerCount) : null;
        _faces = options.TellFacesApart && parts.Bundle.VideoEncoder is FaceEncoder reader ? new FaceNames(reader, parts.FaceReader, options.Thumbnails) : null;
        _dialogue = new DialogueRecognizer(parts.Bundle, finder, options.MinConfidence, parts.Models, options.Prior, options.Baseline, _voices, _faces);
        _words = finder is null ? null : new LiveWords(finder, options.RunningWords);
        _answers = new LiveAnswers(_dialogue, parts.Answers, _faces, _voices);
        _eyes = new LivePictureReader(parts, _pictures, _faces);
    }

    /// <inheritdoc/>
    public Action? WhenAnswered { get; set; }

    /// <inheritdoc/>
    public string? Speaker { get; set; }

    /// <inheritdoc/>
    public int HeardMs => Milliseconds(_heard);

    /// <inheritdoc/>
    public bool IsSpeaking => _cutter.Begun is not null;

    /// <inheritdoc/>
    public FrameRequest Pictures => _eyes.Wanted;

    /// <inheritdoc/>
    public IReadOnlyList<LiveUpdate> Hear(ReadOnlySpan<float> samples)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SampleScale.Check(samples, nameof(samples));
        List<LiveUpdate> updates = [];
        _heard += samples.Length;
        bool changed = false;
        foreach ((SpeechSegment segment, float[] sound) in _cutter.Hear(samples))
        {
            if (_answers.IsFull)
                updates.Add(Update(_answers.Take(wait: true)));
            Answer(segment, sound);
            _speaking = false;
            changed = true;
        }

        updates.AddRange(Answered());
        if (IsSpeaking && !_speaking)
        {
            _utteranceSpeaker = Speaker;
            changed = true;
        }

        _speaking = IsSpeaking;
        if (changed)
            updates.Add(Update(null));
        _pictures.Forget(Milliseconds(_cutter.Settled), _speaking);
        return updates;
    }

    /// <inheritdoc/>
    public IReadOnlyList<LiveUpdate> Answered()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        List<LiveUpdate> updates = [];
        while (_answers.Take(wait: false) is { } answer)
            updates.Add(Update(answer));
        return updates;
    }

    /// <inheritdoc/>
    public void SkipTo(double atMs)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!(atMs > HeardMs))
            return;
        Cut();
        _offsetMs += (long)Math.Min(atMs, int.MaxValue) - HeardMs;
    }

    /// <inheritdoc/>
    public void Cut()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_cutter.Finish() is { } cut)
            Answer(cut.Segment, cut.Samples);
        _speaking = false;
        _words?.Stop();
    }

    /// <inheritdoc/>
    public IReadOnlyList<LiveUpdate> Finish()
    {
        Cut();
        List<LiveUpdate> updates = [];
        while (_answers.Take(wait: true) is { } answer)
            updates.Add(Update(answer));
        return updates;
    }

    /// <inheritdoc/>
    public IReadOnlyList<RecognizedFace>? See(ReadOnlyMemory<byte> jpeg, double atMs, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (IsLate(atMs))
            return null;
        FrameRequest wanted = Pictures;
        _decoder ??= _parts.Media.Value.OpenPictures(
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

    /// <inheritdoc/>
    public IReadOnlyList<RecognizedFace>? See(VideoFrames picture, double atMs)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
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

    /// <inheritdoc/>
    public RunningAnswer Running()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
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
                Sound = _cutter.Newest(start, (long)(_options.RunningSound.TotalSeconds * Sound.SampleRate)),
                UnusableSound = _heard - start < _options.LeastSound.TotalSeconds * Sound.SampleRate
                    ? string.Create(CultureInfo.InvariantCulture, $"less than {_options.LeastSound.TotalSeconds:0.##} s of speech was heard")
                    : null,
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
            Faces = LivePictureReader.Faces(_pictures.OnScreen(now)),
            FacesAtMs = (int?)_pictures.OnScreen(now)?.AtMs,
            Text = material.Text,
            Speaker = material.Speaker,
        };
    }

    /// <inheritdoc/>
    public LiveUpdate? Rename(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        RecognizedPerson? face = _seen.FirstOrDefault(person => person.Name == from), same = _seen.FirstOrDefault(person => person.Name == to);
        if (_voices?.Rename(from, to) != true && face is null)
            return null;
        if (face is not null && same is null)
            _faces!.Rename(face.Id, to);
        else if (face is not null && face != same)
            _faces!.Merge(same!.Id, face.Id);
        _seen = [.. _seen.Where(person => person != face || same is null || same == face).Select(person => person == face ? face with { Name = to } : person)];
        return WithPersons(Update(null));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _words?.Dispose();
        _decoder?.Dispose();
        _cutter.Dispose();
        _answers.Dispose();
    }

    // What is no number is late as well.
    private bool IsLate(double atMs) => !(atMs >= 0 && atMs <= int.MaxValue) || !_pictures.Accepts(atMs);

    private IReadOnlyList<RecognizedFace> Keep(int width, int height, byte[] rgb, double atMs)
    {
        LivePicture picture = _eyes.Look(width, height, rgb, atMs);
        _pictures.Add(picture);
        _pictures.Forget(_heard == 0 ? 0 : Milliseconds(_cutter.Settled), _speaking);
        return LivePictureReader.Faces(picture);
    }

    private void Answer(SpeechSegment segment, float[] sound)
    {
        _words?.Stop();
        int start = Milliseconds(segment.Start), end = Milliseconds(segment.End);
        UtteranceMaterial material = new(start, end) { Speaker = _utteranceSpeaker ?? Speaker, IsOneOfMany = true, Sound = sound };
        _utteranceSpeaker = null;
        _answers.Ask(_eyes.Gather(material), WhenAnswered);
    }

    private LiveUpdate Update(LiveAnswer? answer)
    {
        LiveUpdate update = new(
            HeardMs, _cutter.Begun is { } begun ? Milliseconds(begun) : null, answer?.Utterance, answer?.Warnings ?? []);
        if (answer is null)
            return update;
        _told.Add((answer.Utterance.Speaker, answer.Utterance.EndMs - answer.Utterance.StartMs));
        _seen = answer.Persons;
        _faceIds.UnionWith(_seen.Select(person => person.Id));
        return WithPersons(update);
    }

    // Later utterances may be on their way already.
    private LiveUpdate WithPersons(LiveUpdate update)
    {
        string?[] speakers = [.. _voices is null ? _told.Select(one => one.Speaker) : _voices.Speakers.Take(_told.Count)];
        bool changed = !speakers.SequenceEqual(_told.Select(one => one.Speaker));
        for (int i = 0; i < _told.Count; i++)
            _told[i] = (speakers[i], _told[i].LengthMs);
        RecognizedPerson[] persons = [.. Persons()];
        string now = string.Join('\n', persons.Select(person => $"{person.Id} {person.Name}"));
        if (!changed && now == _personsTold)
            return update;
        _personsTold = now;
        return update with { Speakers = speakers, Persons = persons };
    }

    private IEnumerable<RecognizedPerson> Persons()
    {
        double all = Math.Max(1, _told.Sum(one => (double)one.LengthMs));
        Dictionary<string, PersonVoice> voices = _told.Where(one => one.Speaker is not null).GroupBy(one => one.Speaker!).ToDictionary(
            group => group.Key, group => new PersonVoice(group.Count(), group.Sum(one => one.LengthMs), group.Sum(one => one.LengthMs) / all));
        int next = 0;
        foreach (RecognizedPerson person in _seen)
            yield return person with { Voice = voices.GetValueOrDefault(person.Name) };
        foreach ((string name, PersonVoice voice) in voices.Where(voice => _seen.All(person => person.Name != voice.Key)))
        {
            do
                next++;
            while (_faceIds.Contains($"p{next}"));
            yield return new RecognizedPerson { Id = $"p{next}", Name = name, Voice = voice };
        }
    }

    private int Milliseconds(long samples) => (int)Math.Min(_offsetMs + (samples / SamplesInMs), int.MaxValue);
}
