using Affekt.Models.Branches;
using Affekt.Models.Fusion;
using Affekt.Models.Video;

namespace Affekt.Models.Bundles;

/// <summary>What is known of an utterance: features of the modalities that are there, and metadata.</summary>
/// <param name="Text">Text features; null where there is no text.</param>
/// <param name="Audio">Audio features; null where there is no usable sound.</param>
/// <param name="Metadata">The five categories.</param>
public sealed record UtteranceFeatures(float[]? Text, float[]? Audio, MetadataFeatures Metadata)
{
    /// <summary>
    /// States of the text's tokens [tokens, token width], row-major, for a video branch that reads them; null where there is
    /// no text, or no such branch.
    /// </summary>
    public float[]? Tokens { get; init; }

    /// <summary>What the frame encoder made of the picture; null where there is none.</summary>
    public FrameFeatures? Frames { get; init; }

    /// <summary>Who speaks, for how the voice usually sounds; null where that is not known.</summary>
    public string? Speaker { get; init; }

    /// <summary>
    /// How the speaker usually sounds and looks; null for what <see cref="DialogueMemory"/> has heard and seen. Only bundles of
    /// experts read it: one with a sound branch the voice, one whose picture's expert knows resting faces the face.
    /// </summary>
    public SpeakerBaseline? Baseline { get; init; }

    /// <summary>Whether there is text or usable sound.</summary>
    public bool HasAudioText => Text is not null || Audio is not null;

    /// <summary>Whether a frame of the picture can be used.</summary>
    public bool HasVideo => Frames?.Values is not null;

    /// <summary>The same with some modalities only.</summary>
    public UtteranceFeatures Keep(bool text, bool audio, bool video) => this with
    {
        Text = text ? Text : null,
        Tokens = text ? Tokens : null,
        Audio = audio ? Audio : null,
        Frames = video ? Frames : null,
    };
}

/// <summary>What the models say about an utterance.</summary>
/// <param name="Probabilities">Calibrated, in label order.</param>
/// <param name="AudioText">The audio-text branch's part; null where there is neither text nor sound.</param>
/// <param name="Video">The video branch's part; null where there is no usable picture, or no such branch.</param>
public sealed record UtteranceAnswer(double[] Probabilities, BranchShare? AudioText, BranchShare? Video)
{
    /// <summary>
    /// What the logits, or the fused answer's logarithms, were divided by; 1 for experts, whose temperatures are inside.
    /// </summary>
    public required double Temperature { get; init; }

    /// <summary>
    /// How many other utterances of the speaker the sound was heard against; null where there is no sound, or no branch that
    /// does so.
    /// </summary>
    public int? BaselineUtterances { get; init; }

    /// <summary>
    /// How many other utterances of the speaker the face was seen against; null where there is no picture, or no expert that does so.
    /// </summary>
    public int? BaselineFaces { get; init; }

    /// <summary>
    /// What the branches estimate of <see cref="BundleConfig.DimensionNames"/>, in the corpus's units, joined as <see cref="FusionConfig.Dimensions"/>
    /// says; null where no branch that estimates them has anything to go by.
    /// </summary>
    public double[]? Dimensions { get; init; }

    /// <summary>What each expert says, for a bundle of experts; null for one that fuses branches.</summary>
    public ExpertAnswer? Experts { get; init; }
}

/// <summary>A branch's part in an answer.</summary>
/// <param name="Weight">
/// Its weight in the fusion, renormalized over the branches that are there, so that the weights sum to 1; in a bundle of experts
/// what its evidence was multiplied by.
/// </param>
/// <param name="Probabilities">Its own answer, calibrated, in label order.</param>
public sealed record BranchShare(double Weight, double[] Probabilities)
{
    /// <summary>
    /// What fusion reads of it: its answer, but of sound without words beside a picture only as much as
    /// <see cref="AudioTextNetwork.AudioTrust"/> allows, as it is of sound beside words.
    /// </summary>
    public double[] Evidence { get; init; } = Probabilities;

