using System.Runtime.CompilerServices;
using Affekt.Media;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Persons;
using Affekt.Models.Speech;
using Affekt.Models.Video;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>
/// Media files to utterances with emotions. Load once, use for many files, from any thread: media are decoded side by
/// side, and the models answer one utterance at a time.
/// </summary>
public sealed class Recognizer : IEmotionRecognizer, IDisposable
{
    private readonly ModelTurns _models = new();
    private readonly WorkThread _answers = new("affekt answers");
    private readonly Bundle _bundle;
    private readonly Lazy<MediaTools> _media;
    private readonly SpeechDetector? _detector;
    private readonly ITranscriber? _transcriber;
    private readonly WordFinder? _words;
    private readonly FaceDetector? _faces;
    private readonly Lazy<SpeakerEncoder> _voices = new(() => SpeakerEncoder.Load());
    private readonly Lazy<FaceReader?> _faceReader;
    private volatile bool _isDisposed;

    /// <summary>A recognizer with a bundle's models.</summary>
    /// <param name="bundle">The models, disposed of with this. Without its audio encoder, sound is not used.</param>
    /// <param name="media">What decodes.</param>
    /// <param name="detector">What finds the pauses, disposed of with this; without it files are not cut.</param>
    /// <param name="transcriber">What finds words where none are given, disposed of with this; null to go without.</param>
    /// <param name="faces">
    /// What finds faces in live pictures where the bundle has no video branch, disposed of with this; null to go without.
    /// </param>
    public Recognizer(
        Bundle bundle, MediaTools media, SpeechDetector? detector = null, ITranscriber? transcriber = null, FaceDetector? faces = null)
        : this(bundle, new Lazy<MediaTools>(media), detector, transcriber, faces)
    {
    }

    /// <summary>As the other, with tools that are looked for when a file is to be decoded: recordings in memory need none.</summary>
    internal Recognizer(Bundle bundle, Lazy<MediaTools> media, SpeechDetector? detector, ITranscriber? transcriber, FaceDetector? faces)
    {
        _bundle = bundle;
        _media = media;
        _detector = detector;
        _transcriber = transcriber;
        _words = transcriber is null ? null : new WordFinder(transcriber);
        _faces = faces;

        // Where the package of the face detector lies, the networks that tell faces apart mostly do.
        _faceReader = new Lazy<FaceReader?>(() => bundle.VideoEncoder is FaceEncoder { PackageFolder: { } folder } && FaceReader.IsIn(folder) ? FaceReader.Load(folder) : null);
        Identity = new BundleIdentity(bundle.Config.Name, bundle.Config.Version, bundle.Hash);
    }

    /// <summary>Which bundle answers.</summary>
    public BundleIdentity Identity { get; }

    /// <summary>What it answers with.</summary>
    public LabelSet Labels => _bundle.Config.LabelSet;

    /// <summary>What the bundle estimates beside its labels, such as valence; mostly nothing.</summary>
    public IReadOnlyList<string> Dimensions => _bundle.Config.DimensionNames;

    /// <inheritdoc/>
    public Task<BundleIdentity> OpenAsync(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return cancellation.IsCancellationRequested ? Task.FromCanceled<BundleIdentity>(cancellation) : Task.FromResult(Identity);
    }

