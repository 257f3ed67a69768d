using System.Globalization;
using Affekt.Evaluation;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>Shows an evaluation as tables of at most 80 columns; plain words and numbers where no terminal shows them.</summary>
internal static class EvaluationTables
{
    private const int Columns = 80;
    private const int HashShown = 12;

    public static void Write(TextWriter output, EvaluationReport report)
    {
        AnsiConsoleOutput target = new(output);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = target,
            Ansi = target.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = target.IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Columns;

        string hash = report.Bundle.Hash[..Math.Min(HashShown, report.Bundle.Hash.Length)];
        console.WriteLine($"{report.Bundle.Name} {report.Bundle.Version} ({hash})");
        console.WriteLine($"{report.Corpus}, {report.Split}: {string.Join(", ", report.Modalities)}");
        console.WriteLine($"{report.N} utterances evaluated, {report.Skipped} skipped");
        if (report.Classes is { } classes)
            console.WriteLine($"Classes: {string.Join(", ", classes)}");
        if (report.LabelMap is { } map)
            console.WriteLine($"Labels mapped: {string.Join(", ", map.Select(pair => $"{pair.Key}={pair.Value}"))}");
        if (report.Fold is { } fold)
            console.WriteLine($"Fold: {fold}");
        if (report.Conditions is { } conditions)
            console.WriteLine($"Conditions: {conditions.Text}");
        if (report.N > 0)
            Show("Scores, %", Scores(report));
        if (report.Dimensions is { } dimensions)
            Show("Dimensions", Dimensions(dimensions));
        if (report.Rows is { } rows)
            Show("Branches and fusion, %", Rows(rows));
        if (report is { Seeds: { } seeds, Mean: { } mean, Sd: { } sd })
            Show("Seeds, %", Seeds(seeds, mean, sd));
        if (report.Against is { } against)
            Show($"Against {against.Bundle.Name} {against.Bundle.Version} on {against.N} utterances, %", Against(against));
        if (report.Subsets is { } subsets)
        {
            Show("Modalities, %", Subsets(subsets));
            if (subsets.Any(subset => subset.Answers is not null))
                Show("One by one (t: text, a: audio, v: video), answer and confidence, %", OneByOne(subsets));
        }

        if (report.RiskCoverage is { } riskCoverage)
            Show($"Answering only from some confidence on, % (AURC {Percent(riskCoverage.Aurc)})", RiskCoverage(riskCoverage));
        if (report.N > 0)
        {
            Show("Classes, %", Classes(report));
            Show("Confusion: a row per true label, a column per answer", Confusion(report));
        }

        console.WriteLine(report.SpeakerOverlap is { } overlap
            ? $"Speakers heard in training: {Percent(overlap)} % of the utterances with a known speaker"
            : "Speakers heard in training: unknown");

        void Show(string title, Table table)
        {
            console.WriteLine();
            console.WriteLine(title);
            console.Write(table.Border(target.IsTerminal ? TableBorder.Simple : TableBorder.None));
        }
    }

    private static Table Scores(EvaluationReport report)
    {
        Table table = NewTable("", "score", "95 % interval", "majority");
        Add("accuracy", report.Accuracy, report.Ci95.Accuracy, report.Majority.Accuracy);
        Add("weighted F1", report.WeightedF1, report.Ci95.WeightedF1, report.Majority.WeightedF1);
        Add("macro F1", report.MacroF1, report.Ci95.MacroF1, report.Majority.MacroF1);
        Add("UAR", report.Uar, report.Ci95.Uar, report.Majority.Uar);
        table.AddRow("calibration error", Percent(report.Ece), "", "");
        if (report.Reliability is { } reliability)
        {
            table.AddRow("- by chance alone", Percent(reliability.EceByChance), "", "");
            if (reliability.L2WithoutChance is { } rest)
                table.AddRow("- less chance (L2)", Percent(rest), "", "");
            if (reliability.EceBefore is { } before)
                table.AddRow("- without temperatures", Percent(before), "", "");
        }

        return table;

        void Add(string name, double score, Interval ci95, double majority) =>
            table.AddRow(name, Percent(score), $"{Percent(ci95.Low)} to {Percent(ci95.High)}", Percent(majority));
    }

    private static Table Dimensions(IReadOnlyDictionary<string, DimensionScores> dimensions)
    {
        Table table = NewTable("", "n", "concordance", "Pearson", "RMSE");
        foreach ((string name, DimensionScores scores) in DimensionScores.Rows(dimensions))
        {
            Terminal.AddRow(table,
            [
                name, scores.N.ToString(CultureInfo.InvariantCulture),
                .. ((double[])[scores.Ccc, scores.Pearson, scores.Rmse]).Select(score => score.ToString("0.000", CultureInfo.InvariantCulture)),
            ]);
        }

        return table;
    }

