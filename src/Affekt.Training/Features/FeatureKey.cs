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