    /// <summary>What it estimates of <see cref="BundleConfig.DimensionNames"/>, in the corpus's units; null where it estimates nothing.</summary>
    public double[]? Dimensions { get; init; }
}

/// <summary>
/// Follows one dialogue: each utterance is answered with what came before in mind, at the same cost however long the
/// dialogue is. Recognition and evaluation both ask here. For use by one thread at a time.
/// </summary>
public sealed class DialogueMemory : IDisposable
{
    private readonly Bundle _bundle;
    private readonly ExpertFusion? _experts;
    private readonly SpeakerMemory _speakers;
    private DialogueState? _state;

    /// <summary>Nothing is remembered yet.</summary>
    /// <param name="bundle">The models; they stay open as long as this is used.</param>
    /// <param name="prior">How often each label is expected; null for what the bundle says.</param>
    /// <param name="enrolled">How the speakers usually sound and look; null where only what is heard and seen here tells.</param>
    /// <exception cref="ModelException">A prior is given for a bundle that is not one of experts.</exception>
    public DialogueMemory(Bundle bundle, EmotionPrior? prior = null, SpeakerBaseline? enrolled = null)
        : this(bundle, bundle.ExpertsUnder(prior), enrolled)
    {
    }

    private DialogueMemory(Bundle bundle, ExpertFusion? experts, SpeakerBaseline? enrolled)
    {
        _speakers = new SpeakerMemory(enrolled);
        _bundle = bundle;
        _experts = experts;
    }

    /// <summary>The same, where branches and their fusion answer in a bundle of experts too; for comparing them.</summary>
    /// <param name="bundle">The models; they stay open as long as this is used.</param>
    public static DialogueMemory OfBranches(Bundle bundle) => new(bundle, (ExpertFusion?)null, null);

    /// <summary>How often each label is expected; null for a bundle that fuses branches.</summary>
    public EmotionPrior? Prior => _experts?.Prior;

    /// <summary>
    /// What the models say about the utterance with the modalities that it has, or null where it has none that the bundle
    /// reads. Nothing is remembered.
    /// </summary>
    public UtteranceAnswer? Ask(UtteranceFeatures utterance)
    {
        return _experts is null ? Answer(utterance, utterance.HasAudioText ? Run(utterance).Outputs : null) : AnswerOf(_experts, utterance);
    }

    /// <summary>
    /// As <see cref="Ask"/>, and the utterance is remembered; one without text and sound is remembered as such.
    /// </summary>
    public UtteranceAnswer? Next(UtteranceFeatures utterance)
    {
        if (_experts is not null)
        {
            UtteranceAnswer? answer = Ask(utterance);

            // Published classifiers know no dialogue.
            if (_bundle.Config.Published is not null)
                return answer;

            // The words' expert remembers words only.
            NextLogits(utterance.Keep(text: true, audio: false, video: false));
            _speakers.Hear(utterance.Speaker, utterance.Audio);
            if (SeesAgainstBaseline)
                _speakers.See(utterance.Speaker, AskFace(utterance), _experts.Config.Video);
            return answer;
        }

        (double[] outputs, _state) = Run(utterance);
        return Answer(utterance, utterance.HasAudioText ? outputs : null);
    }

    /// <summary>As <see cref="Next"/>, the audio-text branch alone and before calibration; for fitting temperatures.</summary>
    public double[] NextLogits(UtteranceFeatures utterance)
    {
        (double[] outputs, _state) = Run(utterance);
        return Logits(outputs);
    }

    /// <summary>Forgets the dialogue.</summary>
    public void Dispose() => _state = null;

    // Behind the labels' logits stand the dimensions.
    private double[] Logits(double[] outputs) => outputs.Length == _bundle.Config.Labels.Count ? outputs : outputs[.._bundle.Config.Labels.Count];

