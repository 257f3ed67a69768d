using Affekt.Models.Audio;
using Affekt.Models.Text;

namespace Affekt.Models.Published;

/// <summary>
/// Sound to one vector, the mean over the frames of a published network's last layer: HuBERT, WavLM, Whisper's encoder or wav2vec 2.0,
/// frozen. A sound's result is the same alone and among others.
/// </summary>
public sealed class PublishedSoundEncoder : IAudioEncoder
{
    private readonly PublishedSound _model;

    private PublishedSoundEncoder(PublishedSound model) => _model = model;

    /// <inheritdoc/>
    public int Width => _model.Width;

    /// <inheritdoc cref="PublishedModel.Layers"/>
    public int Layers => _model.Layers;

    /// <summary>Loads a folder in Hugging Face's layout.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="family">The family that it must be of; null for any that hears.</param>
    /// <param name="options">How it is computed: in single precision, or int8.</param>
    /// <param name="mix">As <see cref="TextOutputs.Mix"/>.</param>
    public static PublishedSoundEncoder Load(string folder, string? family = null, EncoderOptions? options = null, IReadOnlyList<double>? mix = null)
    {
        PublishedConfig config = PublishedConfig.Load(folder);
        if (config.Input != PublishedInput.Sound || (family ?? config.Family) != config.Family)
            throw new ModelException(config.File, "model_type", $"\"{config.Family}\"", family is null ? "a network that hears" : $"\"{family}\"");
        return new PublishedSoundEncoder((PublishedSound)PublishedModel.Open(folder, new PublishedOutputs { Mix = mix }, options?.Engine, options?.Precision == Precision.Int8));
    }

    /// <inheritdoc/>
    public AudioFeatures Encode(ReadOnlySpan<float> samples)
    {
        ReadOnlySpan<float> heard = SoundCheck.Middle(samples);
        if ((SoundCheck.Problem(heard, _model.ShortestSound) ?? SoundCheck.Silence(heard)) is { } problem)
            return AudioFeatures.Unusable(problem);
        float[] states = _model.Compute(_model.Prepare(heard), PublishedModel.LastStates).Values;
        double[] sums = new double[Width];
        for (int i = 0; i < states.Length; i++)
            sums[i % sums.Length] += states[i];
        return new AudioFeatures([.. sums.Select(sum => (float)(sum * sums.Length / states.Length))], null);
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
