namespace Affekt.Models.Fusion;

/// <summary>Priors by name and from files.</summary>
public static class EmotionPriors
{
    /// <summary>
    /// "uniform", "meld", in capitals too where no file is called so, or else a JSON file that holds a number above 0 for each label, such as counts: of the seven emotions in any order, or of
    /// a bundle's own labels.
    /// </summary>
    /// <exception cref="ModelException">It is neither of these names, nor such a file.</exception>
    public static EmotionPrior Find(string nameOrFile) =>
        EmotionPrior.Named(nameOrFile) ?? (File.Exists(nameOrFile) ? null : EmotionPrior.Named(nameOrFile.ToLowerInvariant())) ?? Read(nameOrFile);

    private static EmotionPrior Read(string file)
    {
        const string Expected = "uniform, meld, or a JSON file with a number above 0 for each label";
        if (!File.Exists(file))
            throw new ModelException(file, null, "no such file", Expected);
        Dictionary<string, double> found = ModelJson.Read<Dictionary<string, double>>(file, Expected);
        if (found.FirstOrDefault(entry => !(entry.Value > 0 && double.IsFinite(entry.Value))) is { Key: { } wrong, Value: var value })
            throw new ModelException(file, wrong, FormattableString.Invariant($"{value}"), "a number above 0");
        try
        {
            return EmotionPrior.Of(file, [.. found]);
        }
        catch (ArgumentException e)
        {
            throw new ModelException(file, null, string.Join(", ", found.Keys), Expected, e);
        }
    }
}
