using System.Globalization;
using System.Text;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition.Report;

/// <summary>Who is in the recording: a row for each person, and what each expresses over time.</summary>
internal static class ReportPersons
{
    private const int Width = 960;
    private const int RowHeight = 44;
    private const int BarHeight = 34;
    private const int LeftMargin = 140;
    private const int LongestName = 18;
    private const int MostChanges = 4;

    public static void Append(StringBuilder html, RecognitionResult result)
    {
        if (result.Persons.Count == 0)
            return;
        html.Append("""
            <h2>Persons</h2>
            <table class="persons">
            <tr><th scope="col">person</th><th scope="col">speaks</th><th scope="col">share</th><th scope="col">seen</th><th scope="col">mostly</th><th scope="col">changes</th></tr>

            """);
        foreach (RecognizedPerson person in result.Persons)
        {
            string voice = person.Voice is { } heard
                ? $"<td>{RecognitionReport.Clock(heard.SpeechMs)} in {heard.Utterances}</td><td class=\"number\">{RecognitionReport.Percent(heard.Share)}</td>"
                : "<td>not heard</td><td></td>";
            string picture = person.Face?.Thumbnail is { } png ? $"<img alt=\"\" width=\"32\" height=\"32\" src=\"data:image/png;base64,{RecognitionReport.Safe(png)}\"> " : "";
            string face = person.Face is { } seen ? RecognitionReport.Clock(seen.SeenMs) : "";
            string mostly = person.Emotions is { } emotions
                ? $"<span class=\"dot {RecognitionReport.Paint(emotions)}\"></span>{RecognitionReport.Safe(emotions.TopLabel)} {RecognitionReport.Percent(emotions.Confidence)}"
                : "";
            string changes = string.Join(", ", person.Changes.Take(MostChanges).Select(
                change => $"{RecognitionReport.Clock(change.AtMs)} {RecognitionReport.Safe(change.From)} to {RecognitionReport.Safe(change.To)}"));
            string more = person.Changes.Count > MostChanges ? $" and {person.Changes.Count - MostChanges} more" : "";
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{picture}{RecognitionReport.Safe(person.Name)}</th>{voice}<td>{face}</td><td>{mostly}</td><td>{changes}{more}</td></tr>\n");
        }

        html.Append("</table>\n");
        AppendChart(html, result);
    }

    // For each stretch the probabilities upon each other.
    private static void AppendChart(StringBuilder html, RecognitionResult result)
    {
        RecognizedPerson[] persons = [.. result.Persons.Where(person => person.OverTime.Count > 0)];
        if (persons.Length == 0)
            return;
        double perMs = (Width - LeftMargin - 8.0) / Math.Max(1, result.Input.DurationMs);
        html.Append(CultureInfo.InvariantCulture, $"""
            <h3>What each person expresses over time</h3>
            <div class="timeline">
            <svg viewBox="0 0 {Width} {RowHeight * persons.Length}" role="img" aria-label="The mean probabilities of each person's utterances by stretch of the recording">

            """);
        for (int row = 0; row < persons.Length; row++)
        {
            int top = (row * RowHeight) + ((RowHeight - BarHeight) / 2);
            string name = persons[row].Name.Length > LongestName ? persons[row].Name[..(LongestName - 1)] + "…" : persons[row].Name;
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"2\" y=\"{top + (BarHeight / 2) + 4}\">{RecognitionReport.Safe(name)}</text>\n");
            foreach (PersonMoment moment in persons[row].OverTime)
            {
                double x = LeftMargin + (moment.StartMs * perMs), width = Math.Max(1, (moment.EndMs - moment.StartMs) * perMs), y = top;
                html.Append(CultureInfo.InvariantCulture, $"<g><title>{RecognitionReport.Safe(persons[row].Name)}, {RecognitionReport.Clock(moment.StartMs)} to {RecognitionReport.Clock(moment.EndMs)}: {RecognitionReport.Safe(moment.Probabilities.TopLabel)} {RecognitionReport.Percent(moment.Probabilities.Confidence)}</title>");
                foreach (int label in result.Labels.Indices)
                {
                    double height = BarHeight * moment.Probabilities.Values[label];
                    html.Append(CultureInfo.InvariantCulture, $"<rect class=\"{RecognitionReport.Paint(result.Labels, label)}\" x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\"/>");
                    y += height;
                }

                html.Append("</g>\n");
            }
        }

        html.Append("</svg>\n</div>\n");
    }
}
