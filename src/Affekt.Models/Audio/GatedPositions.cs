using Affekt.Onnx.Graphs;

namespace Affekt.Models.Audio;

/// <summary>
/// WavLM's gated relative positions (Chen et al., 2022): a score by the distance of two frames, learned for each kind of distance and each
/// head, and opened or closed by what the asking frame holds. The scores are the first layer's and shared by all; each layer has gates of
/// its own.
/// </summary>
internal sealed class GatedPositions
{
    private const int GateInputs = 8;

    private readonly GraphBuilder _graph;
    private readonly NetworkWeights _weights;
    private readonly AttentionShape _shape;
    private readonly Value _scores_HTT;

    public GatedPositions(GraphBuilder graph, Wav2Vec2Config config, NetworkWeights weights, AttentionShape shape, Value sizes)
    {
        (_graph, _weights, _shape) = (graph, weights, shape);
        using IDisposable scope = graph.Scope("relative positions");
        int farthest = config.MaxBucketDistance;
        long[] kinds = new long[(2 * farthest) + 1];
        for (int i = 0; i < kinds.Length; i++)
            kinds[i] = Kind(i - farthest, config.NumBuckets, farthest);
        Value known_KH = weights.Rows(
            graph, "encoder.layers.0.attention.rel_attn_embed.weight", graph.Integers(kinds), config.NumBuckets, shape.HeadCount);

        // Beyond the farthest distance all are of one kind.
        Value counted_T = graph.Apply(
            "Range", [graph.Constant<long>([0L]), sizes.Slice(0, 1, 2).Squeeze(0), graph.Constant<long>([1L])]);
        Value distance_TT = graph.Apply(
            "Clip", [counted_T.Unsqueeze(0) - counted_T.Unsqueeze(1), graph.Constant<long>([-farthest]), graph.Constant<long>([farthest])]);
        _scores_HTT = known_KH.Gather(distance_TT + graph.Constant<long>([farthest])).Transpose(2, 0, 1);
    }

    /// <summary>What is added to a layer's scores [B, H, T, T], by what its attention reads [R, D].</summary>
    public Value Scores(Value read_RD, int layer)
    {
        string name = $"encoder.layers.{layer}.attention.gru_rel_pos_";
        long heads = _shape.HeadCount, width = _shape.HeadWidth;
        Value x_BHTd = read_RD.Reshape(_shape.Heads).Transpose(0, 2, 1, 3);
        Value projected_BHT8 = x_BHTd.MatMul(_weights.Take(_graph, name + "linear.weight", GateInputs, width).Transpose(1, 0))
            + _weights.Take(_graph, name + "linear.bias", GateInputs);
        Value gates_BHT2 = projected_BHT8.Reshape(0, 0, 0, 2, GateInputs / 2).Sum(false, 4).Sigmoid();
        Value first_BHT1 = gates_BHT2.Slice(3, 0, 1), second_BHT1 = gates_BHT2.Slice(3, 1, 2);
        Value gate_BHT1 = (first_BHT1 * ((second_BHT1 * _weights.Take(_graph, name + "const", 1, heads, 1, 1)) - 1)) + 2;
        return gate_BHT1 * _scores_HTT.Unsqueeze(0);
    }

    // Near distances each have a kind; farther ones share kinds that widen with the logarithm. In single precision, as trained.
    private static long Kind(int distance, int kinds, int farthest)
    {
        int half = kinds / 2, near = half / 2, length = Math.Abs(distance);
        int kind = length < near
            ? length
            : Math.Min(half - 1, (int)(near + (MathF.Log(length / (float)near) / (float)Math.Log((double)farthest / near) * (half - near))));
        return kind + (distance > 0 ? half : 0);
    }
}
