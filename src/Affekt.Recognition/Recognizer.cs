using System.Diagnostics;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Models.Bundles;
using Affekt.Torch;

namespace Affekt.Recognition;

/// <summary>
/// Media files to utterances with emotions. Load once, use for many files, from any thread: media are decoded side by
/// side, and the models answer one request at a time.
/// </summary>
public sealed class Recognizer : IDisposable
{
    private const int LongestSound = 30 * Sound.SampleRate;

    // [CLS] and [SEP] alone.
    private const int TokensOfNothing = 2;

    private readonly Lock _models = new();
    private readonly Bundle _bundle;
    private readonly MediaTools _media;

    /// <summary>A recogniser with a bundle's models.</summary>
    /// <param name="bundle">The models, disposed of with this. Without its audio encoder, sound is not used.</param>
    /// <param name="media">What decodes.</param>
    public Recognizer(Bundle bundle, MediaTools media)
    {
        _bundle = bundle;
        _media = media;
        Identity = new BundleIdentity(bundle.Config.Name, bundle.Config.Version, bundle.Hash);
    }

    /// <summary>Which bundle answers.</summary>
    public BundleIdentity Identity { get; }

    /// <summary>Recognises a whole media file as one utterance.</summary>
    /// <param name="request">The file, and what is known of it.</param>
    /// <param name="cancellation">Ends the decoder, or what comes after the step at hand.</param>
    /// <returns>
    /// Always an answer for a file that can be read. What is missing is told in it; where there is neither usable sound nor
    /// text, all emotions are equally probable, and the answer is withheld.
    /// </returns>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    public async Task<RecognitionResult> RecognizeAsync(RecognitionRequest request, CancellationToken cancellation = default)
    {
        Stopwatch total = Stopwatch.StartNew();
        (MediaInfo media, Sound? sound) = await DecodeAsync(request, cancellation);
        TimeSpan decoded = total.Elapsed;

        cancellation.ThrowIfCancellationRequested();
        List<RecognitionWarning> warnings = [];
        int durationMs = (int)Math.Min(Math.Round(media.Duration.TotalMilliseconds), int.MaxValue);
        string? text = string.IsNullOrWhiteSpace(request.Text) ? null : request.Text;
        MetadataFeatures metadata = new MetadataTracker(_bundle.Metadata).Next(request.Speaker, durationMs);

        UtteranceFeatures features;
        ModalityUses uses;
        TimeSpan waited, encoded;
        Answer answer;
        TimeSpan asked = total.Elapsed;
        lock (_models)
        {
            waited = total.Elapsed - asked;
            (float[]? audioFeatures, ModalityUse audio) = EncodeAudio(media, sound, warnings);
            (float[]? textFeatures, ModalityUse words) = EncodeText(text);
            features = new UtteranceFeatures(textFeatures, audioFeatures, metadata);
            uses = new ModalityUses(audio, words, ModalityUse.Missing("no branch in this bundle"));
            encoded = total.Elapsed;
            answer = Classify(features);
        }

        if (answer.Branches.AudioText is null)
        {
            warnings.Add(new RecognitionWarning(
                RecognitionWarning.NothingToGoBy, "There is neither usable sound nor text: no emotion is more probable than another."));
        }

        double confidence = answer.Probabilities[answer.Probabilities.Top];
        RecognizedUtterance utterance = new()
        {
            StartMs = 0,
            EndMs = durationMs,
            Speaker = request.Speaker,
            Text = text,
            TextSource = text is null ? TextSource.None : TextSource.Given,
            Emotion = answer.Probabilities.Top,
            Confidence = confidence,
            Abstained = answer.Branches.AudioText is null || confidence < _bundle.Config.Calibration.AbstainBelow,
            Probabilities = answer.Probabilities,
            Modalities = uses,
            Branches = answer.Branches,
            Contribution = answer.Contribution,
        };
        TimeSpan done = total.Elapsed;
        return new RecognitionResult
        {
            Bundle = Identity,
            Input = new RecognizedInput(request.File, durationMs),
            Utterances = [utterance],
            Warnings = warnings,
            TimingMs = new RecognitionTiming(
                Milliseconds(decoded), Milliseconds(encoded - asked - waited), Milliseconds(done - encoded), Milliseconds(done)),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _bundle.Dispose();

    private async Task<(MediaInfo Media, Sound? Sound)> DecodeAsync(RecognitionRequest request, CancellationToken cancellation)
    {
        if (_bundle.AudioEncoder is null)
            return (request.Media ?? await _media.ProbeAsync(request.File, cancellation), null);
        return request.Media is { } probed
            ? (probed, await _media.ReadSoundAsync(probed, null, cancellation))
            : await _media.ReadWholeSoundAsync(request.File, cancellation);
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);

    private (float[]? Features, ModalityUse Use) EncodeAudio(MediaInfo media, Sound? sound, List<RecognitionWarning> warnings)
    {
        if (_bundle.AudioEncoder is null || sound is null)
        {
            if (media.Sound is null)
                return (null, ModalityUse.Missing("The file has no audio stream."));
            const string Reason = "The audio encoder's weights are not loaded.";
            warnings.Add(new RecognitionWarning(RecognitionWarning.NoAudioEncoder, $"The sound was not used: {Reason}"));
            return (null, ModalityUse.Missing(Reason));
        }

        warnings.AddRange(sound.Warnings.Select(warning => new RecognitionWarning(warning.Code, warning.Message)));
        if (sound.IsMissing)
            return (null, ModalityUse.Missing(sound.Warnings[^1].Message));
        if (sound.Samples.Length > LongestSound)
        {
            warnings.Add(new RecognitionWarning(
                RecognitionWarning.SoundOnly30Seconds, "Of the sound only the 30 s in the middle were read."));
        }

        AudioFeatures features = _bundle.AudioEncoder.Encode(sound.Samples);
        return (features.Values, features.Reason is null ? ModalityUse.Used : ModalityUse.Unusable(features.Reason));
    }

    private (float[]? Features, ModalityUse Use) EncodeText(string? text)
    {
        if (text is null)
            return (null, ModalityUse.Missing("no text was given"));
        long[] tokens = _bundle.TextEncoder.Tokenize(text);
        if (tokens.Length <= TokensOfNothing)
            return (null, ModalityUse.Unusable("the text holds no word"));
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        return (_bundle.TextEncoder.Encode([tokens]).ToArray<float>(), ModalityUse.Used);
    }

    private Answer Classify(UtteranceFeatures features)
    {
        using DialogueMemory memory = new(_bundle);
        if (memory.Ask(features) is not { } all)
            return new Answer(EmotionProbabilities.Uniform, new BranchAnswers(null), new ModalityContributions(0, 0, 0));

        EmotionProbabilities probabilities = new(all);
        return new Answer(
            probabilities,
            new BranchAnswers(new BranchAnswer(1, probabilities)),
            new ModalityContributions(
                features.Audio is null ? 0 : Drop(features with { Audio = null }),
                features.Text is null ? 0 : Drop(features with { Text = null }),
                0));

        double Drop(UtteranceFeatures rest)
        {
            EmotionProbabilities without = memory.Ask(rest) is { } some ? new(some) : EmotionProbabilities.Uniform;
            return probabilities[probabilities.Top] - without[probabilities.Top];
        }
    }

    private sealed record Answer(
        EmotionProbabilities Probabilities, BranchAnswers Branches, ModalityContributions Contribution);
}
