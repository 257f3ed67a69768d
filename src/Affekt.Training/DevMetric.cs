namespace Affekt.Training;

/// <summary>What an epoch's dev score is called, and which way is better.</summary>
internal static class DevMetric
{
    /// <summary>The mean concordance correlation, which only a recipe with dimensions may choose.</summary>
    public const string Concordance = "ccc";

    /// <summary>The names that any recipe may choose.</summary>
    public static IReadOnlyList<string> Names { get; } = ["accuracy", "weighted_f1", "macro_f1", "uar", "loss"];

    /// <summary>One metric, turned so that greater is better.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="metrics">From <see cref="DevAnswers.ToMetrics"/>.</param>
    public static double Score(string name, IReadOnlyDictionary<string, double> metrics) =>
        name == "loss" ? -metrics["dev_loss"] : metrics[$"dev_{name}"];
}
