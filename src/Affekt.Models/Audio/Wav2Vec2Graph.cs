using Affekt.Models.Text;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Audio;

/// <summary>
/// wav2vec 2.0 (Baevski et al., 2020), HuBERT (Hsu et al., 2021) and WavLM (Chen et al., 2022) as graphs, with the tensor names of Hugging
/// Face's checkpoints: the convolutions over the sound, and the transformer over what they give. B sounds, T frames, R = B * T rows,
/// C channels, D features, H heads.
/// </summary>
/// <remarks>
/// They are apart because padding comes between them: the convolutions' norm over time would see it, so each sound is convolved at its
/// own length, and the transformer is told where padding is. A sound's result does not depend on the others.
/// </remarks>
public static class Wav2Vec2Graph
{
    /// <summary>Sounds of one length [B, samples], scaled as the network was trained.</summary>
    public const string Sound = "input_values";

    /// <summary>What the convolutions give [B, T, C].</summary>
    public const string Features = "extract_features";

    /// <summary>1 for a frame, 0 for padding after it [B, T], Int64.</summary>
    public const string Mask = "attention_mask";

    /// <summary>The states after the last layer [B, T, D].</summary>
    public const string LastStates = "last_hidden_state";

    /// <summary>Scores of characters and blank, before softmax [T, V].</summary>
    public const string Logits = "logits";

    private static readonly TransformerNames _names = new(
        "attention.q_proj", "attention.k_proj", "attention.v_proj", "attention.out_proj", "layer_norm",
        "feed_forward.intermediate_dense", "feed_forward.output_dense", "final_layer_norm");

    /// <summary>The transformer's layers.</summary>
    internal static TransformerLayers Layers(Wav2Vec2Config config) => new()
    {
        Width = config.HiddenSize,
        Heads = config.NumAttentionHeads,
        Inner = config.IntermediateSize,
        Activation = config.HiddenAct,
        Epsilon = config.LayerNormEps,
        NormFirst = config.DoStableLayerNorm,
        Names = _names,
    };

    /// <summary>The convolutions: <see cref="Sound"/> to <see cref="Features"/>.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="weights">Weights, named as <see cref="Wav2Vec2Weights"/> names them.</param>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static NetworkGraph Convolutions(Wav2Vec2Config config, NetworkWeights weights)
    {
        GraphBuilder graph = new($"{config.ModelType}, convolutions");
        Value x_BCT = graph.Input(Sound, ElementType.Float32, "batch", "samples").Unsqueeze(1);
        for (int i = 0; i < config.ConvDim.Count; i++)
            x_BCT = Convolve(graph, x_BCT, config, weights, i);
        graph.Output(Features, x_BCT.Transpose(0, 2, 1), ElementType.Float32, "batch", "frames", config.ConvDim[^1]);
        weights.Check();
        return graph.Build();
    }

    /// <summary>The transformer: <see cref="Features"/> and <see cref="Mask"/> to <see cref="LastStates"/>.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="outputs">What else comes out; null for nothing.</param>
    public static NetworkGraph Transformer(Wav2Vec2Config config, NetworkWeights weights, SoundOutputs? outputs = null)
    {
        outputs ??= new SoundOutputs();
        GraphBuilder graph = new($"{config.ModelType}, transformer");
        long width = config.HiddenSize;
        Value features_BTC = graph.Input(Features, ElementType.Float32, "batch", "frames", config.ConvDim[^1]);
        Value mask_BT = graph.Input(Mask, ElementType.Int64, "batch", "frames").Cast(ElementType.Float32);
        Value sizes = features_BTC.Shape(0, 2);
        Value sizes_BTD = Blocks.Concat(0, sizes, graph.Integers(width));
        Value x_RC = features_BTC.Reshape(-1, config.ConvDim[^1]);
        Value x_RD = (config.FeatProjLayerNorm ? Norm(x_RC, "feature_projection.layer_norm", config.ConvDim[^1]) : x_RC).Linear(
            weights.Take(graph, "feature_projection.projection.weight", width, config.ConvDim[^1]),
            weights.Take(graph, "feature_projection.projection.bias", width));

        // The convolution over positions reads across the end, where a sound alone has zeros.
        Value x_BTD = x_RD.Reshape(sizes_BTD) * mask_BT.Unsqueeze(2);
        x_RD = (x_BTD + Positions(graph, x_BTD, sizes, config, weights)).Reshape(-1, width);
        if (!config.DoStableLayerNorm)
            x_RD = Norm(x_RD, "encoder.layer_norm", width);
        TransformerLayers layers = Layers(config);
        AttentionShape shape = AttentionShape.Of(sizes, mask_BT, width, config.NumAttentionHeads);
        GatedPositions? gated = config.HasGatedPositions ? new GatedPositions(graph, config, weights, shape, sizes) : null;
        List<Value> states_BTD = [x_RD.Reshape(sizes_BTD)];
        for (int i = 0; i < config.NumHiddenLayers; i++)
        {
            int index = i;
            x_RD = layers.Layer(x_RD, weights, $"encoder.layers.{i}.", shape, gated is null ? null : read => gated.Scores(read, index));
            states_BTD.Add(x_RD.Reshape(sizes_BTD));
        }

        // The layers' states are told without this norm, and are mixed so.
        Value last_BTD = outputs.Mix is { } mix ? LayerMix.Of(states_BTD, mix) : config.DoStableLayerNorm ? Norm(x_RD, "encoder.layer_norm", width).Reshape(sizes_BTD) : states_BTD[^1];
        graph.Output(LastStates, last_BTD, ElementType.Float32, "batch", "frames", width * LayerMix.SideBySide(outputs.Mix, config.NumHiddenLayers));
        new SoundHead(graph, weights, config.UseWeightedLayerSum, config.ClassifierProjSize, config.PoolingMode)
            .Outputs(outputs, states_BTD, last_BTD, mask_BT, width, "frames");
        weights.Check();
        return graph.Build();

        Value Norm(Value x, string name, long features) => x.LayerNorm(
            weights.Take(graph, name + ".weight", features), weights.Take(graph, name + ".bias", features), config.LayerNormEps);
    }

