using Affekt.Onnx.Graphs;

namespace Affekt.Models.Text;

/// <summary>
/// BERT (Devlin et al., 2019) as a graph, with the tensor names of Hugging Face's checkpoints, and the names of what goes into text
/// networks and comes out. B texts, T tokens, D features.
/// </summary>
public static class BertGraph
{
    /// <summary>Token ids [B, T], Int64.</summary>
    public const string Ids = "input_ids";

    /// <summary>1 for a token, 0 for padding behind it, [B, T], Int64.</summary>
    public const string Mask = "attention_mask";

    /// <summary>Segments [B, T], Int64.</summary>
    public const string Types = "token_type_ids";

    /// <summary>tanh of a dense layer over the first token's state [B, D].</summary>
    public const string Pooled = "pooler_output";

    /// <summary>The states after the last layer [B, T, D].</summary>
    public const string LastStates = "last_hidden_state";

    /// <summary>The name of the states after a layer, from 1; 0 for what enters the first one.</summary>
    public static string State(int layer) => $"hidden_states.{layer}";

    /// <summary>Builds the network: <see cref="Ids"/> and <see cref="Mask"/> to <see cref="LastStates"/>.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="weights">Its weights, named as <see cref="BertWeights"/> names them.</param>
    /// <param name="segments">Whether <see cref="Types"/> goes in too; else every text is one segment.</param>
    /// <param name="pooler">Whether <see cref="Pooled"/> comes out too.</param>
    /// <param name="states">Layers whose states come out as well, named by <see cref="State"/>.</param>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static NetworkGraph Build(
        BertConfig config, NetworkWeights weights, bool segments = false, bool pooler = false, params ReadOnlySpan<int> states) =>
        TextGraph.Build(
            TextNetworkConfig.Of(config), weights, new TextOutputs { Segments = segments, Pooler = pooler, States = [.. states] });
}
