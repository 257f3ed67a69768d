using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Speech;
using Affekt.Models.Video;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>
/// Answers the utterances of one dialogue in their order, each with what came before in mind. <see cref="Next"/> is for one
/// thread at a time and <see cref="Ask"/> for one, which may be another; they take turns at the models, as other dialogues do.
/// </summary>
/// <param name="bundle">The models; they stay open as long as this is used.</param>
/// <param name="words">Gives words to utterances without; null where they stay without.</param>
/// <param name="minConfidence">Answers below it are withheld; null for the bundle's own threshold.</param>
/// <param name="models">Taken while a model computes.</param>
/// <param name="prior">How often each emotion is expected; null for what the bundle says.</param>
/// <param name="enrolled">How the speakers usually sound and look; null where only what is heard and seen here tells.</param>
/// <param name="voices">Names speakers by their voices where nobody does; null where they stay without.</param>
/// <param name="faces">Tells faces apart, and which speaks; null where the largest is read.</param>
internal sealed class DialogueRecognizer(
    Bundle bundle, WordFinder? words, double? minConfidence, ModelTurns models, EmotionPrior? prior = null, ISpeakerBaseline? enrolled = null,
    VoiceNames? voices = null, FaceNames? faces = null)
    : IDisposable
{
    private const int LongestSound = 30 * Sound.SampleRate;

    private readonly MetadataTracker _metadata = new(bundle.Metadata);
    private readonly DialogueMemory _memory = new(bundle, prior, enrolled switch
    {
        null => null,
        SpeakerBaseline known => known,
        _ => throw new ArgumentException($"found a {enrolled.GetType().Name}, expected what a recognizer enrolled", nameof(enrolled)),
    });

    // Who speaks, where nobody tells voices apart.
    private readonly HashSet<string> _named = [];

    // Running answers ask many times for the same words.
    private (string? Text, (float[]? Features, float[]? Tokens, ModalityUse Use) Encoded)? _lastText;

    /// <summary>Answers the dialogue's next utterance, and remembers it.</summary>
    /// <param name="material">What is known of it.</param>
    /// <param name="warnings">Gets what a reader should know.</param>
    /// <param name="clock">Gets the times of the stages.</param>
    /// <param name="cancellation">Ends it before its next part, with nothing remembered.</param>
    public RecognizedUtterance Next(
        UtteranceMaterial material, WarningList warnings, StageClock clock, CancellationToken cancellation = default) =>
        Answer(Hear(material, warnings, clock, cancellation), warnings, clock, cancellation);

    /// <summary>The first part of <see cref="Next"/>, for which pictures need not be there yet.</summary>
    /// <inheritdoc cref="Next"/>
    public HeardUtterance Hear(UtteranceMaterial material, WarningList warnings, StageClock clock, CancellationToken cancellation = default)
    {
        clock.Decoded();
        material = Transcribed(material, warnings, cancellation);
        clock.Encoded();

        // In turns of their own: answers while somebody speaks do not wait for all of it.
        (float[]? features, double? overlap, ModalityUse use) = InTurn(clock, () => EncodeAudio(material, warnings), cancellation);
        (string? shown, string? speaker) = voices is null
            ? (material.Speaker, material.Speaker)
            : InTurn(clock, () => voices.Next(material, features, overlap), cancellation);
        if (voices is null && speaker is not null)
            _named.Add(speaker);
        if (faces is not null)
            faces.HeardOthers = (voices?.Speakers.OfType<string>().Distinct() ?? _named).Skip(1).Any();
        return new HeardUtterance(
            material with { Speaker = shown }, speaker, features, overlap, use,
            InTurn(clock, () => EncodeText(material.Text, material.NoText), cancellation));
    }

    /// <summary>The other part of <see cref="Next"/>.</summary>
    /// <param name="heard">What <see cref="Hear"/> gave, with its pictures.</param>
    /// <param name="warnings">As there.</param>
    /// <param name="clock">As there.</param>
    /// <param name="cancellation">As there.</param>
    public RecognizedUtterance Answer(HeardUtterance heard, WarningList warnings, StageClock clock, CancellationToken cancellation = default)
    {
        UtteranceMaterial material = heard.Material;
        warnings.Add(material.PictureWarnings);
        clock.Decoded();
        FaceLook? look = faces is not null && material.Pictures is not null && bundle.Video is not null
            ? InTurn(clock, () => faces.Find(material), cancellation)
            : null;
        DensePictures? closer = look is { AsksWhoSpeaks: true } ? material.Closer?.Invoke() : null;
        clock.Decoded();
        SeenFaces? seen = look is null ? null : InTurn(clock, () => faces!.Read(material, look, closer), cancellation);
        if (seen is null)
            faces?.Skip();
        (FrameFeatures? frames, ModalityUse picture) = seen is null
            ? InTurn(clock, () => EncodePictures(material), cancellation)
            : (seen.Features, Use(seen.Features));
        cancellation.ThrowIfCancellationRequested();
        using (models.Take())
        {
            clock.Waited();
            UtteranceFeatures features = new(
                heard.Text.Features, heard.Audio, _metadata.Next(heard.Speaker, material.EndMs - material.StartMs))
            {
                Tokens = heard.Text.Tokens,
                Frames = frames,
                Speaker = heard.Speaker,
            };
            IReadOnlyList<ListenerAnswer>? listeners = seen is { Listeners.Count: > 0 } ? Listeners(seen, features) : null;
            RecognizedUtterance utterance = Classify(
                material, features, new ModalityUses(heard.AudioUse, heard.Text.Use, picture), warnings) with
            { Overlap = heard.Overlap, Face = seen?.Face, Listeners = listeners };
            clock.Classified();
            return utterance;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private T InTurn<T>(StageClock clock, Func<T> encode, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using (models.Take())
        {
            clock.Waited();
            T encoded = encode();
            clock.Encoded();
            return encoded;
        }
    }

    /// <summary>
    /// What would be said of the utterance at hand as far as it is known; nothing is remembered, and no words are looked for.
    /// </summary>
    /// <param name="material">What is known of it by now, but for the pictures.</param>
    /// <param name="frames">What was made of its pictures; null where there is nothing.</param>
    /// <param name="picture">Whether they count, and why not.</param>
    public (EmotionProbabilities? Fused, RunningModalities Modalities) Ask(
        UtteranceMaterial material, FrameFeatures? frames, ModalityUse picture)
    {
        using (models.Take())
        {
            (float[]? audioFeatures, _, ModalityUse audio) = EncodeAudio(material, new WarningList());
            if (_lastText?.Text != material.Text || _lastText is null)
                _lastText = (material.Text, EncodeText(material.Text));
            (float[]? textFeatures, float[]? tokens, ModalityUse text) = _lastText.Value.Encoded;
            UtteranceFeatures features = new(
                textFeatures, audioFeatures, _metadata.Peek(material.Speaker, material.EndMs - material.StartMs))
            {
                Tokens = tokens,
                Frames = frames,
                Speaker = material.Speaker,
            };
            if (_memory.Prior is not null)
            {
                UtteranceAnswer? answer = _memory.Ask(features);
                ExpertAnswer? experts = answer?.Experts;
                return (
                    answer is null ? null : Of(answer),
                    new RunningModalities(
                        RunningModality.Of(audio, Said(experts?.Audio)), RunningModality.Of(text, Said(experts?.Text)),
                        RunningModality.Of(picture, Said(experts?.Video))));
            }

            ModalityUses said = Say(features, new ModalityUses(audio, text, picture));
            return (
                Alone(isThere: true, features),
                new RunningModalities(
                    RunningModality.Of(audio, said.Audio.Probabilities), RunningModality.Of(text, said.Text.Probabilities),
                    RunningModality.Of(picture, said.Video.Probabilities)));
        }

        EmotionProbabilities? Said(ExpertShare? expert) => expert is null ? null : new EmotionProbabilities(expert.Probabilities, bundle.Config.LabelSet);
    }

    // Each by its face alone, as if nobody spoke; before the utterance is remembered.
    private List<ListenerAnswer>? Listeners(SeenFaces seen, UtteranceFeatures utterance)
    {
        List<ListenerAnswer> answers = [];
        foreach ((string person, FrameFeatures face) in seen.Listeners)
        {
            UtteranceFeatures alone = utterance.Keep(text: false, audio: false, video: true) with { Frames = face, Speaker = person };
            if (_memory.Ask(alone) is not { } answer)
                continue;
            EmotionProbabilities probabilities = Of(answer);
            answers.Add(new ListenerAnswer(person, probabilities.TopLabel, probabilities.Confidence, probabilities));
        }

        return answers.Count > 0 ? answers : null;
    }

    private static ModalityUse Use(FrameFeatures features) => features.Values is null ? ModalityUse.Unusable(features.Reason!) : ModalityUse.Used;

    private UtteranceMaterial Transcribed(UtteranceMaterial material, WarningList warnings, CancellationToken cancellation)
    {
        if (words is null || material.Text is not null || material.Sound is not { } sound)
            return material;
        Transcription heard = words.Find(sound, cancellation);
        if (heard.IsUnderstood)
            return material with { Text = heard.Words, TextSource = TextSource.Asr };
        if (heard.Words is null)
            return material;
        warnings.Add(
            RecognitionWarning.SpeechNotUnderstood,
            "Speech recognition, which knows English, did not understand some of what is said; it goes without words.");
        return material with { NoText = "the speech was not understood" };
    }

    private (float[]? Features, double? Overlap, ModalityUse Use) EncodeAudio(UtteranceMaterial material, WarningList warnings)
    {
        if (material.Sound is not { } sound)
            return (null, null, ModalityUse.Missing(material.NoSound ?? "no sound was given"));
        if (material.UnusableSound is { } unusable)
            return (null, null, ModalityUse.Unusable(unusable));
        if (bundle.AudioEncoder is not { } encoder)
        {
            const string Reason = "The audio encoder's weights are not loaded.";
            warnings.Add(RecognitionWarning.NoAudioEncoder, $"The sound was not used: {Reason}");
            return (null, null, ModalityUse.Missing(Reason));
        }

        if (sound.Length > LongestSound)
            warnings.Add(RecognitionWarning.SoundOnly30Seconds, "Of the sound only the 30 s in the middle were read.");
        AudioFeatures features = encoder.Encode(sound.Span);
        return (features.Values, features.Overlap is { } share ? Math.Round(share, 4) : null, features.Reason is null ? ModalityUse.Used : ModalityUse.Unusable(features.Reason));
    }

    private (float[]? Features, float[]? Tokens, ModalityUse Use) EncodeText(string? text, string? noText = null)
    {
        if (text is null)
            return (null, null, ModalityUse.Missing(noText ?? "no text was given"));
        if (!bundle.Config.ReadsText)
            return (null, null, ModalityUse.Missing("no classifier of words in this bundle"));
        return bundle.ReadText(text) is { } read
            ? (read.Features, read.Tokens, ModalityUse.Used)
            : (null, null, ModalityUse.Unusable("the text holds no word"));
    }

    private (FrameFeatures? Features, ModalityUse Use) EncodePictures(UtteranceMaterial material)
    {
        if (!bundle.Config.ReadsPictures)
            return (null, ModalityUse.Missing("no branch in this bundle"));
        if (bundle.VideoEncoder is not { } encoder)
            return (null, ModalityUse.Missing(material.NoPictures ?? "The frame encoder's weights are not loaded."));
        if (material.Pictures is not { } pictures)
            return (null, ModalityUse.Missing(material.NoPictures ?? "no picture was given"));
        FrameFeatures features = encoder is FaceEncoder reader && material.Faces is { } faces
            ? reader.Encode(pictures, faces)
            : encoder.Encode(pictures);
        return (features, Use(features));
    }

    private RecognizedUtterance Classify(
        UtteranceMaterial material, UtteranceFeatures features, ModalityUses uses, WarningList warnings)
    {
        // Before the utterance is remembered: contributions ask what it would have been without a modality.
        UtteranceAnswer? withoutAudio = features.Audio is null ? null : _memory.Ask(features.Keep(text: true, audio: false, video: true));
        UtteranceAnswer? withoutText = features.Text is null ? null : _memory.Ask(features.Keep(text: false, audio: true, video: true));
        ModalityUses said = Say(features, uses);
        UtteranceAnswer? withoutVideo = features.HasVideo ? _memory.Ask(features.Keep(text: true, audio: true, video: false)) : null;
        UtteranceAnswer? all = _memory.Next(features);
        if (all?.Experts is { } experts)
        {
            said = new ModalityUses(
                uses.Audio.Saying(experts.Audio?.Probabilities, experts.Audio?.Weight, bundle.Config.LabelSet),
                uses.Text.Saying(experts.Text?.Probabilities, experts.Text?.Weight, bundle.Config.LabelSet),
                uses.Video.Saying(experts.Video?.Probabilities, experts.Video?.Weight, bundle.Config.LabelSet));
        }

        EmotionProbabilities probabilities = Of(all);
        double confidence = probabilities.Confidence;
        if (all is null)
        {
            warnings.Add(
                RecognitionWarning.NothingToGoBy,
                $"There is neither usable sound nor text{(bundle.Config.ReadsPictures ? " nor a usable picture" : "")}: no emotion is more probable than another.");
        }

        return new RecognizedUtterance
        {
            StartMs = material.StartMs,
            EndMs = material.EndMs,
            Speaker = material.Speaker,
            Text = material.Text,
            TextSource = material.TextSource,
            Confidence = confidence,
            Abstained = all is null || confidence < (minConfidence ?? bundle.Config.Calibration.AbstainBelow),
            Probabilities = probabilities,
            Dimensions = all?.Dimensions is { } values
                ? bundle.Config.DimensionNames.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second)
                : null,
            Modalities = said,
            Baseline = all is { BaselineUtterances: null, BaselineFaces: null } or null
                ? null
                : new UsedBaseline(all.BaselineUtterances ?? 0) { Faces = all.BaselineFaces },
            Faces = Faces(material, features.Frames),
            Prior = _memory.Prior is { } expected ? new EmotionProbabilities(expected.Values, expected.Labels) : null,
            Branches = new BranchAnswers(Branch(all?.AudioText), Branch(all?.Video)),
            Contribution = new ModalityContributions(
                features.Audio is null ? 0 : Drop(withoutAudio), features.Text is null ? 0 : Drop(withoutText),
                features.HasVideo ? Drop(withoutVideo) : 0),
        };

        double Drop(UtteranceAnswer? without) => confidence - Of(without).Values[probabilities.TopIndex];
    }

    // What each modality says by itself, where branches share some; experts say so anyway.
    private ModalityUses Say(UtteranceFeatures features, ModalityUses uses) => _memory.Prior is not null
        ? uses
        : new ModalityUses(
            uses.Audio with { Probabilities = Alone(features.Audio is not null, features.Keep(text: false, audio: true, video: false)) },
            uses.Text with { Probabilities = Alone(features.Text is not null, features.Keep(text: true, audio: false, video: false)) },
            uses.Video with { Probabilities = Alone(features.HasVideo, features.Keep(text: false, audio: false, video: true)) });

    private EmotionProbabilities? Alone(bool isThere, UtteranceFeatures features) =>
        isThere && _memory.Ask(features) is { } answer ? Of(answer) : null;

    private EmotionProbabilities Of(UtteranceAnswer? answer) =>
        answer is null ? EmotionProbabilities.Uniform(bundle.Config.LabelSet) : new(answer.Probabilities, bundle.Config.LabelSet);

    private BranchAnswer? Branch(BranchShare? share) =>
        share is null ? null : new BranchAnswer(share.Weight, new EmotionProbabilities(share.Probabilities, bundle.Config.LabelSet));

    // Where a frame encoder looks for faces, each picture's are told, those that could not be used too.
    private static IReadOnlyList<PictureFaces>? Faces(UtteranceMaterial material, FrameFeatures? frames)
    {
        if (frames is null || frames.Faces.Count == 0)
            return null;
        double step = (double)(material.EndMs - material.StartMs) / frames.Faces.Count;
        return
        [
            .. frames.Faces.Select((faces, i) => new PictureFaces(
                material.StartMs + (int)((i + 0.5) * step),
                [.. faces.Select(face => new RecognizedFace(face.Left, face.Top, face.Width, face.Height, face.Score))])),
        ];
    }
}

/// <summary>An utterance of which sound and words are read.</summary>
/// <param name="Material">The utterance, with words and speaker.</param>
/// <param name="Speaker">Who speaks, as the models are told.</param>
/// <param name="Audio">What the audio encoder made of it; null where it made nothing.</param>
/// <param name="Overlap">The share in which two people speak at once; null where that is not known.</param>
/// <param name="AudioUse">Whether sound counts.</param>
/// <param name="Text">What the text encoder made of it, and whether words count.</param>
internal sealed record HeardUtterance(
    UtteranceMaterial Material, string? Speaker, float[]? Audio, double? Overlap, ModalityUse AudioUse,
    (float[]? Features, float[]? Tokens, ModalityUse Use) Text);
