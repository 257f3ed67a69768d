namespace Affekt.Corpora;

/// <summary>
/// A corpus, manifest or vocabulary that cannot be read: what was found, what was expected, and where.
/// </summary>
/// <param name="found">What the input holds, in words; short.</param>
/// <param name="expected">What would have been right, in words.</param>
/// <param name="file">The file, if the input is one.</param>
/// <param name="line">The line, counted from 1, where that is known.</param>
/// <param name="field">The column or JSON field, where one is at fault.</param>
/// <param name="cause">The error beneath, if any.</param>
public sealed class CorpusException(
    string found, string expected, string? file = null, int? line = null, string? field = null, Exception? cause = null)
    : Exception(Describe(found, expected, file, line, field), cause)
{
    private const int LongestQuote = 60;

    /// <summary>What the input holds.</summary>
    public string Found { get; } = found;

    /// <summary>What would have been right.</summary>
    public string Expected { get; } = expected;

    /// <summary>The file at fault; null where the input was no file.</summary>
    public string? File { get; } = file;

    /// <summary>The line at fault, counted from 1; null where it is unknown or the whole file is meant.</summary>
    public int? Line { get; } = line;

    /// <summary>The column or JSON field at fault; null where none is.</summary>
    public string? Field { get; } = field;

    /// <summary>Puts a value in quotes, shortened where it would swamp the message.</summary>
    internal static string Quote(string value) =>
        value.Length <= LongestQuote ? $"'{value}'" : $"'{value[..LongestQuote]}...' ({value.Length} characters)";

    private static string Describe(string found, string expected, string? file, int? line, string? field)
    {
        string?[] places = [file, line is null ? null : $"line {line}", field is null ? null : $"field {field}"];
        string where = string.Join(", ", places.OfType<string>());
        return $"{(where.Length > 0 ? $"{where}: " : "")}found {found}, expected {expected}";
    }
}
