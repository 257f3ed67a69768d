using System.Globalization;
using Affekt.Recognition;
using Spectre.Console;

namespace Affekt.Cli.Results;

/// <summary>
/// For people: of one utterance a block with the probabilities as bars; of more a row for each.
/// </summary>
internal sealed class TableWriter(Terminal terminal) : IResultWriter
{
    private const int BarWidth = 40;

    public void Add(RecognitionUpdate update)
    {
    }

    public void Add(RecognitionResult result)
    {
        if (result.Utterances is [RecognizedUtterance utterance])
        {
            terminal.Draw(new Text($"{Heading(result.Input, utterance)}\n", new Style(decoration: Decoration.Bold)));
            terminal.Draw(Bars(utterance));
            terminal.Draw(new Text($"{Explanation(utterance)}\n\n"));
        }
        else
        {
            terminal.Draw(new Text($"{Summary(result)}\n", new Style(decoration: Decoration.Bold)));
            if (result.Utterances.Count > 0)
                terminal.Draw(Rows(result.Utterances));
            terminal.Output.WriteLine();
        }

        ResultWriters.Warn(terminal, result);
    }

    public void Dispose()
    {
    }

    private static string Heading(RecognizedInput input, RecognizedUtterance utterance)
    {
        string answer = utterance.Abstained
            ? string.Create(CultureInfo.InvariantCulture, $"not sure ({utterance.Label} at {utterance.Confidence:P0})")
            : string.Create(CultureInfo.InvariantCulture, $"{utterance.Label} at {utterance.Confidence:P0}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Terminal.Visible(input.File)} [{utterance.StartMs / 1000.0:F1}-{utterance.EndMs / 1000.0:F1} s]: {answer}");
    }

    private static string Summary(RecognitionResult result)
    {
        IEnumerable<string> counts = result.Utterances.Where(one => !one.Abstained).GroupBy(one => one.Label)
            .OrderByDescending(group => group.Count()).Select(group => $"{group.Key} {group.Count()}");
        int withheld = result.Utterances.Count(one => one.Abstained);
        string[] parts = [.. counts, .. withheld > 0 ? [$"not sure {withheld}"] : Array.Empty<string>()];
        return $"{Terminal.Visible(result.Input.File)} [{Clock(result.Input.DurationMs)}]: {result.Utterances.Count} utterances"
            + (parts.Length > 0 ? $": {string.Join(", ", parts)}" : "");
    }

    private static Table Rows(IReadOnlyList<RecognizedUtterance> utterances)
    {
        const int SpeakerWidth = 12, EmotionWidth = 10;
        bool hasSpeakers = utterances.Any(one => one.Speaker is not null);
        Table table = new Table().NoBorder();
        table.AddColumn(new TableColumn("at").RightAligned().NoWrap());
        if (hasSpeakers)
            table.AddColumn(new TableColumn("speaker").Width(SpeakerWidth));
        table.AddColumn(new TableColumn("emotion").Width(EmotionWidth));
        table.AddColumn(new TableColumn("%").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("words"));
        foreach (RecognizedUtterance one in utterances)
        {
            List<Text> cells = [new Text(Clock(one.StartMs))];
            if (hasSpeakers)
                cells.Add(new Text(Terminal.Visible(one.Speaker ?? "")));
            cells.Add(new Text(one.Abstained ? $"({one.Label})" : one.Label));
            cells.Add(new Text((100 * one.Confidence).ToString("F0", CultureInfo.InvariantCulture)));
            cells.Add(new Text(Terminal.Visible(one.Text ?? "-", keepLines: true)));
            table.AddRow(cells);
        }

        return table;
    }

    private static string Clock(int milliseconds)
    {
        TimeSpan time = TimeSpan.FromMilliseconds(milliseconds);
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}.{time.Milliseconds / 100}");
    }

    private static Table Bars(RecognizedUtterance utterance)
    {
        Table table = new Table().NoBorder().HideHeaders().AddColumns("emotion", "probability", "bar");
        table.Columns[1].Alignment = Justify.Right;
        LabelSet labels = utterance.Probabilities.Labels;
        foreach (int label in labels.Indices.OrderByDescending(label => utterance.Probabilities.Values[label]))
        {
            double probability = utterance.Probabilities.Values[label];
            table.AddRow(
                new Text(labels[label]),
                new Text(probability.ToString("P1", CultureInfo.InvariantCulture)),
                new Text(
                    new string('█', (int)Math.Round(probability * BarWidth)),
                    labels[label] == utterance.Label && !utterance.Abstained ? new Style(Color.Green) : Style.Plain));
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
        IEnumerable<string> dimensions = (utterance.Dimensions ?? new Dictionary<string, double>())
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:0.00}"));
        return string.Join('\n', dimensions.Concat(modalities.Select(modality => modality.Use.Status == ModalityStatus.Used
            ? string.Create(CultureInfo.InvariantCulture, $"{modality.Name,-5} {modality.Contribution:+0.000;-0.000}")
            : $"{modality.Name,-5} {(modality.Use.Status == ModalityStatus.Missing ? "missing" : "unusable")}: {modality.Use.Reason}")));
    }
}
