using Affekt.Models.Branches;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Video;

/// <summary>The expression network as a graph, for use: the same numbers as the one that is trained.</summary>
internal static class ExpressionGraph
{
    private const float LeastContrast = 4;
    private const float NormEpsilon = 1e-5f;

    /// <summary>
    /// "faces", gray values 0 to 255 [n, 1, H, W], to "features" [n, 256], the mean over a face and its mirror image, and "logits"
    /// [n, 7].
    /// </summary>
    /// <param name="weights">They stay open until the graph is loaded.</param>
    /// <param name="shift">
    /// So many pixels the face moves up and left, and down and right before it is mirrored; its edges are repeated.
    /// </param>
    /// <exception cref="WeightsMismatchException">They are not that network's.</exception>
    public static NetworkGraph Build(NetworkWeights weights, int shift = 0)
    {
        const int Width = ExpressionEncoder.Width;
        GraphBuilder graph = new("expression network");
        Value faces = graph.Input("faces", ElementType.Float32, "faces", 1, "height", "width");
        Value mirrored = graph.Apply(
            "Slice", [Moved(faces, -shift), graph.Integers(-1), graph.Integers(long.MinValue), graph.Integers(3), graph.Integers(-1)]);
        Value x = Standardized(Blocks.Concat(0, Moved(faces, shift), mirrored));
        x = Convolution(weights, x, "stem", 1, 32, kernel: 5, stride: 2).Relu();
        x = Convolution(weights, x, "second", 32, 64, kernel: 3, stride: 1).Relu();
        x = Block(weights, x, "blocks.0", 64, 128, stride: 2);
        x = Block(weights, x, "blocks.1", 128, Width, stride: 2);
        x = Block(weights, x, "blocks.2", Width, Width, stride: 1);
        Value[] both = x.Mean(keep: false, 2, 3).Split(0, 2);
        Value features = (both[0] + both[1]) * 0.5f;
        graph.Output("features", features, ElementType.Float32, "faces", Width);
        graph.Output("logits", weights.Linear(features, "head", Width, Emotions.Count), ElementType.Float32, "faces", Emotions.Count);
        weights.Check();
        return graph.Build();
    }

    // Up and left by so many pixels, down and right by as many below 0.
    private static Value Moved(Value x, int pixels)
    {
        if (pixels == 0)
            return x;
        long after = Math.Max(pixels, 0), before = Math.Max(-pixels, 0);
        Value padded = x.Graph.Apply("Pad", [x, x.Graph.Integers(0, 0, before, before, 0, 0, after, after)], ("mode", "edge"));
        return pixels > 0
            ? padded.Slice(2, pixels, long.MaxValue).Slice(3, pixels, long.MaxValue)
            : padded.Slice(2, 0, pixels).Slice(3, 0, pixels);
    }

    // Each picture to zero mean and unit variance.
    private static Value Standardized(Value x)
    {
        Value centered = x - x.Mean(keep: true, 1, 2, 3);
        Value deviation = x.Graph.Apply("Sqrt", [(centered * centered).Mean(keep: true, 1, 2, 3)]);
        return centered / deviation.Clip(LeastContrast, null);
    }

    private static Value Block(NetworkWeights weights, Value x, string name, int inputs, int outputs, int stride)
    {
        Value y = Convolution(weights, x, $"{name}.first", inputs, outputs, kernel: 3, stride).Relu();
        y = Convolution(weights, y, $"{name}.second", outputs, outputs, kernel: 3, stride: 1);
        Value past = stride != 1 || inputs != outputs ? Convolution(weights, x, $"{name}.shortcut", inputs, outputs, kernel: 1, stride) : x;
        return (y + past).Relu();
    }

    // ONNX Runtime folds the normalization into the convolution when it loads.
    private static Value Convolution(NetworkWeights weights, Value x, string name, int inputs, int outputs, int kernel, int stride)
    {
        long pad = kernel / 2;
        x = x.Graph.Apply(
            "Conv", [x, weights.Take(x.Graph, $"{name}.conv.weight", outputs, inputs, kernel, kernel)],
            ("strides", new long[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad }));
        return x.Graph.Apply(
            "BatchNormalization",
            [
                x, weights.Take(x.Graph, $"{name}.norm.weight", outputs), weights.Take(x.Graph, $"{name}.norm.bias", outputs),
                weights.Take(x.Graph, $"{name}.norm.running_mean", outputs), weights.Take(x.Graph, $"{name}.norm.running_var", outputs),
            ],
            ("epsilon", NormEpsilon));
    }
}
