namespace Affekt.Models.Audio;

/// <summary>What a sound network's graph gives beside the states after the last layer.</summary>
public sealed record SoundOutputs
{
    /// <summary>Labels of the published classification head, whose scores come out before softmax; 0 for none.</summary>
    public int Labels { get; init; }

    /// <summary>Layers whose states come out; 0 for what enters the first one.</summary>
    public IReadOnlyList<int> States { get; init; } = [];
}