    /// <summary>The layer for transcripts: states [T, D], as <see cref="LastStates"/>, to <see cref="Logits"/>.</summary>
    /// <inheritdoc cref="Convolutions"/>
    public static NetworkGraph Head(Wav2Vec2Config config, NetworkWeights weights)
    {
        GraphBuilder graph = new("wav2vec 2.0, transcripts");
        Value states_TD = graph.Input(LastStates, ElementType.Float32, "frames", config.HiddenSize);
        Value logits = states_TD.Linear(
            weights.Take(graph, Wav2Vec2Weights.HeadWeight, config.VocabSize, config.HiddenSize), weights.Take(graph, "lm_head.bias", config.VocabSize));
        graph.Output(Logits, logits, ElementType.Float32, "frames", config.VocabSize);
        weights.Check();
        return graph.Build();
    }

    private static Value Convolve(GraphBuilder graph, Value x_BCT, Wav2Vec2Config config, NetworkWeights weights, int index)
    {
        const double Epsilon = 1e-5; // of PyTorch's norms by themselves
        string layer = $"feature_extractor.conv_layers.{index}.";
        using IDisposable scope = graph.Scope(layer.TrimEnd('.'));
        int inputs = index == 0 ? 1 : config.ConvDim[index - 1], outputs = config.ConvDim[index];
        x_BCT = x_BCT.Convolve(
            weights.Take(graph, layer + "conv.weight", outputs, inputs, config.ConvKernel[index]),
            config.ConvBias ? weights.Take(graph, layer + "conv.bias", outputs) : null,
            [config.ConvStride[index]], [0, 0]);
        if (index == 0 || !config.NormalizesGroups)
        {
            Value weight = weights.Take(graph, layer + "layer_norm.weight", outputs);
            Value bias = weights.Take(graph, layer + "layer_norm.bias", outputs);
            x_BCT = config.NormalizesGroups
                ? x_BCT.ChannelNorm(weight, bias, Epsilon)
                : x_BCT.Transpose(0, 2, 1).LayerNorm(weight, bias, Epsilon).Transpose(0, 2, 1);
        }

        return x_BCT.Activate(config.FeatExtractActivation);
    }

    private static Value Positions(GraphBuilder graph, Value x_BTD, Value sizes, Wav2Vec2Config config, NetworkWeights weights)
    {
        const string Name = "encoder.pos_conv_embed.conv.";
        using IDisposable scope = graph.Scope("positions");
        long width = config.HiddenSize, groups = config.NumConvPosEmbeddingGroups, taps = config.NumConvPosEmbeddings;
        Value x_BDT = x_BTD.Transpose(0, 2, 1);
        if (config.ConvPosBatchNorm)
            x_BDT = BatchNorm(graph, x_BDT, "encoder.pos_conv_embed.batch_norm.", width, weights);
        Value weight = config.ConvPosBatchNorm
            ? weights.Take(graph, Name + "weight", width, width / groups, taps)
            : graph.Weight(Name + "weight", WeightNorm(config, weights), width, width / groups, taps);
        Value y_BDT = x_BDT.Convolve(
            weight, weights.Take(graph, Name + "bias", width), [1], [taps / 2, taps / 2], groups);

        // An even number of taps gives a frame too many at the end.
        return y_BDT.Slice(2, graph.Integers(0), sizes.Slice(0, 1, 2)).Activate(config.FeatExtractActivation).Transpose(0, 2, 1);
    }

    private static Value BatchNorm(GraphBuilder graph, Value x_BDT, string name, long width, NetworkWeights weights) => graph.Apply(
        "BatchNormalization",
        [
            x_BDT, weights.Take(graph, name + "weight", width), weights.Take(graph, name + "bias", width),
            weights.Take(graph, name + "running_mean", width), weights.Take(graph, name + "running_var", width),
        ],
        ("epsilon", 1e-5f));

    // Stored are directions and lengths (Salimans and Kingma, 2016), one length for each tap.
    private static float[] WeightNorm(Wav2Vec2Config config, NetworkWeights weights)
    {
        const string Name = "encoder.pos_conv_embed.conv.";
        int width = config.HiddenSize, taps = config.NumConvPosEmbeddings;
        float[] directions = weights.Floats(Name + "weight_v", width, width / config.NumConvPosEmbeddingGroups, taps);
        float[] lengths = weights.Floats(Name + "weight_g", 1, 1, taps);
        double[] squares = new double[taps];
        for (int i = 0; i < directions.Length; i++)
            squares[i % taps] += (double)directions[i] * directions[i];
        for (int i = 0; i < directions.Length; i++)
            directions[i] = (float)(directions[i] * (lengths[i % taps] / Math.Sqrt(squares[i % taps])));
        return directions;
    }
}
