using Affekt.Evaluation;

namespace Affekt.Training;

/// <summary>What an epoch's dev score is called, and which way is better.</summary>
public static class DevMetric
{
    /// <summary>The mean concordance correlation, which only a recipe with dimensions may choose.</summary>
    internal const string Concordance = "ccc";

    /// <summary>The names that any recipe may choose.</summary>
    public static IReadOnlyList<string> Names { get; } = ["accuracy", "weighted_f1", "macro_f1", "uar", "loss"];

    /// <summary>All metrics by name, as metrics.jsonl has them.</summary>
    public static IReadOnlyDictionary<string, double> All(double trainLoss, Scores dev, double devLoss) => new Dictionary<string, double>
    {
        ["train_loss"] = trainLoss,
        ["dev_loss"] = devLoss,
        ["dev_accuracy"] = dev.Accuracy,
        ["dev_weighted_f1"] = dev.WeightedF1,
        ["dev_macro_f1"] = dev.MacroF1,
        ["dev_uar"] = dev.Uar,
    };

    /// <summary>One metric, turned so that greater is better.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="metrics">From <see cref="All"/>.</param>
    public static double Score(string name, IReadOnlyDictionary<string, double> metrics) =>
        name == "loss" ? -metrics["dev_loss"] : metrics[$"dev_{name}"];
}
