using Affekt.Models.Audio;
using Affekt.Models.Tokenizers;

namespace Affekt.Models.Published;

/// <summary>
/// Sound as a published wav2vec 2.0, HuBERT or WavLM reads it: as it is, or with zero mean and unit variance, as preprocessor_config.json
/// states.
/// </summary>
public sealed class SoundProcessor
{
    private readonly bool _normalizes;

    private SoundProcessor(bool normalizes) => _normalizes = normalizes;

    /// <summary>Reads a folder's preprocessor_config.json; where there is none, sound is normalized.</summary>
    /// <exception cref="ModelException">A field is not what it should be, or the network doesn't hear 16 kHz.</exception>
    public static SoundProcessor Load(string folder)
    {
        JsonField? root = Preprocessing.Find(folder, "feature_extractor");
        Preprocessing.Require(root, ["feature_extractor_type"], "Wav2Vec2FeatureExtractor");
        RequireRate(root);
        return new SoundProcessor(root?.Find("do_normalize")?.Flag() ?? true);
    }

    /// <summary>What the network reads.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
    public float[] Prepare(ReadOnlySpan<float> samples) => _normalizes ? Wav2Vec2Encoder.Normalize(samples) : samples.ToArray();

    internal static void RequireRate(JsonField? root)
    {
        if (root?.Find("sampling_rate") is { } rate && rate.Count() != SoundCheck.SampleRate)
            throw rate.Wrong(rate.Short, $"{SoundCheck.SampleRate}");
    }
}
