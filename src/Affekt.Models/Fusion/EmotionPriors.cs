namespace Affekt.Models.Fusion;

/// <summary>Priors by name and from files.</summary>
public static class EmotionPriors
{
    /// <summary>
    /// "uniform", "meld", or else a JSON file that holds a number above 0 for each of the seven labels, such as counts.
    /// </summary>
    /// <exception cref="ModelException">It is neither of these names, nor such a file.</exception>
    public static EmotionPrior Find(string nameOrFile) => EmotionPrior.Named(nameOrFile) ?? Read(nameOrFile);

    private static EmotionPrior Read(string file)
    {
        const string Expected = "uniform, meld, or a JSON file with a number above 0 for each of the seven emotions";
        if (!File.Exists(file))
            throw new ModelException(file, null, "no such file", Expected);
        Dictionary<string, double> found = ModelJson.Read<Dictionary<string, double>>(file, Expected);
        if (found.Keys.FirstOrDefault(label => !Emotions.Labels.Contains(label)) is { } other)
            throw new ModelException(file, other, "no label of an emotion", string.Join(", ", Emotions.Labels));
        if (Emotions.Labels.FirstOrDefault(label => found.GetValueOrDefault(label) is not (> 0 and < double.PositiveInfinity)) is { } missing)
            throw new ModelException(file, missing, found.TryGetValue(missing, out double value) ? FormattableString.Invariant($"{value}") : "nothing", "a number above 0");
        return EmotionPrior.Of(file, [.. Emotions.Labels.Select(label => found[label])]);
    }
}
