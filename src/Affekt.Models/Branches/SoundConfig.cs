namespace Affekt.Models.Branches;

/// <summary>The sizes of a sound branch.</summary>
public sealed record SoundConfig
{
    /// <summary>Features of an utterance's sound, from the audio encoder.</summary>
    public required int AudioWidth { get; init; }

    /// <summary>Features of each network's hidden layer.</summary>
    public int HiddenWidth { get; init; } = 512;

    /// <summary>Networks, from different random weights, whose logits are averaged.</summary>
    public int Networks { get; init; } = 3;

    /// <summary>
    /// How many utterances of a speaker weigh as much as knowing nothing: the mean of k utterances counts as k / (k + this),
    /// above 0.
    /// </summary>
    public double Shrinkage { get; init; } = 2;

    /// <summary>Dropout on the hidden layer while training, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.6;
}
