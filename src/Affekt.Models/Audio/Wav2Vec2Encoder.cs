using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Audio;

/// <summary>
/// Sound to one vector, the mean over the frames of wav2vec 2.0's last layer; and to text, where the checkpoint has a layer
/// for transcripts. A sound's result is the same alone and among others, in any order.
/// </summary>
public sealed class Wav2Vec2Encoder : IAudioEncoder
{
    /// <summary>Samples a second.</summary>
    public const int SampleRate = SoundCheck.SampleRate;

    // Added to a sound's variance, as Wav2Vec2FeatureExtractor does.
    private const double VarianceEpsilon = 1e-7;

    // Sounds share a batch while at most about a third of it is padding, and half a minute together.
    private const double LongestToShortest = 1.5;
    private const int SamplesAtOnce = SoundCheck.LongestSound;

    private readonly bool _normalize;
    private readonly CtcVocabulary? _vocabulary;

    private Wav2Vec2Encoder(Wav2Vec2Model network, bool normalize, CtcVocabulary? vocabulary, IReadOnlyList<string> unused)
    {
        Network = network;
        Unused = unused;
        _normalize = normalize;
        _vocabulary = vocabulary;
    }

    /// <summary>The network.</summary>
    public Wav2Vec2Model Network { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>Features of a sound.</summary>
    public int Width => Network.Config.HiddenSize;

    /// <summary>Whether <see cref="Transcribe"/> works: the checkpoint has the layer for it, and a vocab.json.</summary>
    public bool CanTranscribe => _vocabulary is not null;

    /// <summary>
    /// Loads a folder in Hugging Face's layout: what <see cref="Wav2Vec2Weights"/> reads, where there is one
    /// preprocessor_config.json, and what <see cref="CtcVocabulary"/> reads.
    /// </summary>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">The weights do not fit the configuration.</exception>
    public static Wav2Vec2Encoder Load(string folder)
    {
        string preprocessing = Path.Combine(folder, "preprocessor_config.json");
        Wav2Vec2Preprocessing input = File.Exists(preprocessing)
            ? ModelJson.Read<Wav2Vec2Preprocessing>(preprocessing, "how sound is prepared")
            : new Wav2Vec2Preprocessing();
        if (input.SamplingRate != SampleRate)
            throw new ModelException(preprocessing, "sampling_rate", $"{input.SamplingRate}", $"{SampleRate}");

        Wav2Vec2Model network = Wav2Vec2Weights.Load(folder, head: true, out IReadOnlyList<string> unused);
        try
        {
            return new Wav2Vec2Encoder(network, input.DoNormalize, Vocabulary(folder, network), unused);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Freezes the network on a device and lays its weights out for use, for good.</summary>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="device">Where it computes; the processor where null.</param>
    public void Freeze(Precision precision, Device? device = null)
    {
        Network.RequireGrad(false);
        Network.To(device ?? Device.Cpu);
        Prepare(precision);
    }

    /// <inheritdoc/>
    public void Prepare(Precision precision) => Network.Prepare(precision, keepWeights: false);

    /// <summary>A sound with zero mean and unit variance.</summary>
    public static float[] Normalize(ReadOnlySpan<float> samples)
    {
        (double mean, double variance) = Moments(samples);
        double scale = 1 / Math.Sqrt(variance + VarianceEpsilon);
        float[] normalized = new float[samples.Length];
        for (int i = 0; i < normalized.Length; i++)
            normalized[i] = (float)((samples[i] - mean) * scale);
        return normalized;
    }

    /// <summary>A sound as the network takes it: normalised where preprocessor_config.json says so.</summary>
    public float[] Prepare(ReadOnlySpan<float> samples) => _normalize ? Normalize(samples) : samples.ToArray();

    /// <summary>The features of sounds, in their order.</summary>
    /// <param name="sounds">
    /// Each mono, 16 kHz, within [-1, 1]; of more than 30 s the middle 30 s are read. Sound that is too short, silent or
    /// no sound at all (NaN) is a result without values.
    /// </param>
    public AudioFeatures[] Encode(IReadOnlyList<float[]> sounds) => ForEach(
        sounds, states_TD => new AudioFeatures(states_TD.Mean(0).ToArray<float>(), null), AudioFeatures.Unusable);

    /// <summary>The most likely characters of sounds, in their order; empty for sound that cannot be used.</summary>
    /// <param name="sounds">As for <see cref="Encode"/>.</param>
    /// <param name="skipSpecialTokens">Whether start, end and unknown are left out.</param>
    /// <exception cref="InvalidOperationException">Not <see cref="CanTranscribe"/>.</exception>
    public string[] Transcribe(IReadOnlyList<float[]> sounds, bool skipSpecialTokens = true)
    {
        CtcVocabulary vocabulary = _vocabulary
            ?? throw new InvalidOperationException("this wav2vec 2.0 has no layer for transcripts, or no vocab.json");
        return ForEach(
            sounds,
            states_TD => vocabulary.Decode(Network.Logits(states_TD).ArgMax(-1).ToArray<long>(), skipSpecialTokens),
            _ => "");
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    AudioFeatures IAudioEncoder.Encode(ReadOnlySpan<float> samples) => Encode([samples.ToArray()])[0];

    private static CtcVocabulary? Vocabulary(string folder, Wav2Vec2Model network)
    {
        if (!network.HasHead || !File.Exists(Path.Combine(folder, "vocab.json")))
            return null;
        CtcVocabulary vocabulary = CtcVocabulary.Load(folder);
        int size = network.Config.VocabSize;
        return vocabulary.LastId < size
            ? vocabulary
            : throw new ModelException(folder, "vocab.json", $"id {vocabulary.LastId}", $"ids below vocab_size {size}");
    }

    private static (double Mean, double Variance) Moments(ReadOnlySpan<float> samples)
    {
        double sum = 0, squares = 0;
        foreach (float sample in samples)
            sum += sample;
        double mean = sum / samples.Length;
        foreach (float sample in samples)
            squares += (sample - mean) * (sample - mean);
        return (mean, squares / samples.Length);
    }

    private static List<List<int>> Groups(IEnumerable<(int Index, int Length)> sounds)
    {
        List<List<int>> groups = [];
        int shortest = 0;
        foreach ((int index, int length) in sounds.OrderBy(sound => sound.Length))
        {
            if (groups.Count == 0 || length > LongestToShortest * shortest || (groups[^1].Count + 1) * (long)length > SamplesAtOnce)
            {
                groups.Add([]);
                shortest = length;
            }

            groups[^1].Add(index);
        }

        return groups;
    }

    private T[] ForEach<T>(IReadOnlyList<float[]> sounds, Func<Tensor, T> read, Func<string, T> unusable)
    {
        T[] results = new T[sounds.Count];
        Dictionary<int, float[]> usable = [];
        for (int i = 0; i < results.Length; i++)
        {
            ReadOnlySpan<float> samples = SoundCheck.Middle(sounds[i]);
            if (Problem(samples) is { } problem)
                results[i] = unusable(problem);
            else
                usable[i] = Prepare(samples);
        }

        using GradMode noGrad = GradMode.NoGrad();
        foreach (List<int> group in Groups(usable.Select(sound => (sound.Key, sound.Value.Length))))
        {
            using TensorScope scope = new();
            Tensor[] states = Network.States([.. group.Select(i => usable[i])]);
            for (int row = 0; row < group.Count; row++)
                results[group[row]] = read(states[row]);
        }

        return results;
    }

    private string? Problem(ReadOnlySpan<float> samples) =>
        SoundCheck.Problem(samples, Network.Config.ShortestSound)
        ?? (Moments(samples).Variance <= SoundCheck.SilentPower ? SoundCheck.Silent : null);
}

/// <summary>The fields of preprocessor_config.json that matter, with the defaults that transformers gives them.</summary>
internal sealed record Wav2Vec2Preprocessing
{
    public bool DoNormalize { get; init; } = true;

    public int SamplingRate { get; init; } = Wav2Vec2Encoder.SampleRate;
}
