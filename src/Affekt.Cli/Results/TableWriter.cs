using System.Globalization;
using Affekt.Corpora;
using Affekt.Recognition;
using Spectre.Console;

namespace Affekt.Cli.Results;

/// <summary>For people: a block for each utterance, with the seven probabilities as bars.</summary>
internal sealed class TableWriter(Terminal terminal) : IResultWriter
{
    private const int BarWidth = 40;

    public void Add(RecognitionResult result)
    {
        foreach (RecognizedUtterance utterance in result.Utterances)
        {
            terminal.Draw(new Text($"{Heading(result.Input, utterance)}\n", new Style(decoration: Decoration.Bold)));
            terminal.Draw(Bars(utterance));
            terminal.Draw(new Text($"{Explanation(utterance)}\n\n"));
        }

        ResultWriters.Warn(terminal, result);
    }

    public void Dispose()
    {
    }

    private static string Heading(RecognizedInput input, RecognizedUtterance utterance)
    {
        string answer = utterance.Abstained
            ? string.Create(CultureInfo.InvariantCulture, $"not sure ({utterance.Emotion.Label()} at {utterance.Confidence:P0})")
            : string.Create(CultureInfo.InvariantCulture, $"{utterance.Emotion.Label()} at {utterance.Confidence:P0}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{input.File} [{utterance.StartMs / 1000.0:F1}-{utterance.EndMs / 1000.0:F1} s]: {answer}");
    }

    private static Table Bars(RecognizedUtterance utterance)
    {
        Table table = new Table().NoBorder().HideHeaders().AddColumns("emotion", "probability", "bar");
        table.Columns[1].Alignment = Justify.Right;
        foreach (Emotion emotion in Enum.GetValues<Emotion>().OrderByDescending(emotion => utterance.Probabilities[emotion]))
        {
            double probability = utterance.Probabilities[emotion];
            table.AddRow(
                new Text(emotion.Label()),
                new Text(probability.ToString("P1", CultureInfo.InvariantCulture)),
                new Text(
                    new string('█', (int)Math.Round(probability * BarWidth)),
                    emotion == utterance.Emotion && !utterance.Abstained ? new Style(Color.Green) : Style.Plain));
        }

        return table;
    }

    private static string Explanation(RecognizedUtterance utterance)
    {
        (string Name, ModalityUse Use, double Contribution)[] modalities =
        [
            ("audio", utterance.Modalities.Audio, utterance.Contribution.Audio),
            ("text", utterance.Modalities.Text, utterance.Contribution.Text),
            ("video", utterance.Modalities.Video, utterance.Contribution.Video),
        ];
        return string.Join('\n', modalities.Select(modality => modality.Use.Status == ModalityStatus.Used
            ? string.Create(CultureInfo.InvariantCulture, $"{modality.Name,-5} {modality.Contribution:+0.000;-0.000}")
            : $"{modality.Name,-5} {(modality.Use.Status == ModalityStatus.Missing ? "missing" : "unusable")}: {modality.Use.Reason}"));
    }
}
