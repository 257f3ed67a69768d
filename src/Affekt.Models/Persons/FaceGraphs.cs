using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Persons;

/// <summary>
/// Two networks of @vladmandic/face-api (MIT) over cut-out faces: the places of 68 points, and a descriptor of whose face it is. Both
/// read [B, side, side, 3], red, green and blue from 0 to 255.
/// </summary>
internal static class FaceGraphs
{
    /// <summary>Pixels of the side of a face whose points are looked for.</summary>
    public const int LandmarksSide = 112;

    /// <summary>Points of a face, numbered as in the 300-W challenge (Sagonas et al., 2013).</summary>
    public const int Points = 68;

    /// <summary>Pixels of the side of a face that is described.</summary>
    public const int DescriptorSide = 150;

    /// <summary>Numbers of a descriptor.</summary>
    public const int DescriptorWidth = 128;

    private const float Brightest = 255;

    // The mean of red, green and blue that the package subtracts.
    private static readonly float[] _mean = [122.782f, 117.001f, 104.298f];

    /// <summary>
    /// "faces" to "points", [B, 136]: x and y of each point as fractions of the side. Four blocks, in each of which four convolutions
    /// add to what those before them gave (Huang et al., 2017, with sums for joins).
    /// </summary>
    /// <param name="weights">The published ones, which stay open until the graph is loaded.</param>
    /// <exception cref="WeightsMismatchException">They are not that network's.</exception>
    public static NetworkGraph Landmarks(NetworkWeights weights)
    {
        GraphBuilder graph = new("face landmarks");
        Value x = Input(graph, LandmarksSide);
        int inputs = 3;
        foreach ((int outputs, int block) in new[] { 32, 64, 128, 256 }.Select((outputs, block) => (outputs, block)))
        {
            x = Dense(weights, x, $"dense{block}", inputs, outputs, first: block == 0);
            inputs = outputs;
        }

        // 112 pixels were halved four times: one place of 7 x 7 is left.
        x = x.Mean(keep: false, 2, 3);
        x = x.MatMul(weights.Take(graph, "fc/weights", inputs, 2 * Points)) + weights.Take(graph, "fc/bias", 2 * Points);
        weights.Check();
        graph.Output("points", x, ElementType.Float32, "batch", 2 * Points);
        return graph.Build();
    }

    /// <summary>
    /// "faces" to "descriptors", [B, 128]: of one person they lie near each other. A residual network (He et al., 2016) of 29
    /// convolutions, dlib's.
    /// </summary>
    /// <inheritdoc cref="Landmarks"/>
    public static NetworkGraph Descriptor(NetworkWeights weights)
    {
        GraphBuilder graph = new("face descriptor");
        Value x = Scaled(weights, Input(graph, DescriptorSide), "conv32_down", 3, 32, side: 7, stride: 2, padding: 0).Relu();
        x = graph.Apply("MaxPool", [x], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }));
        int inputs = 32;
        foreach (string block in (string[])
            [
                "32_1", "32_2", "32_3", "64_down", "64_1", "64_2", "64_3", "128_down", "128_1", "128_2", "256_down", "256_1", "256_2",
                "256_down_out",
            ])
        {
            int outputs = int.Parse(block.AsSpan(0, block.IndexOf('_', StringComparison.Ordinal)), System.Globalization.CultureInfo.InvariantCulture);
            bool shrinks = block.Contains("down", StringComparison.Ordinal);
            Value inner = Scaled(weights, x, $"conv{block}/conv1", inputs, outputs, side: 3, shrinks ? 2 : 1, shrinks ? 0 : 1).Relu();
            inner = Scaled(weights, inner, $"conv{block}/conv2", outputs, outputs, side: 3, stride: 1, padding: 1);
            x = (shrinks ? Shrunk(x, inner, inputs, outputs) : x + inner).Relu();
            inputs = outputs;
        }

        x = x.Mean(keep: false, 2, 3).MatMul(weights.Take(graph, "fc", inputs, DescriptorWidth));
        weights.Check();
        graph.Output("descriptors", x, ElementType.Float32, "batch", DescriptorWidth);
        return graph.Build();
    }

    // [B, side, side, 3] to [B, 3, side, side], as the networks learned it.
    private static Value Input(GraphBuilder graph, int side)
    {
        Value faces = graph.Input("faces", ElementType.Float32, "batch", side, side, 3);
        return ((faces - graph.Constant<float>(_mean, 3)) / Brightest).Transpose(0, 3, 1, 2);
    }

    private static Value Dense(NetworkWeights weights, Value x, string name, int inputs, int outputs, bool first)
    {
        Value sum = first
            ? x.Convolve(Filters(weights, x, $"{name}/conv0/filters", 3, inputs, outputs), weights.Take(x.Graph, $"{name}/conv0/bias", outputs), [2, 2], _halving)
            : Separable(weights, x, $"{name}/conv0", inputs, outputs, stride: 2);
        sum = sum.Relu();
        Value last = sum;
        for (int i = 1; i < 4; i++)
        {
            last = Separable(weights, last, $"{name}/conv{i}", outputs, outputs, stride: 1);
            sum += last;
            last = sum.Relu();
        }

        return last;
    }

    // TensorFlow's "same" over an even number of pixels with a step of two adds what is missing at the end.
    private static readonly long[] _halving = [0, 0, 1, 1];

    private static Value Separable(NetworkWeights weights, Value x, string name, int inputs, int outputs, int stride)
    {
        GraphBuilder graph = x.Graph;
        Value depthwise = weights.Take(graph, $"{name}/depthwise_filter", 3, 3, inputs, 1).Transpose(2, 3, 0, 1);
        x = x.Convolve(depthwise, null, [stride, stride], stride == 1 ? [1, 1, 1, 1] : _halving, inputs);
        return x.Convolve(
            Filters(weights, x, $"{name}/pointwise_filter", 1, inputs, outputs), weights.Take(graph, $"{name}/bias", outputs), [1, 1], [0, 0, 0, 0]);
    }

    private static Value Scaled(NetworkWeights weights, Value x, string name, int inputs, int outputs, int side, int stride, int padding)
    {
        GraphBuilder graph = x.Graph;
        Value y = x.Convolve(
            Filters(weights, x, $"{name}/conv/filters", side, inputs, outputs), weights.Take(graph, $"{name}/conv/bias", outputs),
            [stride, stride], [padding, padding, padding, padding]);
        return (y * Column(weights.Take(graph, $"{name}/scale/weights", outputs))) + Column(weights.Take(graph, $"{name}/scale/biases", outputs));

        static Value Column(Value channels) => channels.Unsqueeze(1, 2);
    }

    private static Value Filters(NetworkWeights weights, Value x, string name, int side, int inputs, int outputs) =>
        weights.Take(x.Graph, name, side, side, inputs, outputs).Transpose(3, 2, 0, 1);

    // What was halved by its means, filled up with zeros to as many channels; and the inner part to as many rows and columns.
    private static Value Shrunk(Value x, Value inner, int inputs, int outputs)
    {
        GraphBuilder graph = x.Graph;
        Value pooled = graph.Apply("AveragePool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        if (inputs != outputs)
            pooled = graph.Apply("Pad", [pooled, graph.Integers(0, 0, 0, 0, 0, outputs - inputs, 0, 0)]);
        Value missing = pooled.Shape(2, 4) - inner.Shape(2, 4);
        return pooled + graph.Apply("Pad", [inner, Blocks.Concat(0, graph.Integers(0, 0, 0, 0, 0, 0), missing)]);
    }
}
