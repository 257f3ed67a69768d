using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Branches;

/// <summary>The video branch as a graph, for use: the same numbers as the one that is trained.</summary>
/// <remarks>B utterances with T frames and texts of up to L tokens; inputs and outputs are named as here.</remarks>
internal static class VideoGraph
{
    /// <summary>Describes the branch with its weights, which stay open until the graph is loaded.</summary>
    /// <exception cref="WeightsMismatchException">They are not such a branch's.</exception>
    public static NetworkGraph Build(VideoConfig config, NetworkWeights weights)
    {
        GraphBuilder graph = new("video branch");
        Value frames_BTF = graph.Input("frames", ElementType.Float32, "batch", "time", config.FrameWidth);
        Value hasFrame_BT1 = graph.Input("has_frame", ElementType.Float32, "batch", "time", 1);
        List<Value> parts = [Picture(config, weights, frames_BTF, hasFrame_BT1)];
        if (config.ReadsText)
        {
            Value tokens_BLE = graph.Input("tokens", ElementType.Float32, "batch", "length", config.TokenWidth);
            Value hasToken_BL1 = graph.Input("has_token", ElementType.Float32, "batch", "length", 1);
            parts.Add(Text(config, weights, tokens_BLE, hasToken_BL1));
        }

        if (config.ReadsMetadata)
        {
            Value metadata_BC = graph.Input("metadata", ElementType.Int64, "batch", config.MetadataSizes.Count);
            parts.Add(weights.Metadata(metadata_BC, config.MetadataSizes, config.MetadataEmbeddingWidth, config.MetadataWidth));
        }

        int joined = config.ModelWidth + (config.ReadsText ? config.TextWidth : 0) + (config.ReadsMetadata ? config.MetadataWidth : 0);
        Value hidden = weights.Linear(Blocks.Concat(-1, [.. parts]), "head.hidden", joined, config.HeadWidth).Relu();
        graph.Output(
            "logits", weights.Linear(hidden, "head.output", config.HeadWidth, config.Outputs), ElementType.Float32, "batch", config.Outputs);
        weights.Check();
        return graph.Build();
    }

    // Frames [B, T, frame width] to [B, D].
    private static Value Picture(VideoConfig config, NetworkWeights weights, Value frames_BTF, Value hasFrame_BT1)
    {
        int width = config.ModelWidth;
        Value x_BTD = frames_BTF.ZeroMissing(hasFrame_BT1);
        if (config.FrameWidth != width)
            x_BTD = weights.Linear(x_BTD, "projection", config.FrameWidth, width);
        if (config.Positions)
            x_BTD += Positions(x_BTD, width);
        Value mask_B11T = hasFrame_BT1.ScoreMask().Transpose(0, 2, 1).Unsqueeze(1);
        for (int i = 0; i < config.Blocks; i++)
            x_BTD = Block(config, weights, x_BTD, mask_B11T, $"layers.{i}");
        Value count_B1 = hasFrame_BT1.Sum(keep: false, 1);
        Value mean_BD = (x_BTD * hasFrame_BT1).Sum(keep: false, 1) / count_B1.Clip(1, null);
        return mean_BD.FillMissing(count_B1, weights.Take(x_BTD.Graph, "missing_video", width));
    }

    // Sinusoidal positions [T, D] (Vaswani et al., 2017, section 3.5): sines at even features, cosines at odd ones.
    private static Value Positions(Value x_BTD, int width)
    {
        GraphBuilder graph = x_BTD.Graph;
        float[] frequencies = [.. Enumerable.Range(0, width / 2).Select(i => (float)Math.Pow(10_000, -2.0 * i / width))];
        Value time = x_BTD.Shape(1, 2).Squeeze(0);
        Value steps = graph.Apply("Range", [graph.Constant<long>([0]), time, graph.Constant<long>([1])]).Cast(ElementType.Float32);
        Value angles = steps.Unsqueeze(1) * graph.Constant<float>(frequencies, width / 2);
        return Blocks.Concat(2, graph.Apply("Sin", [angles]).Unsqueeze(2), graph.Apply("Cos", [angles]).Unsqueeze(2)).Reshape(-1, width);
    }

    private static Value Block(VideoConfig config, NetworkWeights weights, Value x_BTD, Value mask, string name)
    {
        int width = config.ModelWidth;
        Value z_BTD = weights.LayerNorm(x_BTD + Attention(config, weights, x_BTD, mask, $"{name}.self_attn"), $"{name}.norm1", width);
        Value inner = weights.Linear(z_BTD, $"{name}.linear1", width, config.FeedForwardWidth).Relu();
        return weights.LayerNorm(z_BTD + weights.Linear(inner, $"{name}.linear2", config.FeedForwardWidth, width), $"{name}.norm2", width);
    }

    private static Value Attention(VideoConfig config, NetworkWeights weights, Value x_BTD, Value mask, string name)
    {
        int width = config.ModelWidth, each = width / config.Heads;
        GraphBuilder graph = x_BTD.Graph;
        Value packed = x_BTD.MatMul(weights.Take(graph, $"{name}.in_proj_weight", 3 * width, width).Transpose(1, 0))
            + weights.Take(graph, $"{name}.in_proj_bias", 3 * width);
        Value[] parts = packed.Split(-1, 3);
        Value query = Heads(parts[0]).Transpose(0, 2, 1, 3), key = Heads(parts[1]).Transpose(0, 2, 3, 1), value = Heads(parts[2]).Transpose(0, 2, 1, 3);
        Value scores = (query.MatMul(key) * (float)(1 / Math.Sqrt(each))) + mask;
        Value attended = scores.Softmax(-1).MatMul(value).Transpose(0, 2, 1, 3);
        return weights.Linear(attended.Reshape(0, 0, width), $"{name}.out_proj", width, width);

        Value Heads(Value x) => x.Reshape(0, 0, config.Heads, each);
    }

    private static Value Text(VideoConfig config, NetworkWeights weights, Value tokens, Value hasToken_BL1)
    {
        int width = config.TextWidth;
        Value tokens_BLE = tokens.ZeroMissing(hasToken_BL1);
        Value scores_BL1 = weights.Linear(tokens_BLE, "text.key", config.TokenWidth, width).MatMul(weights.Take(tokens.Graph, "text.query", width, 1));
        scores_BL1 = (scores_BL1 * (float)(1 / Math.Sqrt(width))) + hasToken_BL1.ScoreMask();
        Value attended_BD = (weights.Linear(tokens_BLE, "text.value", config.TokenWidth, width) * scores_BL1.Softmax(1)).Sum(keep: false, 1);
        return attended_BD.FillMissing(hasToken_BL1.Sum(keep: false, 1), weights.Take(tokens.Graph, "text.missing", width));
    }
}
