namespace Affekt.Cli.Features;

/// <summary>What of an encoder is written; T tokens or frames, D features, V symbols.</summary>
internal static class FeatureLevel
{
    /// <summary>What the network reads or says as numbers, [T], Int64.</summary>
    public const string Ids = "ids";

    /// <summary>The last layer's states, [T, D].</summary>
    public const string Token = "token";

    /// <summary>One vector for the whole input, [D].</summary>
    public const string Utterance = "utterance";

    /// <summary>Scores over symbols, [T, V].</summary>
    public const string Logits = "logits";
}
