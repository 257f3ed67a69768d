using System.Globalization;
using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.Cli.Results;

/// <summary>A row for each utterance (RFC 4180): what it is, the answer, and the seven probabilities.</summary>
internal sealed class CsvWriter : IResultWriter
{
    private readonly Terminal _terminal;

    public CsvWriter(Terminal terminal)
    {
        _terminal = terminal;
        Row(["file", "start_ms", "end_ms", "speaker", "text", "emotion", "confidence", "abstained", .. Emotions.Labels, "face", "face_status"]);
    }

    public void Add(RecognitionUpdate update)
    {
    }

    // Not before the end: who speaks may turn out otherwise until then.
    public void Add(RecognitionResult result)
    {
        foreach (RecognizedUtterance utterance in result.Utterances)
        {
            Row(
            [
                result.Input.File, Text(utterance.StartMs), Text(utterance.EndMs), utterance.Speaker ?? "",
                utterance.Text ?? "", utterance.Emotion.Label(), Text(utterance.Confidence),
                utterance.Abstained ? "true" : "false", .. utterance.Probabilities.Values.Select(value => Text(value)),
                utterance.Face?.Person ?? "", FaceStatus(utterance),
            ]);
        }

        ResultWriters.Warn(_terminal, result);
    }

    public void Dispose()
    {
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

    private void Row(IEnumerable<string> fields) => _terminal.Output.Write($"{string.Join(',', fields.Select(Quote))}\r\n");
}
