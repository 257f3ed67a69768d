using Affekt.Recognition;

namespace Affekt.Models.Branches;

/// <summary>
/// How a voice usually sounds: the mean of the sound features of a speaker's utterances. A sound branch hears an utterance
/// against it. Immutable.
/// </summary>
public sealed class VoiceBaseline
{
    private readonly double[] _sum;

    private VoiceBaseline(double[] sum, int utterances)
    {
        _sum = sum;
        Utterances = utterances;
    }

    /// <summary>Nothing known.</summary>
    public static VoiceBaseline None { get; } = new([], 0);

    /// <summary>How many utterances it rests on, 0 or more.</summary>
    public int Utterances { get; }

    /// <summary>The same after one more utterance of the speaker.</summary>
    /// <param name="features">What the audio encoder made of it.</param>
    /// <exception cref="ArgumentException">As many features as earlier utterances had are expected.</exception>
    public VoiceBaseline With(IReadOnlyList<float> features)
    {
        if (Utterances > 0 && features.Count != _sum.Length)
            throw new ArgumentException($"{features.Count} features, expected {_sum.Length}", nameof(features));
        double[] sum = new double[features.Count];
        for (int i = 0; i < sum.Length; i++)
            sum[i] = features[i] + (Utterances > 0 ? _sum[i] : 0);
        return new VoiceBaseline(sum, Utterances + 1);
    }

    /// <summary>The same without one of its utterances.</summary>
    /// <param name="features">What the audio encoder made of that utterance.</param>
    /// <exception cref="ArgumentException">There is none, or as many features as the utterances had are expected.</exception>
    public VoiceBaseline Without(IReadOnlyList<float> features)
    {
        if (features.Count != _sum.Length)
            throw new ArgumentException($"{features.Count} features, expected {_sum.Length}", nameof(features));
        return Utterances == 1 ? None : new VoiceBaseline([.. _sum.Select((sum, i) => sum - features[i])], Utterances - 1);
    }

    /// <summary>Writes the mean.</summary>
    /// <param name="mean">As many as features; left as it is where nothing is known.</param>
    public void CopyMean(Span<float> mean)
    {
        for (int i = 0; i < _sum.Length; i++)
            mean[i] = (float)(_sum[i] / Utterances);
    }
}

/// <summary>How a speaker usually is: what utterances are heard and seen against.</summary>
/// <param name="Voice">How the voice usually sounds.</param>
/// <param name="Face">How the face usually looks.</param>
public sealed record SpeakerBaseline(VoiceBaseline Voice, FaceBaseline Face) : ISpeakerBaseline
{
    /// <summary>Nothing known.</summary>
    public static SpeakerBaseline None { get; } = new(VoiceBaseline.None, FaceBaseline.None);

    /// <inheritdoc/>
    public int HeardUtterances => Voice.Utterances;

    /// <inheritdoc/>
    public int SeenUtterances => Face.Utterances;
}
