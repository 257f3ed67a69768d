using System.Globalization;
using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.Cli.Results;

/// <summary>A row for each utterance (RFC 4180): what it is, the answer, the probabilities, and what else the bundle estimates.</summary>
/// <param name="terminal">Where it goes.</param>
/// <param name="recognizer">What answers, asked when the first row is written; null where nothing could be read.</param>
internal sealed class CsvWriter(Terminal terminal, Func<Recognizer?> recognizer) : IResultWriter
{
    private bool _headed;

    public void Add(RecognitionUpdate update)
    {
    }

    // Not before the end: who speaks may turn out otherwise until then.
    public void Add(RecognitionResult result)
    {
        foreach (RecognizedUtterance utterance in result.Utterances)
        {
            Head();
            Row(
            [
                result.Input.File, Text(utterance.StartMs), Text(utterance.EndMs), utterance.Speaker ?? "",
                utterance.Text ?? "", utterance.Label, Text(utterance.Confidence),
                utterance.Abstained ? "true" : "false", .. utterance.Probabilities.Values.Select(value => Text(value)),
                .. Dimensions.Select(name => utterance.Dimensions is { } said && said.TryGetValue(name, out double value) ? Text(value) : ""),
                utterance.Face?.Person ?? "", FaceStatus(utterance), utterance.Overlap is { } overlap ? Text(overlap) : "",
            ]);
        }

        ResultWriters.Warn(terminal, result);
    }

    public void Dispose() => Head();

    private IReadOnlyList<string> Dimensions => recognizer()?.Dimensions ?? [];

    // With the first row, when the bundle is open.
    private void Head()
    {
        LabelSet labels = recognizer()?.Labels ?? LabelSet.Emotions;
        if (!_headed)
            Row(["file", "start_ms", "end_ms", "speaker", "text", "emotion", "confidence", "abstained", .. labels.Names, .. Dimensions, "face", "face_status", "overlap"]);
        _headed = true;
    }

    private static string FaceStatus(RecognizedUtterance utterance) => utterance.Face?.Status switch
    {
        UtteranceFaceStatus.Speaking => "speaking",
        UtteranceFaceStatus.Only => "only",
        UtteranceFaceStatus.NotSeen => "not_seen",
        _ => "",
    };

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Quote(string field) =>
        field.AsSpan().ContainsAny("\",\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private void Row(IEnumerable<string> fields) => terminal.Output.Write($"{string.Join(',', fields.Select(Quote))}\r\n");
}
