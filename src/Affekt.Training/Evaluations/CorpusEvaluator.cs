using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Text;
using Affekt.Models.Video;

namespace Affekt.Training.Evaluations;

/// <summary>
/// Asks bundles about every utterance of a split, dialogue by dialogue, with the code that recognition uses. The sound is
/// decoded and encoded once, and so is the picture, for all bundles that are asked: their encoders are the same, but for the
/// weights of the audio encoder's layers, with which it is done again. For use by
/// one caller at a time.
/// </summary>
public sealed class CorpusEvaluator
{
    // Bounds what a batch of texts takes: some hundred MB in the starter's encoder.
    private const int TokensAtOnce = 2_048;

    private const int AnswersBetweenReports = 100;

    // Files of these endings are not searched for pictures.
    private static readonly HashSet<string> _soundOnly = new(
        [".flac", ".wav", ".mp3", ".m4a", ".ogg", ".opus"], StringComparer.OrdinalIgnoreCase);

    private readonly Dialogue[] _dialogues;
    private readonly Func<float[], AudioFeatures>? _encodeSound;
    private readonly IFrameEncoder? _frameEncoder;
    private Dictionary<string, EncodedSound>? _sounds;
    private IReadOnlyList<double>? _soundLayers;
    private Dictionary<string, FrameFeatures>? _pictures;

    /// <summary>Chooses what to evaluate on; reads no media yet.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="options">The split and the conditions.</param>
    /// <exception cref="EvaluationException">
    /// The split has no utterance, or none with one of the modalities that were asked for; or noise is asked for where no
    /// sound is used.
    /// </exception>
    public CorpusEvaluator(Corpus corpus, EvaluationOptions options)
        : this(corpus, options, null)
    {
    }

    /// <param name="corpus">The corpus.</param>
    /// <param name="options">The split and the conditions.</param>
    /// <param name="encodeSound">Stands in for the bundle's audio encoder, whose weights are not at hand in a test.</param>
    /// <param name="frameEncoder">Stands in for the bundle's frame encoder, likewise.</param>
    internal CorpusEvaluator(
        Corpus corpus, EvaluationOptions options, Func<float[], AudioFeatures>? encodeSound, IFrameEncoder? frameEncoder = null)
    {
        Corpus = corpus;
        Options = options;
        _encodeSound = encodeSound;
        _frameEncoder = frameEncoder;
        _dialogues = [.. corpus.In(options.Split)];
        Modalities = Choose();
        if (options.NoiseDecibels is { } noise && !(Modalities.Audio && double.IsFinite(noise)))
        {
            throw new EvaluationException(
                $"found noise at {noise} dB with {string.Join(", ", Modalities.Names)}, expected a finite ratio and sound");
        }
    }

    /// <summary>The corpus.</summary>
    public Corpus Corpus { get; }

    /// <summary>The split and the conditions.</summary>
    public EvaluationOptions Options { get; }

    /// <summary>
    /// The modalities that are used: those asked for that at least one utterance of the split has. Text that is the same
    /// for every emotion (<see cref="Utterance.TextIsFixed"/>) counts as none. Whether media have sound and picture is known
    /// once <see cref="RunAsync"/> has read them; for a bundle without a video branch, pictures are left out there.
    /// </summary>
    public ModalityChoice Modalities { get; private set; }

    /// <summary>Whether <see cref="RunAsync"/> needs a bundle with an audio encoder: until one has been asked.</summary>
    public bool NeedsAudioEncoder => Modalities.Audio && _sounds is null && _encodeSound is null && !SoundIsStored;

    /// <summary>Whether <see cref="RunAsync"/> needs a bundle with a frame encoder: until one has been asked.</summary>
    public bool NeedsFrameEncoder => Modalities.Video && _pictures is null && _frameEncoder is null && Options.Features is null;

    /// <summary>
    /// How often each emotion is expected: as <see cref="EvaluationOptions.Prior"/> says, else as in MELD's train split for MELD's emotions, else as
    /// the bundle says; null for a bundle that fuses branches.
    /// </summary>
    public EmotionPrior? PriorFor(Bundle bundle)
    {
        if (bundle.ExpertsUnder(Options.Prior) is not { } experts)
            return null;
        return Options.Prior is null && Corpus.Name == "meld" && Labels.IsEmotions ? EmotionPrior.Meld : experts.Prior;
    }