    /// <inheritdoc/>
    public async Task<RecognitionResult> RecognizeAsync(RecognitionRequest request, CancellationToken cancellation = default)
    {
        List<RecognitionUpdate> updates = [];
        await foreach (RecognitionUpdate update in RecognizeStreamingAsync(request, cancellation).ConfigureAwait(false))
            updates.Add(update);
        return RecognitionUpdate.Join(updates);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecognitionUpdate> RecognizeStreamingAsync(
        RecognitionRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        StageClock clock = new();
        WarningList warnings = new();
        warnings.Add(request.Warnings);

        // Words alone have neither a voice nor a face to compare.
        ISpeakerBaseline? enrolled = request is { Baseline.Count: > 0, Recording: not { IsEmpty: true } }
            ? await EnrollAsync(request.Baseline, cancellation).ConfigureAwait(false)
            : null;
        VoiceNames? voices = request.TellVoicesApart ? new VoiceNames(_voices, request.SpeakerCount) : null;
        FaceNames? faces = request.TellFacesApart && _bundle.VideoEncoder is FaceEncoder reading ? new FaceNames(reading, _faceReader, request.Thumbnails) : null;
        MemoryRecording? recording = request.Recording is { IsEmpty: true } words ? words.AsLongAs(request.Transcript) : request.Recording;
        UtteranceReader? file = recording is null
            ? new(
                _media.Value, _detector, request, readsSound: _bundle.AudioEncoder is not null, _bundle.VideoEncoder?.Frames, warnings)
            : null;
        List<string?> given = [];
        using DialogueRecognizer dialogue = new(
            _bundle, request.Transcribe ? _words : null, request.MinConfidence, _models, request.Prior, enrolled, voices, faces);
        IAsyncEnumerable<UtteranceMaterial> materials = file?.ReadAsync(cancellation)
            ?? new MemoryReader(_detector, request, recording!, _bundle.VideoEncoder?.Frames, warnings).Read().ToAsyncEnumerable();
        await foreach (UtteranceMaterial material in materials.ConfigureAwait(false))
        {
            // Not on the caller's thread: that may be one that draws windows. Nor is a decoder waited for on the one that computes for all.
            HeardUtterance heard = await _answers.RunAsync(
                () => dialogue.Hear(material, warnings, clock, cancellation), cancellation).ConfigureAwait(false);
            UtteranceMaterial seen = await heard.Material.SeenAsync().ConfigureAwait(false);
            RecognizedUtterance utterance = await _answers.RunAsync(
                () => dialogue.Answer(heard with { Material = seen }, warnings, clock, cancellation), cancellation).ConfigureAwait(false);
            if (utterance.Modalities.RestsOnSoundAlone)
            {
                warnings.Add(
                    RecognitionWarning.SoundAlone,
                    "An answer rests on sound alone: on recordings unlike those that the bundle learned from it can be sure and wrong.");
            }

            given.Add(utterance.Speaker);
            yield return Update(utterance, utterance.EndMs);
            clock.Skip();
        }

        clock.Decoded();
        IReadOnlyList<string?> speakers = voices?.Speakers ?? given;
        yield return Update(null, file?.DurationMs ?? recording!.DurationMs) with { Speakers = voices is null ? null : speakers, Persons = faces?.Persons(speakers) ?? [] };

        RecognitionUpdate Update(RecognizedUtterance? utterance, int doneMs) => new()
        {
            Bundle = Identity,
            Input = new RecognizedInput(request.File, file?.DurationMs ?? recording!.DurationMs),
            Utterance = utterance,
            DoneMs = doneMs,
            Warnings = warnings.Take(),
            TimingMs = clock.Take(),
        };
    }

    /// <inheritdoc/>
    public async Task<ISpeakerBaseline> EnrollAsync(IReadOnlyList<string> files, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SpeakerEnrollment enrollment = new(_bundle, _models);
        if (!enrollment.Hears && !enrollment.Sees)
            return SpeakerBaseline.None;
        foreach (string file in files)
        {
            UtteranceReader reader = new(
                _media.Value, _detector, new RecognitionRequest(file), readsSound: true, enrollment.Sees ? _bundle.VideoEncoder?.Frames : null,
                new WarningList());
            await foreach (UtteranceMaterial material in reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                UtteranceMaterial seen = await material.SeenAsync().ConfigureAwait(false);
                await _answers.RunAsync(
                    () =>
                    {
                        enrollment.Add(seen);
                        return true;
                    },
                    cancellation).ConfigureAwait(false);
            }
        }

        return enrollment.Speaker;
    }

    /// <inheritdoc/>
    public Task<ILiveSession> ListenAsync(LiveOptions? options = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _detector is null ? throw new InvalidOperationException("this recognizer has no detector of speech, which live sound needs")
            : cancellation.IsCancellationRequested ? Task.FromCanceled<ILiveSession>(cancellation)
            : Task.FromResult<ILiveSession>(new LiveSession(
                new LiveServices(_bundle, _models, _answers, _detector, _words, _faces, _media, _voices, _faceReader), options ?? new LiveOptions()));
    }

    /// <summary>
    /// Frees the models. What still runs, and live sessions, end with <see cref="ObjectDisposedException"/> at their next part; so end
    /// them before.
    /// </summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _answers.Dispose();
        _bundle.Dispose();
        _detector?.Dispose();
        _words?.Dispose();
        _transcriber?.Dispose();
        _faces?.Dispose();
        if (_voices.IsValueCreated)
            _voices.Value.Dispose();
        if (_faceReader.IsValueCreated)
            _faceReader.Value?.Dispose();
    }
}
