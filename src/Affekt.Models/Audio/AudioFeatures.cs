namespace Affekt.Models.Audio;

/// <summary>What an audio encoder made of a sound.</summary>
/// <param name="Values">The features; null where the sound cannot be used.</param>
/// <param name="Reason">Why it cannot be used, for a person to read; null where it can.</param>
public sealed record AudioFeatures(float[]? Values, string? Reason)
{
    internal static AudioFeatures Unusable(string reason) => new(null, reason);
}
