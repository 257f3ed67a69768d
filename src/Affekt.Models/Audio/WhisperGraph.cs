using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Audio;

/// <summary>
/// Whisper's encoder (Radford et al., 2023) as a graph, with the tensor names of Hugging Face's checkpoints. B sounds, M bands, T frames,
/// R = B * T rows, D features.
/// </summary>
public static class WhisperGraph
{
    /// <summary>Spectrograms in mel bands [B, M, 2 T].</summary>
    public const string Features = "input_features";

    // Of PyTorch's norms by themselves.
    private const double Epsilon = 1e-5;

    private static readonly TransformerNames _names = new(
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "self_attn_layer_norm", "fc1", "fc2", "final_layer_norm");

    /// <summary>A stored tensor's name in the network.</summary>
    public static string? Rename(string stored) =>
        PublishedFolder.Unwrapped(stored) is var name && name.StartsWith("model.", StringComparison.Ordinal) ? name["model.".Length..] : name;

    /// <summary>Builds the encoder: <see cref="Features"/> to <see cref="TextGraph.LastStates"/>.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="weights">Weights, named as <see cref="Rename"/> says.</param>
    /// <param name="outputs">What else comes out; null for nothing.</param>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static NetworkGraph Build(WhisperConfig config, NetworkWeights weights, SoundOutputs? outputs = null)
    {
        outputs ??= new SoundOutputs();
        GraphBuilder graph = new("whisper, encoder");
        long width = config.DModel, frames = config.MaxSourcePositions;
        Value x_BMT = graph.Input(Features, ElementType.Float32, "batch", config.NumMelBins, 2 * frames);
        Value x_BDT = Convolve(Convolve(x_BMT, "encoder.conv1", config.NumMelBins, 1), "encoder.conv2", width, 2);
        Value x_BTD = x_BDT.Transpose(0, 2, 1) + weights.Take(graph, "encoder.embed_positions.weight", frames, width);
        Value sizes = x_BTD.Shape(0, 2);
        Value sizes_BTD = Blocks.Concat(0, sizes, graph.Integers(width));
        TransformerLayers layers = new()
        {
            Width = config.DModel,
            Heads = config.EncoderAttentionHeads,
            Inner = config.EncoderFfnDim,
            Activation = config.ActivationFunction,
            Epsilon = Epsilon,
            NormFirst = true,
            KeyBias = false,
            Names = _names,
        };
        AttentionShape shape = AttentionShape.Of(sizes, null, width, config.EncoderAttentionHeads);
        List<Value> states_BTD = [x_BTD];
        Value x_RD = x_BTD.Reshape(-1, width);
        for (int i = 0; i < config.EncoderLayers; i++)
        {
            x_RD = layers.Layer(x_RD, weights, $"encoder.layers.{i}.", shape);
            if (i == config.EncoderLayers - 1)
            {
                x_RD = x_RD.LayerNorm(
                    weights.Take(graph, "encoder.layer_norm.weight", width), weights.Take(graph, "encoder.layer_norm.bias", width), Epsilon);
            }

            states_BTD.Add(x_RD.Reshape(sizes_BTD));
        }

        Value last_BTD = outputs.Mix is { } mix ? LayerMix.Of(states_BTD, mix) : states_BTD[^1];
        graph.Output(TextGraph.LastStates, last_BTD, ElementType.Float32, "batch", frames, width * LayerMix.SideBySide(outputs.Mix, config.EncoderLayers));
        new SoundHead(graph, weights, config.UseWeightedLayerSum, config.ClassifierProjSize, "mean")
            .Outputs(outputs, states_BTD, last_BTD, null, width, frames);
        weights.Check();
        return graph.Build();

        Value Convolve(Value x, string name, long inputs, long stride)
        {
            const long Taps = 3;
            return x.Convolve(
                weights.Take(graph, name + ".weight", width, inputs, Taps), weights.Take(graph, name + ".bias", width), [stride], [1, 1]).Activate("gelu");
        }
    }
}
