using System.Globalization;

namespace Affekt.Cli.Features;

/// <summary>What of an encoder is written; T tokens or frames, D features, V symbols, L labels.</summary>
internal static class FeatureLevel
{
    /// <summary>What the network reads or says as numbers, [T], Int64.</summary>
    public const string Ids = "ids";

    /// <summary>What the network reads: ids [T], samples, mel bands [M, frames], or pixels [3, rows, columns].</summary>
    public const string Input = "input";

    /// <summary>The states after a layer, whose number follows; 0 for what enters the first one, [T, D].</summary>
    public const string State = "state.";

    /// <summary>The layers' states summed with the weights that follow, of what enters the first one and of each layer, [T, D].</summary>
    public const string Mix = "mix:";

    /// <summary>The last layer's states, [T, D].</summary>
    public const string Token = "token";

    /// <summary>One vector for the whole input, [D].</summary>
    public const string Utterance = "utterance";

    /// <summary>Scores over symbols, [T, V], or a classifier's outputs, [L].</summary>
    public const string Logits = "logits";

    /// <summary>A classifier's outputs as what they mean: softmax, or sigmoid where several labels may hold, [L].</summary>
    public const string Scores = "scores";

    /// <summary>All levels, for messages.</summary>
    public static string All { get; } = string.Join('|', Ids, Input, State + "K", Mix + "W0,W1,...", Token, Utterance, Logits, Scores);

    /// <summary>Whether there is such a level.</summary>
    public static bool IsLevel(string level) => level is Ids or Input or Token or Utterance or Logits or Scores || StateOf(level) is not null || MixOf(level) is not null;

    /// <summary>The layer whose states a level is; null where it is another.</summary>
    public static int? StateOf(string level) => level.StartsWith(State, StringComparison.Ordinal)
        && int.TryParse(level.AsSpan(State.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : null;

    /// <summary>The weights of a mixture of layers; null where a level is another.</summary>
    public static IReadOnlyList<double>? MixOf(string level)
    {
        if (!level.StartsWith(Mix, StringComparison.Ordinal))
            return null;
        double?[] weights =
        [
            .. level[Mix.Length..].Split(',').Select(text =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) ? weight : (double?)null),
        ];
        return weights.All(weight => weight is not null) ? [.. weights.OfType<double>()] : null;
    }
}
