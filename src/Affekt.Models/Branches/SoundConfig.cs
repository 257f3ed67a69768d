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

    /// <summary>Refuses sizes that cannot be.</summary>
    /// <param name="file">The file that they stand in, for messages.</param>
    /// <param name="field">The field that holds them there.</param>
    /// <exception cref="ModelException">A size is out of range.</exception>
    public void Check(string file, string field)
    {
        const int Largest = 1 << 16;
        foreach ((string name, int size) in (ReadOnlySpan<(string, int)>)
            [("audio_width", AudioWidth), ("hidden_width", HiddenWidth), ("networks", Networks)])
        {
            if (size is < 1 or > Largest)
                throw new ModelException(file, $"{field}.{name}", $"{size}", $"1 to {Largest}");
        }

        if (!(Shrinkage > 0 && double.IsFinite(Shrinkage)))
            throw new ModelException(file, $"{field}.shrinkage", $"{Shrinkage}", "a number above 0");
        if (!(Dropout is >= 0 and < 1))
            throw new ModelException(file, $"{field}.dropout", $"{Dropout}", "0 to below 1");
    }
}