    private (double[] Outputs, DialogueState After) Run(UtteranceFeatures utterance, bool fresh = false) =>
        _bundle.AudioText.Next(utterance.Text, utterance.Audio, utterance.Metadata, fresh ? null : _state);

    /// <summary>
    /// What each expert says for itself, calibrated, under the prior that it learned; null where it has nothing to go by. Nothing is
    /// remembered.
    /// </summary>
    public (double[]? Text, double[]? Audio, double[]? Video) AskExperts(UtteranceFeatures utterance)
    {
        BundleCalibration calibration = _bundle.Config.Calibration;
        if (_bundle.Config.Published is { } published)
        {
            return (
                Tempered(utterance.Text, calibration.Text), Tempered(published.Audio is null ? null : utterance.Audio?[.._bundle.Config.Labels.Count], calibration.Audio),
                Tempered(Mean(utterance.Frames), calibration.Video));
        }

        double[]? text = utterance.Text is null
            ? null
            : Softmax.Of(Logits(Run(utterance.Keep(text: true, audio: false, video: false)).Outputs), calibration.Text);

        // Without a sound branch, the sound's expert is the audio-text branch with sound alone, as at a dialogue's start.
        double[]? audio = utterance.Audio is null ? null
            : _bundle.Sound is { } sound ? Softmax.Of(sound.Logits(utterance.Audio, Baseline(utterance).Voice), 1)
            : Softmax.Of(Logits(Run(utterance.Keep(text: false, audio: true, video: false), fresh: true).Outputs), calibration.Audio);
        double[]? video = AskFace(utterance);
        if (video is not null && _experts is not null)
            video = Baseline(utterance).Face.Against(video, _experts.Config.Video);
        return (text, audio, video);
    }

    /// <summary>
    /// What the picture's expert says of a face by itself, whatever is known of how that usually looks; null where there is no usable
    /// picture, or no such expert. Nothing is remembered.
    /// </summary>
    public double[]? AskFace(UtteranceFeatures utterance) => Look(utterance) is { } outputs
        ? Softmax.Of(Logits(outputs), _bundle.Config.Calibration.Video)
        : null;

    private double[]? Look(UtteranceFeatures utterance) => _bundle.Video is { } branch && utterance.HasVideo
        ? branch.Logits(utterance.Frames!, utterance.Tokens, utterance.Metadata)
        : null;

    // What a published classifier says, as sure as its temperature lets it be.
    private static double[]? Tempered(float[]? shares, double temperature)
    {
        if (shares is null)
            return null;
        double[] powers = Array.ConvertAll(shares, share => Math.Pow(share, 1 / temperature));
        return Array.ConvertAll(powers, power => power / powers.Sum());
    }

    // Over the pictures that could be used.
    private float[]? Mean(FrameFeatures? frames)
    {
        if (frames?.Values is not { } values)
            return null;
        float[] mean = new float[_bundle.Config.Labels.Count];
        for (int i = 0; i < values.Length; i++)
            mean[i % mean.Length] += values[i] / frames.Usable;
        return mean;
    }

    private bool SeesAgainstBaseline => _experts?.Config.Video.Resting is not null;

    private SpeakerBaseline Baseline(UtteranceFeatures utterance) => utterance.Baseline ?? _speakers.Of(utterance.Speaker);

