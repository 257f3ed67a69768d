namespace Affekt.Recognition;

/// <summary>What comes next in a live session: sound, a picture, or both.</summary>
public readonly record struct LiveInput
{
    /// <summary>The next piece of sound, mono, 16 kHz, within [-1, 1]; empty for none.</summary>
    public ReadOnlyMemory<float> Samples { get; init; }

    /// <summary>A picture as a JPEG file; null for none.</summary>
    public ReadOnlyMemory<byte>? Jpeg { get; init; }

    /// <summary>When the picture came on screen, in ms from the session's beginning; null for where the sound has come to.</summary>
    public double? AtMs { get; init; }
}
