namespace Affekt.Corpora;

/// <summary>The part of a corpus that a dialogue belongs to.</summary>
public enum Split
{
    /// <summary>"train": models learn from it.</summary>
    Train,

    /// <summary>"dev": choices such as early stopping and calibration are made on it.</summary>
    Dev,

    /// <summary>"test": only ever measured on.</summary>
    Test,
}

/// <summary>Names of the splits.</summary>
public static class Splits
{
    private static readonly string[] _nameArray = ["train", "dev", "test"];

    /// <summary>The names, in the order of <see cref="Split"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = Array.AsReadOnly(_nameArray);

    /// <summary>The lower-case name that all formats use.</summary>
    public static string Name(this Split split) => _nameArray[(int)split];

    /// <summary>Reads a name; false where it is not exactly "train", "dev" or "test".</summary>
    public static bool TryParse(string? name, out Split split)
    {
        int index = Array.IndexOf(_nameArray, name);
        split = (Split)Math.Max(index, 0);
        return index >= 0;
    }
}
