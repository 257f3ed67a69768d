using Affekt.Models.Branches;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>What the sound branch reads of B utterances.</summary>
/// <param name="Features">What the audio encoder made of each, [B, audio width].</param>
/// <param name="Baseline">Means of other utterances of each one's speaker, [B, audio width]; anything where there are none.</param>
/// <param name="Utterances">How many those are, [B, 1].</param>
public sealed record SoundInput(Tensor Features, Tensor Baseline, Tensor Utterances);

/// <summary>
/// The sound branch: how an utterance sounds against how its speaker usually sounds -> one hidden layer -> 7 logits, averaged
/// over a few networks.
/// </summary>
/// <remarks>
/// Of k other utterances of the speaker, the mean counts as far as it can be relied on, as in MAP adaptation (Gauvain and Lee,
/// 1994): g = k / (k + shrinkage). Features are heard relative to mean + g (baseline - mean): to everybody's mean where the
/// voice is unknown, and to its own where it is known well. Classes are alike in training, so the prior is uniform. Logits
/// are calibrated: their softmax says how often it is right on speakers and corpora that it was not trained on.
/// </remarks>
public sealed class SoundBranch : Module
{
    // Standardized features beyond this are taken to be faults of the recording.
    private const double LargestDeviation = 5;

    private readonly Tensor _mean;
    private readonly Tensor _deviation;
    private readonly Tensor _differenceDeviation;
    private readonly Tensor _temperatures;
    private readonly Linear[] _hidden;
    private readonly Linear[] _output;
    private readonly Dropout _dropout;

    /// <summary>A branch with random weights.</summary>
    public SoundBranch(SoundConfig config)
    {
        Config = config;
        _mean = Buffer("mean", Tensor.Zeros(config.AudioWidth));
        _deviation = Buffer("deviation", Tensor.Full(1, config.AudioWidth));
        _differenceDeviation = Buffer("difference_deviation", Tensor.Full(1, config.AudioWidth));
        _temperatures = Buffer("temperatures", Tensor.Full(1, 2));
        _hidden =
        [
            .. Enumerable.Range(0, config.Networks)
                .Select(i => Child($"networks.{i}.hidden", new Linear(config.AudioWidth, config.HiddenWidth))),
        ];
        _output =
        [
            .. Enumerable.Range(0, config.Networks)
                .Select(i => Child($"networks.{i}.output", new Linear(config.HiddenWidth, Emotions.Count))),
        ];
        _dropout = Child("dropout", new Dropout(config.Dropout));
    }

    /// <summary>The sizes.</summary>
    public SoundConfig Config { get; }

    /// <summary>
    /// What logits are divided by where a voice is unknown, and where it is known well; between, as far as it is known. Above 0.
    /// </summary>
    public (double Unknown, double Known) Temperatures
    {
        get
        {
            using TensorScope scope = new();
            return _temperatures.ToArray<float>() is [float unknown, float known] ? (unknown, known) : throw new InvalidOperationException();
        }
    }

    /// <summary>Sets <see cref="Temperatures"/>.</summary>
    /// <param name="unknown">Where the voice is unknown, above 0.</param>
    /// <param name="known">Where it is known well, above 0.</param>
    public void SetTemperatures(double unknown, double known)
    {
        using TensorScope scope = new();
        _temperatures.CopyFrom(Tensor.From<float>([(float)unknown, (float)known], 2));
    }

    /// <summary>Sets what features are standardized with.</summary>
    /// <param name="mean">The mean of each feature, [audio width].</param>
    /// <param name="deviation">Its standard deviation, [audio width], all above 0.</param>
    /// <param name="difference">The standard deviation of its difference from the speaker's mean, [audio width], all above 0.</param>
    public void SetStatistics(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, ReadOnlySpan<float> difference)
    {
        using TensorScope scope = new();
        _mean.CopyFrom(Tensor.From(mean, mean.Length));
        _deviation.CopyFrom(Tensor.From(deviation, deviation.Length));
        _differenceDeviation.CopyFrom(Tensor.From(difference, difference.Length));
    }

    /// <summary>The calibrated logits of one utterance, in label order.</summary>
    /// <param name="features">What the audio encoder made of it.</param>
    /// <param name="baseline">What is known of how its speaker usually sounds, without the utterance itself.</param>
    public double[] Logits(float[] features, VoiceBaseline baseline)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        float[] usual = new float[features.Length];
        baseline.CopyMean(usual);
        Tensor logits = Forward(new SoundInput(
            Tensor.From<float>(features, 1, features.Length), Tensor.From<float>(usual, 1, usual.Length),
            Tensor.Full(baseline.Utterances, 1, 1)));
        return Array.ConvertAll(logits.ToArray<float>(), value => (double)value);
    }

    /// <summary>Calibrated logits [B, 7]: the networks' mean.</summary>
    public Tensor Forward(SoundInput input)
    {
        Tensor heard = Heard(input);
        Tensor sum = Network(0, heard);
        for (int i = 1; i < _hidden.Length; i++)
            sum += Network(i, heard);
        Tensor known = Known(input);
        Tensor temperature = (_temperatures.Select(0, 0) * ((known * -1) + 1)) + (_temperatures.Select(0, 1) * known);
        return sum / temperature / _hidden.Length;
    }

    /// <summary>
    /// What the networks read [B, audio width]: standardized features, heard against the speaker's baseline as far as it is known.
    /// </summary>
    public Tensor Heard(SoundInput input)
    {
        Tensor known = Known(input);
        Tensor difference = input.Features - _mean - ((Present.OrZero(input.Baseline, known) - _mean) * known);
        Tensor deviation = (_deviation * ((known * -1) + 1)) + (_differenceDeviation * known);
        return (difference / deviation).Clamp(-LargestDeviation, LargestDeviation);
    }

    /// <summary>Each network's own logits [B, 7], before calibration; for training, where each one learns by itself.</summary>
    /// <param name="heard">From <see cref="Heard"/>.</param>
    public IReadOnlyList<Tensor> ForwardEach(Tensor heard) => [.. Enumerable.Range(0, _hidden.Length).Select(i => Network(i, heard))];

    private Tensor Network(int i, Tensor heard) =>
        _output[i].Forward(_dropout.Forward(_hidden[i].Forward(heard).Relu()));

    // In [0, 1): how far the baseline counts.
    private Tensor Known(SoundInput input) => input.Utterances / (input.Utterances + Config.Shrinkage);
}
