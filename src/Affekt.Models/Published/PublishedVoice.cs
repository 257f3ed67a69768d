using Affekt.Models.Audio;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>A published classifier of sound as an expert: sounds to seven shares.</summary>
public sealed class PublishedVoice : IAudioEncoder
{
    private readonly PublishedSound _model;

    private PublishedVoice(PublishedSound model, LabelMap labels) => (_model, Labels) = (model, labels);

    /// <summary>What its labels are.</summary>
    public LabelMap Labels { get; }

    /// <inheritdoc/>
    public int Width => Emotions.Count;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="labels">What its labels are told to be.</param>
    /// <param name="options">How it is computed; as usual where null.</param>
    /// <param name="int8">Whether large products are computed in int8.</param>
    /// <exception cref="ModelException">It is no network of this kind, or lacks a tensor.</exception>
    public static PublishedVoice Load(string folder, IReadOnlyDictionary<string, string> labels, EngineOptions? options = null, bool int8 = false)
    {
        (PublishedModel model, LabelMap map) = PublishedExperts.Open(folder, PublishedInput.Sound, labels, options, int8);
        return new PublishedVoice((PublishedSound)model, map);
    }

    /// <inheritdoc/>
    public AudioFeatures Encode(ReadOnlySpan<float> samples)
    {
        ReadOnlySpan<float> heard = SoundCheck.Middle(samples);
        if ((SoundCheck.Problem(heard, _model.ShortestSound) ?? SoundCheck.Silence(heard)) is { } problem)
            return AudioFeatures.Unusable(problem);
        return new AudioFeatures(PublishedExperts.ToEmotions(_model, Labels, _model.Compute(_model.Prepare(heard), PublishedModel.Logits)), null);
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}

/// <summary>Stands for an expert for sound in a bundle without one: sound is still cut, and words are found in it.</summary>
internal sealed class NoAudioEncoder : IAudioEncoder
{
    public int Width => 0;

    public AudioFeatures Encode(ReadOnlySpan<float> samples) => AudioFeatures.Unusable("no classifier of sound in this bundle");

    public void Dispose()
    {
    }
}
