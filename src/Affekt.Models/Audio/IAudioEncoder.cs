namespace Affekt.Models.Audio;

/// <summary>Turns an utterance's sound into one vector.</summary>
public interface IAudioEncoder : IDisposable
{
    /// <summary>Features of a sound.</summary>
    int Width { get; }

    /// <summary>The features of one utterance's sound.</summary>
    /// <param name="samples">
    /// Mono, 16 kHz, within [-1, 1]; of more than 30 s the middle 30 s are read. Sound that is too short, silent or
    /// no sound at all (NaN) is a result without values.
    /// </param>
    AudioFeatures Encode(ReadOnlySpan<float> samples);
}

/// <summary>What an audio encoder made of a sound.</summary>
/// <param name="Values">The features; null where the sound cannot be used.</param>
/// <param name="Reason">Why it cannot be used, for a person to read; null where it can.</param>
public sealed record AudioFeatures(float[]? Values, string? Reason)
{
    /// <summary>The share in which two people speak at once, in [0, 1]; null where the encoder does not tell.</summary>
    public double? Overlap { get; init; }

    internal static AudioFeatures Unusable(string reason) => new(null, reason);
}

/// <summary>The frames of a sound that carry any.</summary>
/// <param name="Active">Their numbers; a frame is 24 ms.</param>
/// <param name="States">Their features, row by row, [frames, <see cref="MoonshineEncoder.FrameWidth"/>].</param>
public sealed record SoundFrames(IReadOnlyList<int> Active, float[] States);
