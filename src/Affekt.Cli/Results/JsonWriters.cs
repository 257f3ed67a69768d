using Affekt.Recognition;

namespace Affekt.Cli.Results;

/// <summary>A JSON object for one file.</summary>
internal sealed class JsonWriter(TextWriter output) : IResultWriter
{
    public void Add(RecognitionUpdate update)
    {
    }

    public void Add(RecognitionResult result) => output.WriteLine(result.ToJson(indented: true));

    public void Dispose()
    {
    }
}

/// <summary>
/// A line for each utterance as soon as it is done: the whole result with that utterance only. A file without utterances,
/// and warnings that come after the last one, have a line of their own.
/// </summary>
internal sealed class JsonLinesWriter(TextWriter output) : IResultWriter
{
    private readonly HashSet<string> _begun = [];

    public void Add(RecognitionUpdate update)
    {
        bool first = _begun.Add(update.Input.File);
        if (update.Utterance is null)
            _begun.Remove(update.Input.File);
        if (update.Utterance is null && !first && update.Warnings.Count == 0)
            return;
        output.WriteLine(update.ToResult().ToJson(indented: false));
        output.Flush();
    }

    public void Add(RecognitionResult result)
    {
    }

    public void Dispose()
    {
    }
}

/// <summary>An array of JSON objects.</summary>
internal sealed class JsonArrayWriter(TextWriter output) : IResultWriter
{
    private bool _begun;

    public void Add(RecognitionUpdate update)
    {
    }

    public void Add(RecognitionResult result)
    {
        output.Write(_begun ? ",\n" : "[\n");
        output.Write(result.ToJson(indented: true));
        _begun = true;
    }

    public void Dispose() => output.WriteLine(_begun ? "\n]" : "[]");
}