    /// <summary>The labels that the corpus was read into, which a bundle must answer with.</summary>
    public LabelSet Labels => Corpus.Labels;

    /// <summary>The indices of the labels that can be answered, rising.</summary>
    public IReadOnlyList<int> Classes => Options.Classes ?? Corpus.Classes;

    /// <summary>A prediction as it is where only some labels can be answered; the same where all can.</summary>
    internal static Prediction Among(Prediction prediction, IReadOnlyList<int> classes) =>
        classes.Count == prediction.Labels.Count ? prediction : prediction.Among(classes);

    private bool SoundIsStored => Options is { Features: not null, NoiseDecibels: null };

    private IEnumerable<Utterance> Utterances => _dialogues.SelectMany(dialogue => dialogue.Utterances);

    /// <summary>Asks a bundle. A media file that cannot be read leaves its utterance without sound.</summary>
    /// <param name="bundle">The opened bundle.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EvaluationException">No utterance could be evaluated.</exception>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    public async Task<CorpusEvaluation> RunAsync(
        Bundle bundle, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        // A prior that the bundle cannot take is told before anything is computed.
        PriorFor(bundle);
        Dictionary<string, TextValues> texts = await ReadAsync(bundle, progress, cancellation).ConfigureAwait(false);
        CorpusEvaluation evaluation = Answer(bundle, texts, Modalities, progress, cancellation);
        return Options.Subsets
            ? evaluation with { Subsets = [.. ModalityChoice.Subsets.Select(subset => Score(bundle, texts, subset, progress, cancellation))] }
            : evaluation;
    }

    /// <summary>What a bundle says about each utterance that has something it reads, in the corpus's order.</summary>
    /// <param name="bundle">The opened bundle.</param>
    /// <param name="branches">Whether branches and their fusion answer, in a bundle of experts too.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task<IReadOnlyList<(Utterance Utterance, UtteranceAnswer Answer)>> AskAsync(
        Bundle bundle, bool branches, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        Dictionary<string, TextValues> texts = await ReadAsync(bundle, progress, cancellation).ConfigureAwait(false);
        return
        [
            .. Ask(bundle, texts, Modalities, branches, progress, cancellation).Where(asked => asked.Answer is not null)
                .Select(asked => (asked.Utterance, asked.Answer!)),
        ];
    }

    /// <summary>Lets go of sound that was encoded with other weights of the encoder's layers than a bundle's: each seed may have learned its own.</summary>
    internal void KeepSoundFor(BundleConfig bundle)
    {
        IReadOnlyList<double>? layers = bundle.AudioEncoder?.LayerWeights;
        if (!(layers ?? []).SequenceEqual(_soundLayers ?? []))
            _sounds = null;
        _soundLayers = layers;
    }

    // Reads texts, and once for all bundles of the same encoders sound and pictures.
    private async Task<Dictionary<string, TextValues>> ReadAsync(
        Bundle bundle, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        if (!bundle.Config.LabelSet.Equals(Labels))
            throw new EvaluationException($"{bundle.Config.Name}: found labels {bundle.Config.LabelSet}, expected {Labels}, which the corpus was read into");
        KeepSoundFor(bundle.Config);
        if (NeedsAudioEncoder && bundle.AudioEncoder is null)
            throw new ArgumentException("sound is to be used, but the bundle was opened without an audio encoder", nameof(bundle));
        if (Modalities.Video && !bundle.Config.ReadsPictures)
            LeaveOutVideo();
        if (NeedsFrameEncoder && bundle.VideoEncoder is null)
            throw new ArgumentException("pictures are to be used, but the bundle was opened without a frame encoder", nameof(bundle));
        if (Options.Features is not null && bundle.Config.Published is not null)
            throw new EvaluationException("--features: found a bundle of published classifiers, expected one whose encoders fill a store");
        StoredInputs? stored = Options.Features is { } features ? new StoredInputs(features, [.. Utterances], progress) : null;
        Dictionary<string, TextValues> texts = !Modalities.Text ? []
            : stored is null ? EncodeTexts(bundle, progress, cancellation)
            : await stored.TextsAsync(bundle, ReadsTokens(bundle), cancellation).ConfigureAwait(false);
        Utterance[] withMedia = [.. Utterances.Where(utterance => utterance.Media is not null)];
        if (Modalities.Audio && _sounds is null && stored is not null && SoundIsStored)
        {
            _sounds = await stored.SoundsAsync(bundle, withMedia, cancellation).ConfigureAwait(false);
        }
        else if (Modalities.Audio && _sounds is null)
        {
            SoundFeatures reader = new(MediaTools.Find(), _encodeSound ?? (s => bundle.AudioEncoder!.Encode(s)), Options);
            _sounds = await reader.ReadAsync(withMedia, progress, cancellation).ConfigureAwait(false);
        }

        if (Modalities.Video && _pictures is null)
        {
            Utterance[] withPictures = [.. withMedia.Where(MayHavePictures)];
            _pictures = stored is not null
                ? await stored.PicturesAsync(bundle, withPictures, cancellation).ConfigureAwait(false)
                : await new PictureFeatures(MediaTools.Find(), _frameEncoder ?? bundle.VideoEncoder!)
                    .ReadAsync(withPictures, progress, cancellation).ConfigureAwait(false);
        }

        return texts;
    }

    private bool ReadsTokens(Bundle bundle) => Modalities.Video && bundle.Video is { Config.TextWidth: > 0 };

    private static bool MayHavePictures(Utterance utterance) =>
        utterance.Media is { } media && !_soundOnly.Contains(Path.GetExtension(media));

    private static bool HasText(Utterance utterance) => utterance is { Text: not null, TextIsFixed: false };

    private ModalityChoice Choose()
    {
        string subject = $"{Corpus.Name}, {Options.Split.Name()}";
        if (_dialogues.Length == 0)
            throw new EvaluationException($"{subject}: found no utterances, expected at least one");
        ModalityChoice has = new(
            Utterances.Any(HasText), Utterances.Any(utterance => utterance.Media is not null), Utterances.Any(MayHavePictures));
        ModalityChoice asked = Options.Modalities ?? ModalityChoice.All;
        ModalityChoice used = asked.And(has);
        return used.IsEmpty ? throw NothingToUse(asked, has) : used;
    }

    private void LeaveOutVideo()
    {
        ModalityChoice rest = Modalities with { Video = false };
        Modalities = rest.IsEmpty
            ? throw new EvaluationException($"{Corpus.Name}, {Options.Split.Name()}: found pictures only, expected a bundle with a video branch")
            : rest;
    }

    private EvaluationException NothingToUse(ModalityChoice asked, ModalityChoice has)
    {
        string found = has.IsEmpty ? "neither text nor media" : $"{string.Join(" and ", has.Names)} only";
        string fixedText = Utterances.Any(u => u.TextIsFixed) ? " (its texts are the same for every emotion)" : "";
        return new EvaluationException(
            $"{Corpus.Name}, {Options.Split.Name()}: found {found}{fixedText}, expected {string.Join(" or ", asked.Names)}");
    }

    // By published classifiers, one by one.
    private Dictionary<string, TextValues> ReadTexts(Bundle bundle, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        Utterance[] texts = [.. Utterances.Where(HasText)];
        Dictionary<string, TextValues> read = [];
        for (int i = 0; i < texts.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (bundle.ReadText(texts[i].Text!) is { } values)
                read.Add(texts[i].Id, new TextValues(values.Features, values.Tokens));
            progress?.Report(new EvaluationProgress("text", i + 1, texts.Length));
        }

        return read;
    }

    private Dictionary<string, TextValues> EncodeTexts(
        Bundle bundle, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        if (bundle.Config.Published is not null)
            return ReadTexts(bundle, progress, cancellation);
        TextEncoder encoder = bundle.TextEncoder;
        bool withTokens = ReadsTokens(bundle);
        (string Id, long[] Tokens)[] texts =
        [
            .. Utterances.Where(HasText)
                .Select(utterance => (utterance.Id, Tokens: encoder.Tokenize(utterance.Text!)))
                .OrderBy(text => text.Tokens.Length),
        ];
        Dictionary<string, TextValues> features = [];
        while (features.Count < texts.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int start = features.Count;
            int end = start + 1;
            while (end < texts.Length && (end + 1 - start) * texts[end].Tokens.Length <= TokensAtOnce)
                end++;
            long[][] batch = [.. texts[start..end].Select(text => text.Tokens)];
            float[] values = encoder.Encode(batch);
            for (int i = start; i < end; i++)
            {
                features.Add(texts[i].Id, new TextValues(
                    values.AsSpan((i - start) * encoder.Width, encoder.Width).ToArray(),
                    withTokens ? encoder.TokenStates([texts[i].Tokens]).Values : null));
            }

            progress?.Report(new EvaluationProgress("text", features.Count, texts.Length));
        }

        return features;
    }

    private SubsetScores Score(
        Bundle bundle, Dictionary<string, TextValues> texts, ModalityChoice subset, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellation)
    {
        string[] absent = [.. subset.Names.Except(Modalities.Names)];
        if (absent.Length > 0)
            return new SubsetScores(subset.Names, 0, Utterances.Count()) { Note = $"no {string.Join(", no ", absent)} here" };
        try
        {
            CorpusEvaluation evaluation = Answer(bundle, texts, subset, progress, cancellation);
            return SubsetScores.Of(subset.Names, evaluation.Predictions, evaluation.Skipped);
        }
        catch (EvaluationException)
        {
            return new SubsetScores(subset.Names, 0, Utterances.Count()) { Note = "none usable" };
        }
    }

    private CorpusEvaluation Answer(
        Bundle bundle,
        Dictionary<string, TextValues> texts,
        ModalityChoice given,
        IProgress<EvaluationProgress>? progress,
        CancellationToken cancellation)
    {
        List<Prediction> predictions = [];
        List<UtteranceGap> gaps = [];
        FusionRows rows = new(bundle.Fusion.Config, Classes, Labels);
        EstimatedDimensions dimensions = new(bundle.Config.DimensionNames);
        bool joins = bundle.Config.Fusion?.Kind == FusionKind.Experts
            ? given.Names.Count > 1
            : given is { Video: true } and not { Text: false, Audio: false };
        foreach ((Utterance utterance, UtteranceFeatures features, UtteranceAnswer? answer) in Ask(
            bundle, texts, given, branches: false, progress, cancellation))
        {
            if (answer is not null && utterance.Label is { } truth && Classes.Contains(truth))
            {
                Prediction prediction = new(utterance.Id, utterance.Dialogue, truth, answer.Probabilities, Labels) { Temperature = answer.Temperature };
                predictions.Add(Among(prediction, Classes));
                rows.Add(utterance, answer);
            }

            if (answer is not null)
                dimensions.Add(utterance, answer);
            if (Gap(utterance, features, given, answered: answer is not null) is { } gap)
                gaps.Add(gap);
        }

        return predictions.Count > 0 || dimensions.Count > 0
            ? new CorpusEvaluation(predictions, gaps) { Rows = joins ? rows.Rows : [], Dimensions = dimensions.Scores() }
            : throw new EvaluationException(
                $"{Corpus.Name}, {Options.Split.Name()}: found no utterance to evaluate on, expected at least one; the first, "
                + $"{gaps[0].Id}: {gaps[0].Reason}");
    }

    private IEnumerable<(Utterance Utterance, UtteranceFeatures Features, UtteranceAnswer? Answer)> Ask(
        Bundle bundle,
        Dictionary<string, TextValues> texts,
        ModalityChoice given,
        bool branches,
        IProgress<EvaluationProgress>? progress,
        CancellationToken cancellation)
    {
        int total = Utterances.Count();
        int done = 0;
        Func<Utterance, SpeakerBaseline>? baselines = Options.Baseline is { } use ? Baselines(bundle, given, use) : null;
        foreach (Dialogue dialogue in _dialogues)
        {
            foreach (IReadOnlyList<Utterance> remembered in Options.History ? [dialogue.Utterances] : Alone(dialogue))
            {
                using DialogueMemory memory = branches ? DialogueMemory.OfBranches(bundle) : new(bundle, PriorFor(bundle));
                MetadataTracker metadata = new(bundle.Metadata);
                foreach (Utterance utterance in remembered)
                {
                    cancellation.ThrowIfCancellationRequested();
                    EncodedSound? sound = _sounds?.GetValueOrDefault(utterance.Id);
                    TextValues? text = texts.GetValueOrDefault(utterance.Id);
                    UtteranceFeatures features = new UtteranceFeatures(
                        text?.Features, sound?.Features.Values,
                        metadata.Next(utterance.Speaker, utterance.DurationMs ?? sound?.DurationMs))
                    {
                        Tokens = text?.Tokens,
                        Speaker = utterance.Speaker,
                        Baseline = baselines?.Invoke(utterance),
                        Frames = _pictures?.GetValueOrDefault(utterance.Id),
                    }.Keep(given.Text, given.Audio, given.Video);
                    yield return (utterance, features, memory.Next(features));
                    if (++done % AnswersBetweenReports == 0 || done == total)
                        progress?.Report(new EvaluationProgress("answers", done, total));
                }
            }
        }
    }

    // How each utterance's speaker usually sounds and looks.
    private Func<Utterance, SpeakerBaseline> Baselines(Bundle bundle, ModalityChoice given, BaselineUse use)
    {
        Dictionary<string, VoiceBaseline> voices = CorpusBaselines.Of(
            Utterances, utterance => given.Audio ? _sounds?.GetValueOrDefault(utterance.Id)?.Features.Values : null, use,
            VoiceBaseline.None, (voice, sound) => voice.With(sound), (voice, sound) => voice.Without(sound));
        Dictionary<string, FaceBaseline> faces = [];
        if (given.Video && bundle.Config.Fusion?.Experts?.Video is { Resting: not null } expert)
        {
            using DialogueMemory memory = new(bundle);
            MetadataTracker nothing = new(bundle.Metadata);
            faces = CorpusBaselines.Of(
                Utterances, utterance => _pictures?.GetValueOrDefault(utterance.Id) is { } frames
                    ? memory.AskFace(new UtteranceFeatures(null, null, nothing.Peek(null, null)) { Frames = frames })
                    : null,
                use, FaceBaseline.None, (face, answer) => face.With(answer, expert), (face, answer) => face.Without(answer, expert));
        }

        return utterance => new SpeakerBaseline(
            voices.GetValueOrDefault(utterance.Id, VoiceBaseline.None), faces.GetValueOrDefault(utterance.Id, FaceBaseline.None));
    }

    private static IEnumerable<IReadOnlyList<Utterance>> Alone(Dialogue dialogue) => dialogue.Utterances.Chunk(1);

    private UtteranceGap? Gap(Utterance utterance, UtteranceFeatures features, ModalityChoice given, bool answered)
    {
        List<string> missing = [];
        bool isOutside = utterance.Label is { } label && !Classes.Contains(label);
        if (utterance.Label is null)
            missing.Add(utterance.HasOtherLabel ? $"its label is none of {(Labels.IsEmotions ? "the seven" : Labels)}" : "no label");
        if (isOutside)
            missing.Add($"{Labels[utterance.Label!.Value]} is not among the classes");
        if (given.Text && features.Text is null)
            missing.Add("no text");
        if (given.Audio && features.Audio is null)
            missing.Add(_sounds?.GetValueOrDefault(utterance.Id)?.Features.Reason ?? "no media");
        if (given.Video && !features.HasVideo)
            missing.Add(_pictures?.GetValueOrDefault(utterance.Id)?.Reason ?? "no picture");
        bool skipped = utterance.Label is null || isOutside || !answered;
        return missing.Count == 0 ? null : new UtteranceGap(utterance.Id, string.Join("; ", missing.Distinct()), skipped);
    }
}
