namespace Affekt.Training.Features;

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

    /// <summary>That an input cannot be used.</summary>
    public static StoredFeature Unusable(string reason) => new() { Values = null, Shape = [0], Reason = reason };
}
