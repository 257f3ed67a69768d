using System.Globalization;
using Affekt.Corpora;
using Affekt.Recognition;

namespace Affekt.Cli.Results;

/// <summary>A row for each utterance (RFC 4180): what it is, the answer, and the seven probabilities.</summary>
internal sealed class CsvWriter : IResultWriter
{
    private readonly Terminal _terminal;

    public CsvWriter(Terminal terminal)
    {
        _terminal = terminal;
        Row(["file", "start_ms", "end_ms", "speaker", "text", "emotion", "confidence", "abstained", .. Emotions.Labels]);
    }

    public void Add(RecognitionUpdate update)
    {
        if (update.Utterance is { } utterance)
        {
            Row(
            [
                update.Input.File, Text(utterance.StartMs), Text(utterance.EndMs), utterance.Speaker ?? "",
                utterance.Text ?? "", utterance.Emotion.Label(), Text(utterance.Confidence),
                utterance.Abstained ? "true" : "false", .. utterance.Probabilities.Values.Select(value => Text(value)),
            ]);
        }
    }

    public void Add(RecognitionResult result) => ResultWriters.Warn(_terminal, result);

    public void Dispose()
    {
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Quote(string field) =>
        field.AsSpan().ContainsAny("\",\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private void Row(IEnumerable<string> fields) => _terminal.Output.Write($"{string.Join(',', fields.Select(Quote))}\r\n");
}
