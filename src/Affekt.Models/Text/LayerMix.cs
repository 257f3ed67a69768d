using System.Globalization;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Text;

/// <summary>
/// The states of a frozen network's layers, summed with given weights, or side by side where there are none to sum them with: what stands for
/// the last layer's then.
/// </summary>
internal static class LayerMix
{
    /// <summary>Throws unless there are a weight for what enters the first layer and one for each layer, not all of them 0.</summary>
    /// <param name="file">The network's configuration.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="layers">How many layers there are.</param>
    /// <exception cref="ModelException">There are not.</exception>
    public static void Require(string file, IReadOnlyList<double> weights, int layers)
    {
        if (weights.Count != layers + 1 || !weights.All(double.IsFinite) || weights.All(weight => weight == 0))
        {
            throw new ModelException(
                file, "layers", $"{layers}, and the weights {Text(weights)}",
                $"{layers + 1} weights, of what enters the first layer and of each layer's states, not all 0");
        }
    }

    /// <summary>The sum; without weights [..., layers * D].</summary>
    /// <param name="states">What enters the first layer, and each layer's states.</param>
    /// <param name="weights">As many weights, or none.</param>
    public static Value Of(IReadOnlyList<Value> states, IReadOnlyList<double> weights) => weights.Count == 0
        ? Blocks.Concat(-1, [.. states])
        : states.Zip(weights).Where(pair => pair.Second != 0).Select(pair => pair.First * (float)pair.Second).Aggregate((sum, state) => sum + state);

    /// <summary>How many layers' states stand side by side: all and what enters the first, or 1.</summary>
    public static int SideBySide(IReadOnlyList<double>? weights, int layers) => weights is { Count: 0 } ? layers + 1 : 1;

    /// <summary>The weights with blanks between.</summary>
    public static string Text(IReadOnlyList<double> weights) => string.Join(' ', weights.Select(weight => weight.ToString(CultureInfo.InvariantCulture)));
}
