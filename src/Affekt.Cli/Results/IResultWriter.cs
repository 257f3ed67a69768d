using Affekt.Recognition;

namespace Affekt.Cli.Results;

/// <summary>Writes results as they come; disposing of it ends the document, so that nothing written is lost.</summary>
internal interface IResultWriter : IDisposable
{
    /// <summary>An utterance of a file is done, or all are; for formats that do not wait for the file's end.</summary>
    void Add(RecognitionUpdate update);

    /// <summary>A file is done.</summary>
    void Add(RecognitionResult result);
}

internal static class ResultWriters
{
    public static IResultWriter Create(string format, bool several, Terminal terminal, Func<Recognizer?> recognizer) => format switch
    {
        "json" when several => new JsonArrayWriter(terminal.Output),
        "json" => new JsonWriter(terminal.Output),
        "jsonl" => new JsonLinesWriter(terminal.Output),
        "csv" => new CsvWriter(terminal, recognizer),
        _ => new TableWriter(terminal),
    };

    /// <summary>Tells the warnings that a format has no place for.</summary>
    public static void Warn(Terminal terminal, RecognitionResult result)
    {
        foreach (RecognitionWarning warning in result.Warnings)
            terminal.Errors.WriteLine(Terminal.Visible($"warning: {result.Input.File}: {warning.Message}"));
    }
}

/// <summary>For results that go to files of their own: nothing but their warnings.</summary>
internal sealed class SummaryWriter(Terminal terminal) : IResultWriter
{
    public void Add(RecognitionUpdate update)
    {
    }

    public void Add(RecognitionResult result) => ResultWriters.Warn(terminal, result);

    public void Dispose()
    {
    }
}