    private UtteranceAnswer? AnswerOf(ExpertFusion experts, UtteranceFeatures utterance)
    {
        (double[]? text, double[]? audio, double[]? video) = AskExperts(utterance);
        if (text is null && audio is null && video is null)
            return null;

        ExpertAnswer answer = experts.Fuse(text, audio, video, utterance.Frames is { IsStill: true });
        double[]? heard = _bundle.Config.Dimensions is null || !utterance.HasAudioText ? null : Estimated(_bundle.Config.Dimensions, Run(utterance).Outputs);
        double[]? seen = _bundle.Config.Video?.Dimensions is { } parts && utterance.HasVideo ? Estimated(parts, Look(utterance)) : null;
        ExpertShare? single = answer.Text is null || answer.Audio is null ? answer.Text ?? answer.Audio : null;
        return new UtteranceAnswer(
            answer.Probabilities,
            answer.AudioText is { } joined ? new BranchShare(single?.Weight ?? 1, joined) { Dimensions = heard } : null,
            answer.Video is { } picture ? new BranchShare(picture.Weight, picture.Probabilities) { Dimensions = seen } : null)
        {
            Temperature = 1,
            Dimensions = Measured(utterance) ?? Joined(heard, seen, 0.5, 0.5),
            BaselineUtterances = audio is null || _bundle.Sound is null ? null : Baseline(utterance).Voice.Utterances,
            BaselineFaces = video is null || !SeesAgainstBaseline ? null : Baseline(utterance).Face.Utterances,
            Experts = answer,
        };
    }

    // A published network's measures stand behind the shares of the expert for sound.
    private double[]? Measured(UtteranceFeatures utterance) => _bundle.Config.Published is { Dimensions: not null } published && utterance.Audio is { } audio
        ? [.. audio.Skip(published.Audio is null ? 0 : _bundle.Config.Labels.Count).Select(value => (double)value)]
        : null;

    private double[]? Estimated(IReadOnlyList<DimensionPart>? parts, double[]? outputs) => parts is null || outputs is null
        ? null
        : [.. parts.Zip(outputs[_bundle.Config.Labels.Count..], (part, value) => part.Mean + (part.Deviation * value))];

    // As fusion says, or else the answers' weights; where one has nothing to go by, the other.
    private double[]? Joined(double[]? heard, double[]? seen, double heardWeight, double seenWeight) => heard is null || seen is null
        ? heard ?? seen
        : [.. heard.Zip(seen).Select((both, k) => _bundle.Config.Fusion?.Dimensions?[k] is { } share
            ? (share * both.First) + ((1 - share) * both.Second)
            : (heardWeight * both.First) + (seenWeight * both.Second))];

    private UtteranceAnswer? Answer(UtteranceFeatures utterance, double[]? outputs)
    {
        double[]? audioTextLogits = outputs is null ? null : Logits(outputs);
        BundleCalibration calibration = _bundle.Config.Calibration;
        double temperature = calibration.Temperature(utterance.Text is not null, utterance.Audio is not null);
        double[]? audioText = audioTextLogits is null ? null : Softmax.Of(audioTextLogits, temperature);
        double[]? seen = Look(utterance);
        double[]? video = seen is null ? null : Softmax.Of(Logits(seen), calibration.Video);
        if (audioText is null && video is null)
            return null;

        double[]? evidence = audioText is not null && video is not null && utterance.Text is null
            ? Softmax.Of(audioTextLogits!, temperature / _bundle.AudioText.AudioTrust)
            : audioText;
        double[]? heardValues = Estimated(_bundle.Config.Dimensions, outputs), seenValues = Estimated(_bundle.Config.Video?.Dimensions, seen);
        FusedAnswer fused = _bundle.Fusion.Fuse(evidence, video);
        return new UtteranceAnswer(
            audioText is null || video is null
                ? fused.Probabilities
                : Softmax.Of(
                    Array.ConvertAll(fused.Probabilities, p => Math.Log(Math.Max(p, double.Epsilon))), calibration.Fused),
            audioText is null ? null : new BranchShare(fused.AudioTextWeight, audioText) { Evidence = evidence!, Dimensions = heardValues },
            video is null ? null : new BranchShare(fused.VideoWeight, video) { Dimensions = seenValues })
        {
            Dimensions = Joined(heardValues, seenValues, fused.AudioTextWeight, fused.VideoWeight),
            Temperature = video is null
                ? calibration.Temperature(utterance.Text is not null, utterance.Audio is not null)
                : audioText is null ? calibration.Video : calibration.Fused,
        };
    }
}
