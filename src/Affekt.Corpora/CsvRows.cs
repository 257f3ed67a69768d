using CsvHelper;

namespace Affekt.Corpora;

/// <summary>Reads a CSV file with a line of column names row by row, and says which row is damaged.</summary>
internal static class CsvRows
{
    // No corpus here has a line break inside a field; one means that a quote was lost and rows have run together.
    private static readonly CsvReaderOptions _options = new()
    {
        HasHeader = false,
        AllowLineBreaksInQuotes = false,
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Throw,
        TrackLineNumbers = true,
    };

    /// <summary>The rows behind the column names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="requiredColumns">Columns that must be there.</param>
    /// <param name="asSpreadsheetsWrite">
    /// Whether a quoted field may go on over lines, and names have any case. A row of another length
    /// is then given as it is: <see cref="CsvRow.Check"/>.
    /// </param>
    /// <exception cref="CorpusException">
    /// The file cannot be read, is empty, has a column twice, lacks one, or has a row of another length.
    /// </exception>
    public static IEnumerable<CsvRow> Read(string path, IReadOnlyList<string> requiredColumns, bool asSpreadsheetsWrite = false)
    {
        string text = TextFile.Read(path);
        CsvReaderOptions options = _options with { Separator = SeparatorOf(text) };
        if (asSpreadsheetsWrite)
            options = options with { AllowLineBreaksInQuotes = true, FieldCountMismatch = CsvFieldCountHandling.Allow };
        using CsvReader reader = CsvReader.FromText(text, options);
        if (!MoveNext(reader, path))
            throw new CorpusException("an empty file", "a line with the column names", path);

        string[] header = Fields(reader);
        if (asSpreadsheetsWrite)
            header = [.. header.Select(name => name.Trim().ToLowerInvariant())];
        Dictionary<string, int> columns = FindColumns(header, requiredColumns, path);
        while (MoveNext(reader, path))
            yield return new CsvRow(path, (int)reader.LineNumber, columns, Fields(reader));
    }

    // A spreadsheet that has opened a table may have saved it with semicolons or tabs.
    private static char SeparatorOf(string text)
    {
        ReadOnlySpan<char> names = text.AsSpan(0, text.IndexOf('\n') is >= 0 and var end ? end : text.Length);
        int commas = names.Count(','), semicolons = names.Count(';'), tabs = names.Count('\t');
        return commas >= semicolons && commas >= tabs ? ',' : semicolons >= tabs ? ';' : '\t';
    }

    private static string[] Fields(CsvReader reader) => [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)];

    private static bool MoveNext(CsvReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException error)
        {
            throw new CorpusException(
                $"a damaged row ({error.Message})", "as many fields as the header has, quoted in pairs within a line",
                path, error.LineNumber > 0 ? (int)error.LineNumber : null, cause: error);
        }
    }

    private static Dictionary<string, int> FindColumns(string[] header, IReadOnlyList<string> required, string path)
    {
        Dictionary<string, int> columns = [];
        string? wrong = header.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key
            ?? required.FirstOrDefault(name => !header.Contains(name));
        if (wrong is not null)
        {
            string found = CorpusException.Quote(string.Join(',', header));
            string count = header.Count(wrong.Equals) is > 0 and var twice ? $"{twice} such columns" : "no such column";
            throw new CorpusException($"{count} among {found}", "one", path, 1, wrong);
        }

        foreach ((int index, string name) in header.Index())
            columns.Add(name, index);

        return columns;
    }
}

/// <summary>One row of a CSV file.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Columns">The place of each column by its name.</param>
/// <param name="Values">The fields.</param>
internal sealed record CsvRow(string File, int Line, IReadOnlyDictionary<string, int> Columns, string[] Values)
{
    public string this[string column] => Values[Columns[column]];

    /// <summary>The row, if it has as many fields as there are columns.</summary>
    /// <exception cref="CorpusException">It has more or fewer.</exception>
    public CsvRow Check() => Values.Length == Columns.Count
        ? this
        : throw new CorpusException($"{Values.Length} fields", $"{Columns.Count}, as the header has; one with a separator in it is quoted", File, Line);

    public CorpusException Wrong(string column, string expected) =>
        new(CorpusException.Quote(this[column]), expected, File, Line, column);
}
