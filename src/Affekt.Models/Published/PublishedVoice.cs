using Affekt.Models.Audio;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>A published classifier of sound as an expert: sounds to shares of labels.</summary>
public sealed class PublishedVoice : IAudioEncoder
{
    private readonly PublishedSound _model;

    private PublishedVoice(PublishedSound model, LabelMap labels) => (_model, Labels) = (model, labels);

    /// <summary>What its labels are.</summary>
    public LabelMap Labels { get; }

    /// <inheritdoc/>
    public int Width => Labels.Set.Count;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="labels">What its labels are told to be.</param>
    /// <param name="set">Among which labels; null for the seven emotions.</param>
    /// <param name="options">How it is computed; as usual where null.</param>
    /// <param name="int8">Whether large products are computed in int8.</param>
    /// <exception cref="ModelException">It is no network of this kind, or lacks a tensor.</exception>
    public static PublishedVoice Load(
        string folder, IReadOnlyDictionary<string, string> labels, LabelSet? set = null, EngineOptions? options = null, bool int8 = false)
    {
        (PublishedModel model, LabelMap map) = PublishedExperts.Open(folder, PublishedInput.Sound, labels, set, options, int8);
        return new PublishedVoice((PublishedSound)model, map);
    }

    /// <inheritdoc/>
    public AudioFeatures Encode(ReadOnlySpan<float> samples)
    {
        ReadOnlySpan<float> heard = SoundCheck.Middle(samples);
        if ((SoundCheck.Problem(heard, _model.ShortestSound) ?? SoundCheck.Silence(heard)) is { } problem)
            return AudioFeatures.Unusable(problem);
        return new AudioFeatures(PublishedExperts.ToShares(_model, Labels, _model.Compute(_model.Prepare(heard), PublishedModel.Logits)), null);
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}

/// <summary>A published network of measures of sound, such as arousal: sounds to an expert's shares, where there is one, and the measures behind.</summary>
internal sealed class PublishedMeasures : IAudioEncoder
{
    private readonly PublishedVoice? _expert;
    private readonly PublishedSound _model;
    private readonly int[] _order;

    private PublishedMeasures(PublishedVoice? expert, PublishedSound model, int[] order) => (_expert, _model, _order) = (expert, model, order);

    public int Width => (_expert?.Width ?? 0) + _order.Length;

    /// <summary>Opens a folder, and takes the expert over.</summary>
    /// <exception cref="ModelException">It is no network of measures of sound, or lacks one of the names.</exception>
    public static PublishedMeasures Load(PublishedVoice? expert, string folder, IReadOnlyList<string> names, EngineOptions? options, bool int8)
    {
        PublishedConfig config = RequireMeasures(folder);
        int[] order = [.. names.Select(name => config.Labels.IndexOf(name))];
        return order.Contains(-1)
            ? throw new ModelException(config.File, "id2label", string.Join(", ", config.Labels), string.Join(", ", names))
            : new PublishedMeasures(expert, (PublishedSound)PublishedModel.Open(folder, new PublishedOutputs { Classifier = true }, options, int8), order);
    }

    /// <summary>Reads a folder's configuration.</summary>
    /// <exception cref="ModelException">It is no network of measures of sound.</exception>
    public static PublishedConfig RequireMeasures(string folder)
    {
        PublishedConfig config = PublishedConfig.Load(folder);
        if (config is not { Input: PublishedInput.Sound, Scores: PublishedScores.Measures })
            throw new ModelException(config.File, "problem_type", $"{config.Scores} of \"{config.Family}\"", "regression, of a network that hears");
        return config.Labels.Distinct().Count() == config.Labels.Length
            ? config
            : throw new ModelException(config.File, "id2label", string.Join(", ", config.Labels), "measures of different names");
    }

    public AudioFeatures Encode(ReadOnlySpan<float> samples)
    {
        ReadOnlySpan<float> heard = SoundCheck.Middle(samples);
        if ((SoundCheck.Problem(heard, _model.ShortestSound) ?? SoundCheck.Silence(heard)) is { } problem)
            return AudioFeatures.Unusable(problem);
        AudioFeatures said = _expert?.Encode(samples) ?? new AudioFeatures([], null);
        float[] measures = _model.Compute(_model.Prepare(heard), PublishedModel.Logits).Values;
        return said.Values is { } shares ? new AudioFeatures([.. shares, .. _order.Select(i => measures[i])], null) : said;
    }

    public void Dispose()
    {
        _expert?.Dispose();
        _model.Dispose();
    }
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
