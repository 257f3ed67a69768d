using System.Globalization;
using System.Text;
using static Affekt.Evaluation.HtmlReport;

namespace Affekt.Evaluation;

/// <summary>The report's classes, what was taken for what, and how far confidence can be believed.</summary>
internal static class ClassSections
{
    public static void Write(StringBuilder html, EvaluationReport report)
    {
        html.Append("<h2>Classes, %</h2>\n");
        Chart(
            html, "classes", "Bars of precision, recall and F1 for each label; the table below has the numbers.", "",
            ("a", "precision"), ("b", "recall"), ("c", "F1"));
        Table(
            html, "Precision, recall and F1 of each label, and how many utterances have it.",
            ["precision", "recall", "F1", "utterances"],
            report.PerClass.Select(row => (string[])
            [
                row.Key, Percent(row.Value.Precision), Percent(row.Value.Recall), Percent(row.Value.F1),
                row.Value.Support.ToString(CultureInfo.InvariantCulture),
            ]));
        WriteConfusion(html, report);
        if (report.Reliability is { } reliability)
            WriteReliability(html, reliability);
        if (report.RiskCoverage is { } riskCoverage)
            WriteRiskCoverage(html, riskCoverage);
    }

    private static void WriteConfusion(StringBuilder html, EvaluationReport report)
    {
        html.Append("<h2>Confusion</h2>\n<div class=\"scroll\"><table><caption>A row for each true label, a column for each answer: utterances. The darker, the larger the share of the row; right answers are framed.</caption><thead><tr><td></td>");
        string[] labels = [.. report.PerClass.Keys];
        foreach (string label in labels)
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Text(label)}</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach ((int truth, IReadOnlyList<int> row) in report.Confusion.Index())
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Text(labels[truth])}</th>");
            int sum = Math.Max(1, row.Sum());
            foreach ((int answer, int count) in row.Index())
            {
                string kind = answer == truth ? "heat right" : "heat";
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"{kind}\" style=\"--share: {(double)count / sum:0.###}\">{count}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody></table></div>\n");
    }

    private static void WriteReliability(StringBuilder html, ReliabilityReport reliability)
    {
        html.Append("<h2>Confidence</h2>\n");
        string before = reliability.EceBefore is { } ece ? $", and {Percent(ece)} % before its temperatures" : "";
        string rest = reliability.L2WithoutChance is { } l2 ? $" What chance adds taken away, the gap is {Percent(l2)} % (root mean square)." : "";
        html.Append(CultureInfo.InvariantCulture, $"<p>Expected calibration error: {Percent(reliability.EceAfter)} %{before}. With as many answers, chance alone gives {Percent(reliability.EceByChance)} % to a model whose confidence is right.{rest}</p>\n");
        (string, string)[] keys = reliability.Before is null
            ? [("a", "as answered"), ("c", "ideal")]
            : [("a", "as answered"), ("b", "before temperature scaling"), ("c", "ideal")];
        Chart(
            html, "reliability", "Share of right answers over confidence, in bands; the table below has the numbers.", "square", keys);
        html.Append("<p class=\"muted\">Across: mean confidence of a band, %. Up: share of right answers in it, %.</p>\n");
        Table(
            html, "Answers by their confidence, as answered.", ["answers", "mean confidence", "right"],
            reliability.After.Where(bin => bin.Count > 0).Select(bin => (string[])
            [
                $"{Percent(bin.Low)} to {Percent(bin.High)}", bin.Count.ToString(CultureInfo.InvariantCulture), Percent(bin.Confidence),
                Percent(bin.Accuracy),
            ]));
    }

    private static void WriteRiskCoverage(StringBuilder html, RiskCoverageReport report) => Table(
        html,
        $"Answering only from some confidence on. Mean risk over all coverages: {Percent(report.Aurc)} %.",
        ["answered", "wrong of these"],
        report.Points.Select(point => (string[])[$"from {Percent(point.Threshold)}", Percent(point.Coverage), Percent(point.Risk)]));
}
