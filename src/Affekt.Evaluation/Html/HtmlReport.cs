using System.Globalization;
using System.Net;
using System.Text;

namespace Affekt.Evaluation;

/// <summary>
/// An evaluation as one HTML file that asks nothing from outside: tables, and charts drawn from the same numbers by a
/// library (Chartist, MIT) that the file carries. Readable in the dark, on paper and without scripts.
/// </summary>
public static class HtmlReport
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    /// <summary>Writes the report, replacing a file that is there only once all is written.</summary>
    /// <exception cref="EvaluationException">The file cannot be written.</exception>
    public static void Write(EvaluationReport report, string path)
    {
        try
        {
            AtomicFile.Write(path, Create(report));
        }
        catch (IOException error)
        {
            throw new EvaluationException($"{path}: found {error.Message}, expected a file that can be written", error);
        }
    }

    /// <summary>The report's text.</summary>
    public static string Create(EvaluationReport report)
    {
        StringBuilder html = new();
        string title = $"{report.Bundle.Name} {report.Bundle.Version} on {report.Corpus}, {report.Split}";
        html.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{Text(title)}</title>
            <style>
            {Resource("chartist.css")}
            {Resource("report.css")}
            </style>
            </head>
            <body>
            <main>
            <h1>{Text(title)}</h1>
            <p>{report.N} utterances with {Text(string.Join(", ", report.Modalities))}; {report.Skipped} skipped: no usable modality or no label. {Text(Overlap(report))}{Text(Conditions(report))}</p>
            <p class="muted">An emotion here is an expressed one, as annotators saw it, never a statement about what a person feels. EU law forbids inferring emotions at work and in education.</p>

            """);
        ScoreSections.Write(html, report);
        if (report.N > 0)
            ClassSections.Write(html, report);
        html.Append(CultureInfo.InvariantCulture, $"""
            <details>
            <summary>About this file</summary>
            <p>Written by affekt evaluate {Text(Version())} from the bundle with the hash {Text(report.Bundle.Hash)}. The numbers are inside it as JSON of the schema {EvaluationReport.CurrentSchema}. Charts are drawn by Chartist:</p>
            <pre>{Text(Resource("chartist.license"))}</pre>
            </details>
            </main>
            <script type="application/json" id="data">{report.ToJson().Replace("<", "\\u003c", StringComparison.Ordinal)}</script>
            <script>{Resource("chartist.js").Replace("//# sourceMappingURL=index.umd.js.map", "", StringComparison.Ordinal)}</script>
            <script>{Resource("report.js")}</script>
            </body>
            </html>

            """);
        return html.ToString();
    }

    /// <summary>A fraction as a percentage with one decimal.</summary>
    internal static string Percent(double fraction) => (100 * fraction).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A difference of fractions in percentage points, with its sign.</summary>
    internal static string Points(double difference) => (100 * difference).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);

    /// <summary>Text that no markup can be read from.</summary>
    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A heading, a chart and its key.</summary>
    internal static void Chart(StringBuilder html, string id, string description, string shape, params (string Color, string Name)[] keys)
    {
        html.Append(CultureInfo.InvariantCulture, $"<figure><div id=\"{id}\" class=\"chart {shape}\" role=\"img\" aria-label=\"{Text(description)}\"></div>\n<ul class=\"legend\">");
        foreach ((string color, string name) in keys)
            html.Append(CultureInfo.InvariantCulture, $"<li style=\"--key: var(--{color})\">{Text(name)}</li>");
        html.Append("</ul></figure>\n");
    }

    /// <summary>A table whose first column names its rows.</summary>
    internal static void Table(StringBuilder html, string caption, IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"scroll\"><table><caption>{Text(caption)}</caption><thead><tr><td></td>");
        foreach (string column in columns)
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Text(column)}</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach (IEnumerable<string> row in rows)
        {
            html.Append("<tr>");
            foreach ((int i, string cell) in row.Index())
                html.Append(i == 0 ? $"<th scope=\"row\">{Text(cell)}</th>" : $"<td>{Text(cell)}</td>");
            html.Append("</tr>\n");
        }

        html.Append("</tbody></table></div>\n");
    }

    private static string Overlap(EvaluationReport report) => report.SpeakerOverlap is { } overlap
        ? $"Of those whose speaker is known, {Percent(overlap)} % are of speakers heard in training."
        : "Whether their speakers were heard in training is unknown.";

    private static string Conditions(EvaluationReport report)
    {
        string classes = report.Classes is { } some ? $" Only {string.Join(", ", some)} could be answered." : "";
        string labels = report.LabelMap is { } map ? $" Labels counted as: {string.Join(", ", map.Select(pair => $"{pair.Key} {pair.Value}"))}." : "";
        return $"{classes}{labels}{(report.Fold is { } fold ? $" Fold {fold}." : "")}{(report.Conditions is { } conditions ? $" Conditions: {conditions.Text}." : "")}";
    }

    private static string Version() => typeof(HtmlReport).Assembly.GetName().Version?.ToString(3) ?? "";

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
