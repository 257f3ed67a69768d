using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Video;

/// <summary>
/// The network of the tiny face detector: a convolution, five depthwise separable ones (Howard et al., 2017), each with its
/// pooling, and a linear map for each cell.
/// </summary>
internal static class FaceDetectorGraph
{
    /// <summary>Pixels of a cell's side: five poolings by two.</summary>
    public const int Cell = 32;

    /// <summary>Numbers of a cell: five boxes of x, y, width, height and score before their sigmoids and exponentials.</summary>
    public const int Numbers = 25;

    private const float LeakySlope = 0.1f;
    private const float Brightest = 255;

    private static readonly int[] _widths = [16, 32, 64, 128, 256, 512];

    // The mean of red, green and blue that the package subtracts (tinyFaceDetector/const.ts).
    private static readonly float[] _mean = [117.001f, 114.697f, 97.404f];

    /// <summary>
    /// "picture", bytes [B, H, W, 3] of any size, to "cells", [B, ⌈H / 32⌉, ⌈W / 32⌉, 25]. Black is added to the right and below up
    /// to whole cells, as the package pads.
    /// </summary>
    /// <param name="weights">The published ones, which stay open until the graph is loaded.</param>
    /// <exception cref="WeightsMismatchException">They are not that network's.</exception>
    public static NetworkGraph Build(NetworkWeights weights)
    {
        GraphBuilder graph = new("face detector");
        Value pictures = graph.Input("picture", ElementType.UInt8, "batch", "height", "width", 3);
        Value x = Padded(pictures).Transpose(0, 3, 1, 2).Cast(ElementType.Float32);

        // Alone among them the first has no padding, so that later poolings meet odd sizes and must keep the last row and column.
        x = Leaky(First(graph, weights, x));
        for (int i = 1; i < _widths.Length; i++)
        {
            x = graph.Apply("MaxPool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }), ("ceil_mode", 1));
            x = Leaky(Separable(graph, weights, x, i));
        }

        // The last pooling keeps the size: a row and a column that count for nothing are added at the end.
        x = graph.Apply("MaxPool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 1, 1 }), ("pads", new long[] { 0, 0, 1, 1 }));
        Value last = weights.Take(graph, "conv8/filters", 1, 1, _widths[^1], Numbers).Transpose(3, 2, 0, 1);
        x = graph.Apply("Conv", [x, last, weights.Take(graph, "conv8/bias", Numbers)]);
        weights.Check();
        graph.Output("cells", x.Transpose(0, 2, 3, 1), ElementType.Float32, "batch", "rows", "columns", Numbers);
        return graph.Build();
    }

    private static Value Padded(Value pictures)
    {
        GraphBuilder graph = pictures.Graph;
        Value sides = pictures.Shape(1, 3);
        Value missing = graph.Apply("Mod", [graph.Apply("Neg", [sides]), graph.Integers(Cell)]);
        Value pads = Blocks.Concat(0, graph.Integers(0, 0, 0, 0, 0), missing, graph.Integers(0));
        return graph.Apply("Pad", [pictures, pads]);
    }

    // w (x - mean) / 255 as a convolution of x; without padding that holds at the edges too.
    private static Value First(GraphBuilder graph, NetworkWeights weights, Value x)
    {
        const int Side = 3, Colors = 3;
        int outputs = _widths[0];
        float[] filters_HWIO = weights.Floats("conv0/filters", Side, Side, Colors, outputs);
        float[] bias = weights.Floats("conv0/bias", outputs), filters_OIHW = new float[filters_HWIO.Length];
        for (int i = 0; i < filters_HWIO.Length; i++)
        {
            int output = i % outputs, color = i / outputs % Colors, place = i / outputs / Colors;
            float weight = filters_HWIO[i] / Brightest;
            filters_OIHW[(((output * Colors) + color) * Side * Side) + place] = weight;
            bias[output] -= weight * _mean[color];
        }

        return graph.Apply("Conv", [x, graph.Weight("conv0/scaled", filters_OIHW, outputs, Colors, Side, Side), graph.Weight("conv0/offset", bias, outputs)]);
    }

    private static Value Separable(GraphBuilder graph, NetworkWeights weights, Value x, int layer)
    {
        int inputs = _widths[layer - 1], outputs = _widths[layer];
        Value depthwise = weights.Take(graph, $"conv{layer}/depthwise_filter", 3, 3, inputs, 1).Transpose(2, 3, 0, 1);
        Value pointwise = weights.Take(graph, $"conv{layer}/pointwise_filter", 1, 1, inputs, outputs).Transpose(3, 2, 0, 1);
        x = graph.Apply("Conv", [x, depthwise], ("group", inputs), ("pads", new long[] { 1, 1, 1, 1 }));
        return graph.Apply("Conv", [x, pointwise, weights.Take(graph, $"conv{layer}/bias", outputs)]);
    }

    private static Value Leaky(Value x) => x.Graph.Apply("LeakyRelu", [x], ("alpha", LeakySlope));
}
