using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Audio;

/// <summary>
/// Sound to one vector, the mean over the frames of wav2vec 2.0's last layer; and to text, where the checkpoint has a layer
/// for transcripts. A sound's result is the same alone and among others, in any order.
/// </summary>
public sealed class Wav2Vec2Encoder : IAudioEncoder
{
    // Added to a sound's variance, as Wav2Vec2FeatureExtractor does.
    private const double VarianceEpsilon = 1e-7;

    // Sounds share a batch while at most about a third of it is padding, and half a minute together.
    private const double LongestToShortest = 1.5;
    private const int SamplesAtOnce = SoundCheck.LongestSound;

    private readonly bool _normalize;
    private readonly CtcVocabulary? _vocabulary;

    private Wav2Vec2Encoder(IWav2Vec2Network network, bool normalize, CtcVocabulary? vocabulary)
    {
        Network = network;
        _normalize = normalize;
        _vocabulary = vocabulary;
    }

    /// <summary>The network.</summary>
    public IWav2Vec2Network Network { get; }

    /// <summary>Features of a sound.</summary>
    public int Width => Network.Config.HiddenSize;

    /// <summary>Whether <see cref="Transcribe"/> works: the checkpoint has the layer for it, and a vocab.json.</summary>
    public bool CanTranscribe => _vocabulary is not null;

    /// <summary>
    /// Loads a folder in Hugging Face's layout: what <see cref="Wav2Vec2Weights"/> reads, where there is one
    /// preprocessor_config.json, and what <see cref="CtcVocabulary"/> reads.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How it is computed; null for the defaults.</param>
    /// <param name="family">wav2vec2; or hubert, where its parts are the same (<see cref="Wav2Vec2Config.Load"/>).</param>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">The weights do not fit the configuration.</exception>
    public static Wav2Vec2Encoder Load(string folder, EncoderOptions? options = null, string family = Wav2Vec2Config.Architecture)
    {
        string preprocessing = Path.Combine(folder, "preprocessor_config.json");
        Wav2Vec2Preprocessing input = File.Exists(preprocessing)
            ? ModelJson.Read<Wav2Vec2Preprocessing>(preprocessing, "how sound is prepared")
            : new Wav2Vec2Preprocessing();
        if (input.SamplingRate != SoundCheck.SampleRate)
            throw new ModelException(preprocessing, "sampling_rate", $"{input.SamplingRate}", $"{SoundCheck.SampleRate}");

        IWav2Vec2Network network = (options ?? EncoderOptions.Default).OpenSpeech(folder, family);
        try
        {
            return new Wav2Vec2Encoder(network, input.DoNormalize, Vocabulary(folder, network));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

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

    /// <summary>A sound as the network takes it: normalized where preprocessor_config.json says so.</summary>
    public float[] Prepare(ReadOnlySpan<float> samples) => _normalize ? Normalize(samples) : samples.ToArray();

    /// <summary>The features of sounds, in their order.</summary>
    /// <param name="sounds">
    /// Each mono, 16 kHz, within [-1, 1]; of more than 30 s the middle 30 s are read. Sound that is too short, silent or
    /// no sound at all (NaN) is a result without values.
    /// </param>
    public AudioFeatures[] Encode(IReadOnlyList<float[]> sounds) => ForEach(
        sounds, states_TD => new AudioFeatures(Mean(states_TD), null), AudioFeatures.Unusable);

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
            states_TD => vocabulary.Decode(BestSymbols(states_TD), skipSpecialTokens),
            _ => "");
    }

    /// <summary>The mean over frames: states [T, D] to [D].</summary>
    public float[] Mean(ReadOnlySpan<float> states)
    {
        float[] mean = new float[Width];
        for (int start = 0; start < states.Length; start += Width)
        {
            for (int i = 0; i < Width; i++)
                mean[i] += states[start + i];
        }

        int frames = states.Length / Width;
        for (int i = 0; i < Width; i++)
            mean[i] /= frames;
        return mean;
    }

    /// <summary>The best symbol of each frame: states [T, D] to [T].</summary>
    /// <exception cref="InvalidOperationException">There is no layer for transcripts.</exception>
    public long[] BestSymbols(float[] states)
    {
        ReadOnlySpan<float> logits = Network.Logits(states);
        int symbols = Network.Config.VocabSize;
        long[] best = new long[logits.Length / symbols];
        for (int frame = 0; frame < best.Length; frame++)
            best[frame] = IndexOfMax(logits.Slice(frame * symbols, symbols));
        return best;
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    AudioFeatures IAudioEncoder.Encode(ReadOnlySpan<float> samples) => Encode([samples.ToArray()])[0];

    private static CtcVocabulary? Vocabulary(string folder, IWav2Vec2Network network)
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

    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }

        return best;
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

    private T[] ForEach<T>(IReadOnlyList<float[]> sounds, Func<float[], T> read, Func<string, T> unusable)
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

        foreach (List<int> group in Groups(usable.Select(sound => (sound.Key, sound.Value.Length))))
        {
            IReadOnlyList<float[]> states = Network.States([.. group.Select(i => usable[i])]);
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

    public int SamplingRate { get; init; } = SoundCheck.SampleRate;
}
