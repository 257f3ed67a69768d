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
/// <para>
/// A home corpus may have networks of its own, which hear features relative to everybody's mean. A gate tells how much a recording
/// sounds like that corpus, and so much they count: what is typical of one corpus helps there and misleads elsewhere. What sounds
/// like no voice at all gets logits of 0, so the answer is that nothing is known.
/// </para>
/// </remarks>
public sealed class SoundBranch : Module
{
    private readonly Tensor _mean;
    private readonly Tensor _deviation;
    private readonly Tensor _differenceDeviation;
    private readonly Tensor _temperatures;
    private readonly Linear[] _hidden;
    private readonly Linear[] _output;
    private readonly Linear[] _homeHidden;
    private readonly Linear[] _homeOutput;
    private readonly Linear? _gate;
    private readonly Dropout _dropout;

    /// <summary>A branch with random weights.</summary>
    public SoundBranch(SoundConfig config)
    {
        Config = config;
        _mean = Buffer("mean", Tensor.Zeros(config.AudioWidth));
        _deviation = Buffer("deviation", Tensor.Full(1, config.AudioWidth));
        _differenceDeviation = Buffer("difference_deviation", Tensor.Full(1, config.AudioWidth));
        _temperatures = Buffer("temperatures", Tensor.Full(1, config.HomeNetworks > 0 ? 3 : 2));
        _hidden = Layers("networks", "hidden", config.Networks, config.AudioWidth, config.HiddenWidth);
        _output = Layers("networks", "output", config.Networks, config.HiddenWidth, Emotions.Count);
        _homeHidden = Layers("home", "hidden", config.HomeNetworks, config.AudioWidth, config.HiddenWidth);
        _homeOutput = Layers("home", "output", config.HomeNetworks, config.HiddenWidth, Emotions.Count);
        _gate = config.HomeNetworks > 0 ? Child("home.gate", new Linear(config.AudioWidth, 1)) : null;
        _dropout = Child("dropout", new Dropout(config.Dropout));
    }

    /// <summary>The sizes.</summary>
    public SoundConfig Config { get; }

    /// <summary>
    /// What logits are divided by where a voice is unknown, and where it is known well; between, as far as it is known; and where a
    /// recording sounds like the home corpus. Above 0.
    /// </summary>
    public (double Unknown, double Known, double Home) Temperatures
    {
        get
        {
            using TensorScope scope = new();
            float[] all = _temperatures.ToArray<float>();
            return (all[0], all[1], all.Length > 2 ? all[2] : 1);
        }
    }

    /// <summary>Sets <see cref="Temperatures"/>.</summary>
    /// <param name="unknown">Where the voice is unknown, above 0.</param>
    /// <param name="known">Where it is known well, above 0.</param>
    /// <param name="home">Where a recording sounds like the home corpus, above 0; not used where there is none.</param>
    public void SetTemperatures(double unknown, double known, double home = 1)
    {
        using TensorScope scope = new();
        float[] all = [(float)unknown, (float)known, (float)home];
        long count = _temperatures.Count;
        _temperatures.CopyFrom(Tensor.From<float>(all.AsSpan(0, (int)count), count));
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

    /// <summary>Calibrated logits [B, 7]: the networks' mean, and those of the home corpus as far as a recording sounds like it.</summary>
    public Tensor Forward(SoundInput input)
    {
        Tensor logits = Mean(ForwardEach(Heard(input)));
        Tensor known = Known(input);
        Tensor temperature = (_temperatures.Select(0, 0) * Rest(known)) + (_temperatures.Select(0, 1) * known);
        Tensor usual = Usual(input);
        if (_gate is not null)
        {
            Tensor home = (Gate(usual) + Math.Log(Config.HomeOdds)).Sigmoid();
            logits = (logits * Rest(home * Config.HomeWeight)) + (Mean(ForwardHome(usual)) * (home * Config.HomeWeight));
            temperature = (temperature * Rest(home)) + (_temperatures.Select(0, 2) * home);
        }

        return Config.FarthestVoice is { } farthest ? logits / temperature * Voice(usual, farthest) : logits / temperature;
    }

    /// <summary>
    /// What the networks read [B, audio width]: standardized features, heard against the speaker's baseline as far as it is known.
    /// </summary>
    public Tensor Heard(SoundInput input)
    {
        Tensor known = Known(input);
        Tensor difference = input.Features - _mean - ((MissingInputs.ZeroMissing(input.Baseline, known) - _mean) * known);
        Tensor deviation = (_deviation * Rest(known)) + (_differenceDeviation * known);
        return (difference / deviation).Clamp(-SoundConfig.LargestDeviation, SoundConfig.LargestDeviation);
    }

    /// <summary>What the home corpus's networks and the gate read [B, audio width]: standardized features, whoever speaks.</summary>
    public Tensor Usual(SoundInput input) => ((input.Features - _mean) / _deviation).Clamp(-SoundConfig.LargestDeviation, SoundConfig.LargestDeviation);

    /// <summary>Each network's own logits [B, 7], before calibration; for training, where each one learns by itself.</summary>
    /// <param name="heard">From <see cref="Heard"/>.</param>
    public IReadOnlyList<Tensor> ForwardEach(Tensor heard) => Networks(_hidden, _output, heard);

    /// <summary>The same of the home corpus's networks.</summary>
    /// <param name="usual">From <see cref="Usual"/>.</param>
    public IReadOnlyList<Tensor> ForwardHome(Tensor usual) => Networks(_homeHidden, _homeOutput, usual);

    /// <summary>The logit [B, 1] of a recording being of the home corpus's kind, with even prior odds.</summary>
    /// <param name="usual">From <see cref="Usual"/>.</param>
    /// <exception cref="InvalidOperationException">There is no home corpus.</exception>
    public Tensor Gate(Tensor usual) => (_gate ?? throw new InvalidOperationException("no home corpus")).Forward(_dropout.Forward(usual));

    private static Tensor Mean(IReadOnlyList<Tensor> all) => all.Aggregate((sum, next) => sum + next) / all.Count;

    private static Tensor Rest(Tensor share) => (share * -1) + 1;

    // [B, 1]: 1 for voices, 0 for what is too far from them.
    private static Tensor Voice(Tensor usual, double farthest)
    {
        Tensor distance = (usual * usual).Mean(1, keep: true).Sqrt();
        return (((distance * -1) + (SoundConfig.NoVoice * farthest)) / ((SoundConfig.NoVoice - 1) * farthest)).Clamp(0, 1);
    }

    private Linear[] Layers(string group, string name, int count, int inputs, int outputs) =>
        [.. Enumerable.Range(0, count).Select(i => Child($"{group}.{i}.{name}", new Linear(inputs, outputs)))];

    private Tensor[] Networks(Linear[] hidden, Linear[] output, Tensor read) =>
        [.. hidden.Zip(output, (first, second) => second.Forward(_dropout.Forward(first.Forward(read).Relu())))];

    // In [0, 1): how far the baseline counts.
    private Tensor Known(SoundInput input) => input.Utterances / (input.Utterances + Config.Shrinkage);
}
