using System.Globalization;
using System.Text;
using static Affekt.Evaluation.HtmlReport;

namespace Affekt.Evaluation;

/// <summary>The report's scores: of the model, of another one, and of each seed.</summary>
internal static class ScoreSections
{
    private static readonly string[] _scores = ["accuracy", "weighted F1", "macro F1", "UAR"];

    public static void Write(StringBuilder html, EvaluationReport report)
    {
        if (report.N > 0)
            WriteScores(html, report);
        if (report.Rows is { } parts)
            WriteRows(html, parts);
        if (report.Dimensions is { } dimensions)
        {
            html.Append("<h2>Dimensions</h2>\n");
            Table(
                html, "Estimates beside what annotators said: concordance and Pearson's correlation, and the root of the mean squared error in the corpus's units.",
                ["utterances", "concordance (CCC)", "Pearson", "RMSE"],
                DimensionScores.Rows(dimensions).Select(row => (string[])
                [
                    row.Name, row.Scores.N.ToString(CultureInfo.InvariantCulture),
                    .. ((double[])[row.Scores.Ccc, row.Scores.Pearson, row.Scores.Rmse]).Select(score => score.ToString("0.000", CultureInfo.InvariantCulture)),
                ]));
        }

        if (report.Against is { } against)
            WriteAgainst(html, against);
        if (report.Subsets is { } subsets)
            WriteSubsets(html, subsets);
        if (report is { Seeds: { } seeds, Mean: { } mean, Sd: { } sd })
            WriteSeeds(html, seeds, mean, sd);
    }

    private static void WriteScores(StringBuilder html, EvaluationReport report)
    {
        html.Append("<h2>Scores, %</h2>\n");
        (string, string)[] keys = report.Against is { } other
            ? [("a", "this model, with its 95 % interval"), ("b", $"{other.Bundle.Name} {other.Bundle.Version}"), ("c", "majority guess")]
            : [("a", "this model, with its 95 % interval"), ("b", "majority guess")];
        Chart(html, "scores", "Bars of the four scores beside the majority guess; the table below has the numbers.", "", keys);
        Table(
            html, "Each score with its 95 % bootstrap interval, resampled by dialogue, and what always answering the commonest class would get.",
            ["score", "95 % interval", "majority guess"],
            [
                Row("accuracy", report.Accuracy, report.Ci95.Accuracy, report.Majority.Accuracy),
                Row("weighted F1", report.WeightedF1, report.Ci95.WeightedF1, report.Majority.WeightedF1),
                Row("macro F1", report.MacroF1, report.Ci95.MacroF1, report.Majority.MacroF1),
                Row("UAR (unweighted average recall)", report.Uar, report.Ci95.Uar, report.Majority.Uar),
            ]);
    }

    private static void WriteRows(StringBuilder html, IReadOnlyList<RowScores> rows)
    {
        html.Append("<h2>Branches and fusion, %</h2>\n");
        Chart(
            html, "rows", "Bars of accuracy and weighted F1 for each branch and each fusion; the table below has the numbers.", "",
            ("a", "accuracy, with its 95 % interval"), ("b", "weighted F1"));
        Table(
            html, "Each branch by itself and each way of joining them, on the utterances that it can answer; fusion takes a single branch's answer where the other has none.",
            ["utterances", .. _scores, "calibration error"],
            rows.Select(row => (string[])
            [
                row.Name, row.N.ToString(CultureInfo.InvariantCulture), WithInterval(row.Accuracy, row.Ci95?.Accuracy),
                WithInterval(row.WeightedF1, row.Ci95?.WeightedF1), WithInterval(row.MacroF1, row.Ci95?.MacroF1),
                WithInterval(row.Uar, row.Ci95?.Uar), WithInterval(row.Ece, null),
            ]));
    }

    private static string WithInterval(double? score, Interval? interval) => score is not { } value
        ? "–"
        : interval is { } ends ? $"{Percent(value)} ({Percent(ends.Low)} to {Percent(ends.High)})" : Percent(value);

    private static void WriteAgainst(StringBuilder html, AgainstReport against)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>Against {Text(against.Bundle.Name)} {Text(against.Bundle.Version)}</h2>\n");
        Table(
            html, $"The same {against.N} utterances, in percentage points; p is how often chance alone would give such a difference (paired bootstrap by dialogue).",
            ["other model", "difference", "95 % interval", "p"],
            [
                Compared("accuracy", scores => scores.Accuracy, against.Ci95.Accuracy),
                Compared("weighted F1", scores => scores.WeightedF1, against.Ci95.WeightedF1),
                Compared("macro F1", scores => scores.MacroF1, against.Ci95.MacroF1),
                Compared("UAR", scores => scores.Uar, against.Ci95.Uar),
            ]);

        string[] Compared(string name, Func<Scores, double> of, Interval interval) =>
        [
            name, Percent(of(against.Scores)), Points(of(against.Difference)), $"{Points(interval.Low)} to {Points(interval.High)}",
            of(against.PValue).ToString("0.000", CultureInfo.InvariantCulture),
        ];
    }

    private static void WriteSubsets(StringBuilder html, IReadOnlyList<SubsetScores> subsets)
    {
        html.Append("<h2>Modalities, %</h2>\n");
        Table(
            html, "The same model with some of the modalities only.", ["utterances", .. _scores, "calibration error"],
            subsets.Select(subset => (string[])
            [
                string.Join(" + ", subset.Modalities), subset.N.ToString(CultureInfo.InvariantCulture),
                .. ((double?[])[subset.Accuracy, subset.WeightedF1, subset.MacroF1, subset.Uar, subset.Ece])
                    .Select(score => score is { } value ? Percent(value) : "–"),
            ]));
        foreach (SubsetScores subset in subsets.Where(subset => subset.Note is not null))
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"muted\">{Text(string.Join(" + ", subset.Modalities))}: {Text(subset.Note!)}</p>\n");
    }

    private static void WriteSeeds(StringBuilder html, IReadOnlyList<SeedScores> seeds, SeedSummary mean, SeedSummary sd)
    {
        html.Append("<h2>Seeds, %</h2>\n");
        Table(
            html, "Every seed's model; the numbers above are those of the seed that dev chose. sd has n − 1 below the line.",
            [.. _scores, "calibration error"],
            [
                .. seeds.Select(seed => Row($"seed {seed.Seed.ToString(CultureInfo.InvariantCulture)}", seed.Accuracy, seed.WeightedF1, seed.MacroF1, seed.Uar, seed.Ece)),
                Row("mean", mean.Accuracy, mean.WeightedF1, mean.MacroF1, mean.Uar, mean.Ece),
                Row("sd", sd.Accuracy, sd.WeightedF1, sd.MacroF1, sd.Uar, sd.Ece),
            ]);
    }

    private static string[] Row(string name, double score, Interval interval, double majority) =>
        [name, Percent(score), $"{Percent(interval.Low)} to {Percent(interval.High)}", Percent(majority)];

    private static string[] Row(string name, params double[] scores) => [name, .. scores.Select(Percent)];
}
