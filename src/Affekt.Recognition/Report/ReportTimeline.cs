using System.Globalization;
using System.Text;

namespace Affekt.Recognition.Report;

/// <summary>The recording from left to right, a row for each speaker, a box for each utterance in its emotion's color.</summary>
internal static class ReportTimeline
{
    private const int Width = 960;
    private const int RowHeight = 30;
    private const int BoxHeight = 20;
    private const int Ticks = 8;
    private const int CharacterWidth = 7;
    private const int LongestName = 18;
    private const double LeastBox = 3;

    // Distances of the marks below, in s: the first that needs no more than so many.
    private static readonly int[] _steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

    public static void Append(StringBuilder html, RecognitionResult result)
    {
        string[] speakers = [.. result.Utterances.Select(Row).Distinct()];
        int left = speakers is [""] ? 8 : 12 + (CharacterWidth * Math.Min(LongestName, speakers.Max(name => name.Length)));
        int height = (RowHeight * speakers.Length) + 22;
        double perMs = (Width - left - 8.0) / Math.Max(1, result.Input.DurationMs);
        html.Append(CultureInfo.InvariantCulture, $"""
            <h2>Timeline</h2>
            <div class="timeline">
            <svg viewBox="0 0 {Width} {height}" role="group" aria-label="Timeline of the utterances by speaker">

            """);
        for (int row = 0; row < speakers.Length; row++)
        {
            int middle = (row * RowHeight) + (RowHeight / 2);
            string name = speakers[row].Length > LongestName ? speakers[row][..(LongestName - 1)] + "…" : speakers[row];
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"row\" x1=\"{left}\" x2=\"{Width - 8}\" y1=\"{middle}\" y2=\"{middle}\"/>");
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"2\" y=\"{middle + 4}\">{RecognitionReport.Safe(name)}</text>\n");
        }

        for (int i = 0; i < result.Utterances.Count; i++)
            AppendBox(html, result.Utterances[i], i, Array.IndexOf(speakers, Row(result.Utterances[i])), left, perMs);
        AppendTicks(html, result.Input.DurationMs, left, perMs, height);
        html.Append("</svg>\n</div>\n");
    }

    private static string Row(RecognizedUtterance utterance) => utterance.Speaker ?? "";

    private static void AppendBox(
        StringBuilder html, RecognizedUtterance utterance, int index, int row, int left, double perMs)
    {
        string name = $"{RecognitionReport.Clock(utterance.StartMs)} {utterance.Speaker} {(utterance.Abstained ? "not sure, " : "")}"
            + $"{utterance.Label} {RecognitionReport.Percent(utterance.Confidence)}";
        double x = left + (utterance.StartMs * perMs), width = Math.Max(LeastBox, (utterance.EndMs - utterance.StartMs) * perMs);
        int y = (row * RowHeight) + ((RowHeight - BoxHeight) / 2);
        html.Append(CultureInfo.InvariantCulture, $"<a href=\"#u{index + 1}\" class=\"{RecognitionReport.Paint(utterance.Probabilities)}{(utterance.Abstained ? " unsure" : "")}\" aria-label=\"{RecognitionReport.Safe(name)}\">");
        html.Append(CultureInfo.InvariantCulture, $"<title>{RecognitionReport.Safe(name)}</title><rect x=\"{x:0.##}\" y=\"{y}\" width=\"{width:0.##}\" height=\"{BoxHeight}\" rx=\"3\"/></a>\n");
    }

    private static void AppendTicks(StringBuilder html, int durationMs, int left, double perMs, int height)
    {
        int step = _steps.FirstOrDefault(seconds => durationMs / 1000.0 / seconds <= Ticks, _steps[^1]);
        for (int seconds = 0; seconds * 1000L <= durationMs; seconds += step)
        {
            TimeSpan time = TimeSpan.FromSeconds(seconds);
            string text = time.TotalHours >= 1
                ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
                : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"{left + (seconds * 1000 * perMs):0.#}\" y=\"{height - 6}\">{text}</text>");
        }

        html.Append('\n');
    }
}
