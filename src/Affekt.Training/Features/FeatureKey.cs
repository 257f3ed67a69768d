namespace Affekt.Training.Features;

/// <summary>
/// What a feature was computed from. Two features have the same key only where the same network, set up the same way,
/// reads the same input: another clip, encoder or setting never finds what belongs to its predecessor.
/// </summary>
/// <param name="Kind">What the feature is: one of the constants of <see cref="FeatureKind"/>.</param>
/// <param name="Encoder">The encoder's weights and settings, from <see cref="EncoderHash"/>.</param>
/// <param name="Content">The input's bytes and the stretch that is read, from <see cref="ContentHash"/>.</param>
/// <param name="Copy">How the input was altered before it was encoded; "clean" where it was not.</param>
public readonly record struct FeatureKey(string Kind, string Encoder, string Content, string Copy = FeatureKey.Clean)
{
    /// <summary>The input as it is.</summary>
    public const string Clean = "clean";

    /// <summary>The name of the feature's tensor in the store.</summary>
    public string Name => $"{Kind}/{Encoder}/{Content}/{Copy}";
}

/// <summary>The kinds of features. D features, T tokens, F frames.</summary>
public static class FeatureKind
{
    /// <summary>One vector of an utterance's words, [D].</summary>
    public const string Text = "text";

    /// <summary>The states of an utterance's tokens, [T, D].</summary>
    public const string Tokens = "tokens";

    /// <summary>One vector of an utterance's sound, [D].</summary>
    public const string Audio = "audio";

    /// <summary>One vector for each frame of an utterance's picture, [F, D], with whether the frame could be used.</summary>
    public const string Video = "video";
}

/// <summary>What an encoder made of an input. That nothing could be made of it is a result too, and kept like one.</summary>
public sealed record StoredFeature
{
    /// <summary>The values, row by row; null where the input cannot be used.</summary>
    public required float[]? Values { get; init; }

    /// <summary>The values' shape, as <see cref="FeatureKind"/> tells; [0] where there are none.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>1 for a frame that could be used and 0 for one that could not; null where there are no frames.</summary>
    public float[]? Present { get; init; }

    /// <summary>How long the sound lasts, in ms; null where that is unknown or the input is none.</summary>
    public int? DurationMs { get; init; }

    /// <summary>Why the input cannot be used, for a person to read; null where it can.</summary>
    public string? Reason { get; init; }

    /// <summary>A vector.</summary>
    public static StoredFeature Vector(float[] values) => new() { Values = values, Shape = [values.Length] };

    /// <summary>Of the states of several layers side by side, their sum with a weight for each.</summary>
    internal StoredFeature Mixed(IReadOnlyList<double> weights)
    {
        if (Values is null)
            return this;
        float[] sum = new float[Values.Length / weights.Count];
        for (int i = 0; i < Values.Length; i++)
            sum[i % sum.Length] += (float)weights[i / sum.Length] * Values[i];
        return this with { Values = sum, Shape = [sum.Length] };
    }

    /// <summary>That an input cannot be used.</summary>
    public static StoredFeature Unusable(string reason) => new() { Values = null, Shape = [0], Reason = reason };
}
