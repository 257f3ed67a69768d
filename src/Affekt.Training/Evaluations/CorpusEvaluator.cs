using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Torch;

namespace Affekt.Training.Evaluations;

/// <summary>
/// Asks bundles about every utterance of a split, dialogue by dialogue, with the code that recognition uses. The sound is
/// decoded and encoded once, for all bundles that are asked: their audio encoder is the same. For use by one caller at a
/// time.
/// </summary>
public sealed class CorpusEvaluator
{
    // Bounds what a batch of texts takes: some hundred MB in the starter's encoder.
    private const int TokensAtOnce = 2_048;

    private const int AnswersBetweenReports = 100;

    private readonly Dialogue[] _dialogues;
    private readonly Func<float[], AudioFeatures>? _encodeSound;
    private Dictionary<string, EncodedSound>? _sounds;

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
    internal CorpusEvaluator(Corpus corpus, EvaluationOptions options, Func<float[], AudioFeatures>? encodeSound)
    {
        Corpus = corpus;
        Options = options;
        _encodeSound = encodeSound;
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
    /// for every emotion (<see cref="Utterance.TextIsFixed"/>) counts as none.
    /// </summary>
    public ModalityChoice Modalities { get; }

    /// <summary>Whether <see cref="RunAsync"/> needs a bundle with an audio encoder: until one has been asked.</summary>
    public bool NeedsAudioEncoder => Modalities.Audio && _sounds is null && _encodeSound is null;

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
        if (NeedsAudioEncoder && bundle.AudioEncoder is null)
            throw new ArgumentException("sound is to be used, but the bundle was opened without an audio encoder", nameof(bundle));
        Dictionary<string, float[]> texts = Modalities.Text ? EncodeTexts(bundle.TextEncoder, progress, cancellation) : [];
        if (Modalities.Audio && _sounds is null)
        {
            SoundFeatures reader = new(MediaTools.Find(), _encodeSound ?? (s => bundle.AudioEncoder!.Encode(s)), Options);
            _sounds = await reader.ReadAsync([.. Utterances.Where(u => u.Media is not null)], progress, cancellation);
        }

        return Answer(bundle, texts, progress, cancellation);
    }

    private static bool HasText(Utterance utterance) => utterance is { Text: not null, TextIsFixed: false };

    private ModalityChoice Choose()
    {
        string subject = $"{Corpus.Name}, {Options.Split.Name()}";
        if (_dialogues.Length == 0)
            throw new EvaluationException($"{subject}: found no utterances, expected at least one");
        ModalityChoice has = new(Utterances.Any(HasText), Utterances.Any(u => u.Media is not null));
        ModalityChoice asked = Options.Modalities ?? new ModalityChoice(true, true);
        ModalityChoice used = new(asked.Text && has.Text, asked.Audio && has.Audio);
        if (used is { Text: false, Audio: false })
        {
            string found = has.Names.Count == 0 ? "neither text nor media" : $"{string.Join(" and ", has.Names)} only";
            string fixedText = Utterances.Any(u => u.TextIsFixed) ? " (its texts are the same for every emotion)" : "";
            throw new EvaluationException($"{subject}: found {found}{fixedText}, expected {string.Join(" or ", asked.Names)}");
        }

        return used;
    }

    private Dictionary<string, float[]> EncodeTexts(
        TextEncoder encoder, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        (string Id, long[] Tokens)[] texts =
        [
            .. Utterances.Where(HasText)
                .Select(utterance => (utterance.Id, Tokens: encoder.Tokenize(utterance.Text!)))
                .OrderBy(text => text.Tokens.Length),
        ];
        Dictionary<string, float[]> features = [];
        while (features.Count < texts.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int start = features.Count;
            int end = start + 1;
            while (end < texts.Length && (end + 1 - start) * texts[end].Tokens.Length <= TokensAtOnce)
                end++;
            using GradMode noGrad = GradMode.NoGrad();
            using TensorScope scope = new();
            float[] values = encoder.Encode([.. texts[start..end].Select(text => text.Tokens)]).ToArray<float>();
            for (int i = start; i < end; i++)
                features.Add(texts[i].Id, values.AsSpan((i - start) * encoder.Width, encoder.Width).ToArray());
            progress?.Report(new EvaluationProgress("text", features.Count, texts.Length));
        }

        return features;
    }

    private CorpusEvaluation Answer(
        Bundle bundle,
        Dictionary<string, float[]> texts,
        IProgress<EvaluationProgress>? progress,
        CancellationToken cancellation)
    {
        int total = Utterances.Count();
        int done = 0;
        List<Prediction> predictions = [];
        List<UtteranceGap> gaps = [];
        foreach (Dialogue dialogue in _dialogues)
        {
            foreach (IReadOnlyList<Utterance> remembered in Options.History ? [dialogue.Utterances] : Alone(dialogue))
            {
                using DialogueMemory memory = new(bundle);
                MetadataTracker metadata = new(bundle.Metadata);
                foreach (Utterance utterance in remembered)
                {
                    cancellation.ThrowIfCancellationRequested();
                    EncodedSound? sound = _sounds?.GetValueOrDefault(utterance.Id);
                    UtteranceFeatures features = new(
                        texts.GetValueOrDefault(utterance.Id),
                        sound?.Features.Values,
                        metadata.Next(utterance.Speaker, utterance.DurationMs ?? sound?.DurationMs));
                    double[]? probabilities = memory.Next(features);
                    if (probabilities is not null && utterance.Emotion is { } truth)
                    {
                        predictions.Add(new Prediction(utterance.Id, utterance.Dialogue, truth, probabilities)
                        {
                            Temperature = bundle.Config.Calibration.Temperature(features.Text is not null, features.Audio is not null),
                        });
                    }

                    if (Gap(utterance, features) is { } gap)
                        gaps.Add(gap);
                    if (++done % AnswersBetweenReports == 0 || done == total)
                        progress?.Report(new EvaluationProgress("answers", done, total));
                }
            }
        }

        return predictions.Count > 0
            ? new CorpusEvaluation(predictions, gaps)
            : throw new EvaluationException(
                $"{Corpus.Name}, {Options.Split.Name()}: found no utterance to evaluate on, expected at least one; the first, "
                + $"{gaps[0].Id}: {gaps[0].Reason}");
    }

    private static IEnumerable<IReadOnlyList<Utterance>> Alone(Dialogue dialogue) => dialogue.Utterances.Chunk(1);

    private UtteranceGap? Gap(Utterance utterance, UtteranceFeatures features)
    {
        List<string> missing = [];
        if (utterance.Emotion is null)
            missing.Add("no label");
        if (Modalities.Text && features.Text is null)
            missing.Add("no text");
        if (Modalities.Audio && features.Audio is null)
            missing.Add(_sounds?.GetValueOrDefault(utterance.Id)?.Features.Reason ?? "no media");
        bool skipped = utterance.Emotion is null || features is { Text: null, Audio: null };
        return missing.Count == 0 ? null : new UtteranceGap(utterance.Id, string.Join("; ", missing), skipped);
    }
}
