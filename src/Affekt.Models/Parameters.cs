using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models;

/// <summary>Counts what was trained of a network.</summary>
public static class Parameters
{
    // Of batch norms.
    private static readonly string[] _statistics = [".running_mean", ".running_var", ".num_batches_tracked"];

    /// <summary>How many parameters a file holds: neither the statistics of batch norms nor scales of int8 rows are some.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    public static long Count(string path)
    {
        using NetworkWeights weights = NetworkWeights.Open(path);
        return weights.CountParameters(
            [.. weights.Names.Where(name => _statistics.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)))]);
    }

    /// <summary>How many numbers were trained: all but some tensors, and scales of int8 rows.</summary>
    internal static long CountParameters(this NetworkWeights weights, IReadOnlyCollection<string> others) => weights.Names
        .Where(name => !others.Contains(name) && !name.EndsWith(".scale", StringComparison.Ordinal))
        .Sum(name => weights.Find(name)!.Shape.Aggregate(1L, (product, size) => product * size));
}
