using System.Text;

namespace Affekt.Corpora;

/// <summary>
/// A corpus, manifest or vocabulary that cannot be read: what was found, what was expected, and where.
/// </summary>
public sealed class CorpusException : Exception
{
    private const int LongestQuote = 60;

    /// <summary>Makes an error whose message joins the given parts.</summary>
    /// <param name="found">What the input holds, in words; short.</param>
    /// <param name="expected">What would have been right, in words.</param>
    /// <param name="file">The file, if the input is one.</param>
    /// <param name="line">The line, counted from 1, where that is known.</param>
    /// <param name="field">The column or JSON field, where one is at fault.</param>
    /// <param name="cause">The error beneath, if any.</param>
    public CorpusException(
        string found,
        string expected,
        string? file = null,
        int? line = null,
        string? field = null,
        Exception? cause = null)
        : base(Describe(found, expected, file, line, field), cause)
    {
        Found = found;
        Expected = expected;
        File = file;
        Line = line;
        Field = field;
    }

    /// <summary>What the input holds.</summary>
    public string Found { get; }

    /// <summary>What would have been right.</summary>
    public string Expected { get; }

    /// <summary>The file at fault; null where the input was no file.</summary>
    public string? File { get; }

    /// <summary>The line at fault, counted from 1; null where it is unknown or the whole file is meant.</summary>
    public int? Line { get; }

    /// <summary>The column or JSON field at fault; null where none is.</summary>
    public string? Field { get; }

    /// <summary>Puts a value in quotes, shortened where it would swamp the message.</summary>
    internal static string Quote(string value) =>
        value.Length <= LongestQuote ? $"'{value}'" : $"'{value[..LongestQuote]}...' ({value.Length} characters)";

    private static string Describe(string found, string expected, string? file, int? line, string? field)
    {
        StringBuilder message = new();
        AppendPlace(message, file);
        AppendPlace(message, line is null ? null : $"line {line}");
        AppendPlace(message, field is null ? null : $"field {field}");
        string separator = message.Length > 0 ? ": " : "";
        return message.Append(separator).Append($"found {found}, expected {expected}").ToString();
    }

    private static void AppendPlace(StringBuilder message, string? place)
    {
        if (place is not null)
            message.Append(message.Length > 0 ? ", " : "").Append(place);
    }
}