    private static Table Seeds(IReadOnlyList<SeedScores> seeds, SeedSummary mean, SeedSummary sd)
    {
        Table table = NewTable("", "accuracy", "weighted F1", "macro F1", "UAR", "cal. error");
        foreach (SeedScores seed in seeds)
        {
            Add($"seed {seed.Seed.ToString(CultureInfo.InvariantCulture)}",
                seed.Accuracy, seed.WeightedF1, seed.MacroF1, seed.Uar, seed.Ece);
        }

        Add("mean", mean.Accuracy, mean.WeightedF1, mean.MacroF1, mean.Uar, mean.Ece);
        Add("sd", sd.Accuracy, sd.WeightedF1, sd.MacroF1, sd.Uar, sd.Ece);
        return table;

        void Add(string name, params double[] scores) => table.AddRow([name, .. scores.Select(Percent)]);
    }

    private static Table Against(AgainstReport against)
    {
        Table table = NewTable("", "other", "difference", "95 % interval", "p");
        Add("accuracy", scores => scores.Accuracy, against.Ci95.Accuracy);
        Add("weighted F1", scores => scores.WeightedF1, against.Ci95.WeightedF1);
        Add("macro F1", scores => scores.MacroF1, against.Ci95.MacroF1);
        Add("UAR", scores => scores.Uar, against.Ci95.Uar);
        return table;

        void Add(string name, Func<Scores, double> of, Interval ci95) => table.AddRow(
            name, Percent(of(against.Scores)), Percent(of(against.Difference)), $"{Percent(ci95.Low)} to {Percent(ci95.High)}",
            of(against.PValue).ToString("0.000", CultureInfo.InvariantCulture));
    }

    private static Table Rows(IReadOnlyList<RowScores> rows)
    {
        Table table = NewTable("", "n", "accuracy", "weighted F1", "macro F1", "UAR", "cal. error");
        foreach (RowScores row in rows)
        {
            table.AddRow(
            [
                row.Name, row.N.ToString(CultureInfo.InvariantCulture),
                .. ((double?[])[row.Accuracy, row.WeightedF1, row.MacroF1, row.Uar, row.Ece])
                    .Select(score => score is { } value ? Percent(value) : "-"),
            ]);
        }

        return table;
    }

    private static Table Subsets(IReadOnlyList<SubsetScores> subsets)
    {
        Table table = NewTable("", "n", "accuracy", "weighted F1", "macro F1", "UAR");
        foreach (SubsetScores subset in subsets)
        {
            string name = string.Join(", ", subset.Modalities);
            if (subset is { Accuracy: { } accuracy, WeightedF1: { } weighted, MacroF1: { } macro, Uar: { } uar })
                table.AddRow(name, subset.N.ToString(CultureInfo.InvariantCulture), Percent(accuracy), Percent(weighted), Percent(macro), Percent(uar));
            else
                table.AddRow(name, "0", subset.Note ?? "", "", "", "");
        }

        return table;
    }

    private static Table OneByOne(IReadOnlyList<SubsetScores> subsets)
    {
        string[] names = [.. subsets.Select(subset => string.Concat(subset.Modalities.Select(modality => modality[0])))];
        Table table = NewTable(["", "truth", .. names]);
        string[] ids = [.. subsets.SelectMany(subset => subset.Answers?.Keys ?? []).Distinct()];
        foreach (string id in ids)
        {
            string truth = subsets.Select(subset => subset.Answers?.GetValueOrDefault(id)).OfType<ClipAnswer>().First().Truth;
            Terminal.AddRow(table, [id, Short(truth), .. subsets.Select(subset => subset.Answers?.GetValueOrDefault(id) is { } answer
                ? $"{Short(answer.Emotion)} {Percent(answer.Confidence).Split('.')[0]}"
                : "-")]);
        }

        return table;
    }

    private static Table RiskCoverage(RiskCoverageReport report)
    {
        Table table = NewTable("confidence", "answered", "wrong of these");
        foreach (RiskCoveragePoint point in report.Points)
            table.AddRow(Percent(point.Threshold), Percent(point.Coverage), Percent(point.Risk));
        return table;
    }

    private static Table Classes(EvaluationReport report)
    {
        Table table = NewTable("", "precision", "recall", "F1", "support");
        foreach ((string label, ClassScores scores) in report.PerClass)
        {
            Terminal.AddRow(
                table, label, Percent(scores.Precision), Percent(scores.Recall), Percent(scores.F1), scores.Support.ToString(CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static Table Confusion(EvaluationReport report)
    {
        Table table = NewTable(["", .. report.PerClass.Keys]);
        foreach ((string label, IReadOnlyList<int> row) in report.PerClass.Keys.Zip(report.Confusion))
            Terminal.AddRow(table, [label, .. row.Select(count => count.ToString(CultureInfo.InvariantCulture))]);
        return table;
    }

    private static Table NewTable(params string[] columns)
    {
        Table table = new();
        foreach ((int i, string name) in columns.Index())
        {
            TableColumn column = new TableColumn(new Text(Terminal.Visible(name))).NoWrap();
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }

        return table;
    }

    private static string Short(string label) => label[..Math.Min(3, label.Length)];

    private static string Percent(double fraction) => (100 * fraction).ToString("0.0", CultureInfo.InvariantCulture);
}
