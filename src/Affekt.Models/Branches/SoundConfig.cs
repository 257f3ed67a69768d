namespace Affekt.Models.Branches;

/// <summary>The sizes of a sound branch.</summary>
public sealed record SoundConfig
{
    /// <summary>Standardized features beyond this are taken to be faults of the recording.</summary>
    public const double LargestDeviation = 5;

    /// <summary>From this many times <see cref="FarthestVoice"/> on, nothing is a voice.</summary>
    public const double NoVoice = 1.2;

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

    /// <summary>
    /// Networks of the home corpus alone, whose logits count where a recording sounds like that corpus; 0 for none.
    /// </summary>
    public int HomeNetworks { get; init; }

    /// <summary>How much they count where a recording is certain to be of the home corpus's kind; the others count the rest. In [0, 1].</summary>
    public double HomeWeight { get; init; } = 0.7;

    /// <summary>The odds, before anything is heard, that a recording is of the home corpus's kind; above 0.</summary>
    public double HomeOdds { get; init; } = 0.05;

    /// <summary>
    /// How far the sounds of voices are from their mean at most: the root of the mean square of their standardized features. What is
    /// farther is less of a voice the farther it is, and from <see cref="NoVoice"/> times this on nothing is said about it. Null: not looked at.
    /// </summary>
    public double? FarthestVoice { get; init; }

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

        if (HomeNetworks is < 0 or > Largest)
            throw new ModelException(file, $"{field}.home_networks", $"{HomeNetworks}", $"0 to {Largest}");
        if (!(HomeWeight is >= 0 and <= 1))
            throw new ModelException(file, $"{field}.home_weight", $"{HomeWeight}", "0 to 1");
        foreach ((string name, double value) in (ReadOnlySpan<(string, double)>)[("home_odds", HomeOdds), ("farthest_voice", FarthestVoice ?? 1)])
        {
            if (!(value > 0 && double.IsFinite(value)))
                throw new ModelException(file, $"{field}.{name}", $"{value}", "a number above 0");
        }

        if (!(Shrinkage > 0 && double.IsFinite(Shrinkage)))
            throw new ModelException(file, $"{field}.shrinkage", $"{Shrinkage}", "a number above 0");
        if (!(Dropout is >= 0 and < 1))
            throw new ModelException(file, $"{field}.dropout", $"{Dropout}", "0 to below 1");
    }
}
