using System.Globalization;
using System.Text;
using Affekt.Evaluation;

namespace Affekt.Training.Stress;

/// <summary>How a bundle does on inputs that are worse than those of corpora.</summary>
/// <param name="Schema">"affekt.stress/1".</param>
/// <param name="Bundle">The bundle.</param>
/// <param name="AbstainBelow">Answers below this confidence are withheld.</param>
/// <param name="Rows">Each condition, beside the clean one of its section.</param>
public sealed record StressReport(string Schema, BundleIdentity Bundle, double AbstainBelow, IReadOnlyList<StressRow> Rows)
{
    /// <summary>The schema that this version writes.</summary>
    public const string CurrentSchema = "affekt.stress/1";

    /// <summary>The JSON form.</summary>
    public string ToJson() => ReportJson.Write(this);

    /// <summary>Tables for people.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Stress\n\n{Bundle.Name} {Bundle.Version} ({Bundle.Hash[..12]}), uniform prior, in percent. Answers below {100 * AbstainBelow:0} % are withheld.\n");
        foreach (IGrouping<string, StressRow> section in Rows.GroupBy(row => row.Section))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Key}\n\n| condition | n | accuracy | UAR | mean confidence | withheld |\n|---|---|---|---|---|---|\n");
            foreach (StressRow row in section)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {row.Condition} | {row.N} | {Percent(row.Accuracy)} | {Percent(row.Uar)} | {Percent(row.Confidence)} | {Percent(row.Withheld)} |\n");
            }
        }

        return text.ToString();
    }

    private static string Percent(double? fraction) =>
        fraction is { } value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) : "";
}

/// <summary>One condition.</summary>
/// <param name="Section">What is stressed, and on what.</param>
/// <param name="Condition">What was done to it.</param>
/// <param name="N">How many inputs were answered.</param>
/// <param name="Accuracy">The share that was right; null where nothing is right.</param>
/// <param name="Uar">The unweighted average recall; null likewise.</param>
/// <param name="Confidence">The mean probability of the answers.</param>
/// <param name="Withheld">The share of answers below the bundle's threshold.</param>
public sealed record StressRow(
    string Section, string Condition, int N, double? Accuracy, double? Uar, double Confidence, double Withheld)
{
    internal static StressRow Of(string section, string condition, IReadOnlyList<Prediction> predictions, double abstainBelow)
    {
        Scores scores = Prediction.Confusion(predictions).Score();
        return Unlabeled(section, condition, [.. predictions.Select(p => p.Confidence)], abstainBelow) with
        {
            Accuracy = scores.Accuracy,
            Uar = scores.Uar,
        };
    }

    internal static StressRow Unlabeled(string section, string condition, IReadOnlyList<double> confidences, double abstainBelow) => new(
        section, condition, confidences.Count, null, null, confidences.Average(),
        (double)confidences.Count(confidence => confidence < abstainBelow) / confidences.Count);
}
