using System.Text.Json;
using Affekt.Tests;

namespace Affekt.Evaluation.Tests;

/// <summary>What scikit-learn and SciPy computed; fixtures/make_fixtures.py wrote it.</summary>
internal sealed record Fixtures(IReadOnlyList<ScoreCase> Scores, IReadOnlyList<CalibrationCase> Calibration)
{
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static Fixtures Read()
    {
        string path = TestPaths.InRepository("tests/Affekt.Evaluation.Tests/fixtures/scores.json");
        return JsonSerializer.Deserialize<Fixtures>(File.ReadAllText(path), _options)!;
    }
}

internal sealed record ScoreCase(
    int[] Truth,
    int[] Predicted,
    double Accuracy,
    double WeightedF1,
    double MacroF1,
    double Uar,
    double[] Precision,
    double[] Recall,
    double[] F1,
    int[] Support,
    int[][] Confusion);

internal sealed record CalibrationCase(
    int[] Truth,
    double[][] Logits,
    int[] Counts,
    double[] Accuracy,
    double[] Confidence,
    double Ece,
    double Temperature);
