using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Video;

/// <summary>
/// MC3-18 (Tran et al., 2018) up to its last block as a graph, with the tensor names of torchvision's mc3_18. T frames of one clip,
/// C features.
/// </summary>
public static class Mc3Graph
{
    /// <summary>Pixels of one clip [T, rows, columns, (red, green, blue)], UInt8.</summary>
    public const string Pixels = "pixels";

    /// <summary>Features of each frame [T, C].</summary>
    public const string Features = "features";

    /// <summary>Builds the network: <see cref="Pixels"/> to <see cref="Features"/>.</summary>
    /// <param name="stemWidth">Channels of the stem; 64 in the published network.</param>
    /// <param name="weights">Its weights.</param>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static NetworkGraph Build(long stemWidth, NetworkWeights weights)
    {
        GraphBuilder graph = new("MC3-18");
        Value bytes_THWC = graph.Input(Pixels, ElementType.UInt8, "frames", "rows", "columns", 3);
        Value unit_THWC = bytes_THWC.Cast(ElementType.Float32) / 255;
        Value x_TCHW = ((unit_THWC - graph.Constant<float>(KineticsPixels.Mean, 3)) / graph.Constant<float>(KineticsPixels.Deviation, 3))
            .Transpose(0, 3, 1, 2);
        Layers layers = new(graph, weights);
        x_TCHW = layers.Normalized(x_TCHW, "stem", 3, stemWidth, depth: 3, side: 7, stride: 2).Relu();
        for (int stage = 1; stage <= 4; stage++)
        {
            long width = stemWidth << (stage - 1);
            for (int block = 0; block < 2; block++)
                x_TCHW = layers.Block(x_TCHW, $"layer{stage}.{block}.", block == 0 && stage > 1 ? width / 2 : width, width, stage == 1 ? 3 : 1);
        }

        graph.Output(Features, x_TCHW.Mean(keep: false, 2, 3), ElementType.Float32, "frames", 8 * stemWidth);
        weights.Check();
        return graph.Build();
    }

    private sealed class Layers(GraphBuilder graph, NetworkWeights weights)
    {
        /// <summary>Two convolutions beside a path that passes them by.</summary>
        public Value Block(Value x, string name, long inputs, long outputs, long depth)
        {
            long stride = inputs == outputs ? 1 : 2;
            Value y = Normalized(x, name + "conv1", inputs, outputs, depth, 3, stride).Relu();
            y = Normalized(y, name + "conv2", outputs, outputs, depth, 3, 1);
            return (y + (stride == 1 ? x : Normalized(x, name + "downsample", inputs, outputs, 1, 1, stride))).Relu();
        }

        /// <summary>
        /// A convolution over <paramref name="depth"/> frames and the norm after it, which ONNX Runtime folds into it. Three frames become
        /// three times the channels of one, with zeros outside of the clip: convolutions over pictures are the fast ones.
        /// </summary>
        public Value Normalized(Value x, string name, long inputs, long outputs, long depth, long side, long stride)
        {
            using IDisposable scope = graph.Scope(name);
            Value weight = weights.Take(graph, name + ".0.weight", outputs, inputs, depth, side, side);
            if (depth == 3)
            {
                x = Neighbors(x);
                weight = weight.Transpose(0, 2, 1, 3, 4);
            }

            x = x.Convolve(weight.Reshape(outputs, depth * inputs, side, side), null, [stride, stride], [side / 2, side / 2, side / 2, side / 2]);
            return graph.Apply(
                "BatchNormalization",
                [x, Statistic("weight"), Statistic("bias"), Statistic("running_mean"), Statistic("running_var")],
                ("epsilon", 1e-5f));

            Value Statistic(string part) => weights.Take(graph, $"{name}.1.{part}", outputs);
        }

        // [T, C, H, W] to [T, 3 C, H, W]: the frame before, the frame, the frame after.
        private Value Neighbors(Value x_TCHW)
        {
            Value padded = graph.Apply("Pad", [x_TCHW, graph.Integers(1, 0, 0, 0, 1, 0, 0, 0)]);
            return Blocks.Concat(1, padded.Slice(0, 0, -2), x_TCHW, padded.Slice(0, 2, long.MaxValue));
        }
    }
}
