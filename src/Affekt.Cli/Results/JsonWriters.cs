using Affekt.Recognition;

namespace Affekt.Cli.Results;

/// <summary>One JSON object after the other.</summary>
internal sealed class JsonLinesWriter(TextWriter output, bool indented) : IResultWriter
{
    public void Add(RecognitionResult result)
    {
        output.WriteLine(result.ToJson(indented));
        output.Flush();
    }

    public void Dispose()
    {
    }
}

/// <summary>An array of JSON objects.</summary>
internal sealed class JsonArrayWriter(TextWriter output) : IResultWriter
{
    private bool _begun;

    public void Add(RecognitionResult result)
    {
        output.Write(_begun ? ",\n" : "[\n");
        output.Write(result.ToJson(indented: true));
        _begun = true;
    }

    public void Dispose() => output.WriteLine(_begun ? "\n]" : "[]");
}
