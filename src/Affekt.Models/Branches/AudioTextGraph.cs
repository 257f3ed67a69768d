using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Branches;

/// <summary>The audio-text branch as a graph, for use: the same numbers as the one that is trained.</summary>
/// <remarks>B dialogues of T utterances; inputs and outputs are named as here.</remarks>
internal static class AudioTextGraph
{
    private const float LargestDeviation = 5;

    /// <summary>Describes the branch with its weights, which stay open until the graph is loaded.</summary>
    /// <exception cref="WeightsMismatchException">They are not such a branch's.</exception>
    public static NetworkGraph Build(AudioTextConfig config, NetworkWeights weights)
    {
        GraphBuilder graph = new("audio-text branch");
        Value text_BTD = graph.Input("text", ElementType.Float32, "batch", "time", config.TextWidth);
        Value hasText_BT1 = graph.Input("has_text", ElementType.Float32, "batch", "time", 1);
        Value audio_BTA = graph.Input("audio", ElementType.Float32, "batch", "time", config.AudioWidth);
        Value hasAudio_BT1 = graph.Input("has_audio", ElementType.Float32, "batch", "time", 1);
        Value metadata_BTC = graph.Input("metadata", ElementType.Int64, "batch", "time", config.MetadataSizes.Count);
        Value hidden = graph.Input("hidden", ElementType.Float32, 1, "batch", config.LstmWidth);
        Value cell = graph.Input("cell", ElementType.Float32, 1, "batch", config.LstmWidth);

        text_BTD = text_BTD.ZeroMissing(hasText_BT1);
        audio_BTA = audio_BTA.ZeroMissing(hasAudio_BT1) - weights.Take(graph, "audio_mean", config.AudioWidth);
        audio_BTA = (audio_BTA / weights.Take(graph, "audio_deviation", config.AudioWidth)).Clip(-LargestDeviation, LargestDeviation);
        Value joined = Blocks.Concat(
            -1,
            text_BTD.FillMissing(hasText_BT1, weights.Take(graph, "missing_text", config.TextWidth)),
            audio_BTA.FillMissing(hasAudio_BT1, weights.Take(graph, "missing_audio", config.AudioWidth)),
            weights.Metadata(metadata_BTC, config.MetadataSizes, config.MetadataEmbeddingWidth, config.MetadataWidth));
        (Value memory_BTH, hidden, cell) = weights.Lstm(
            joined, hidden, cell, "lstm", config.TextWidth + config.AudioWidth + config.MetadataWidth, config.LstmWidth);
        Value logits = weights.Linear(memory_BTH, "head.hidden", config.LstmWidth, config.HeadWidth).Relu();
        logits = weights.Linear(logits, "head.output", config.HeadWidth, config.Outputs);
        if (config.DirectLogits)
        {
            Value trust = (hasText_BT1 * (weights.Take(graph, "audio_trust", 1) - 1)) + 1;
            logits += weights.Linear(text_BTD, "direct_text", config.TextWidth, config.Outputs) * hasText_BT1;
            logits += weights.Linear(audio_BTA, "direct_audio", config.AudioWidth, config.Outputs) * hasAudio_BT1 * trust;
        }

        weights.Check();
        graph.Output("logits", logits, ElementType.Float32, "batch", "time", config.Outputs);
        graph.Output("hidden_after", hidden, ElementType.Float32, 1, "batch", config.LstmWidth);
        graph.Output("cell_after", cell, ElementType.Float32, 1, "batch", config.LstmWidth);
        return graph.Build();
    }
}
