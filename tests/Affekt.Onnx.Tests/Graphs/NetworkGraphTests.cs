using Affekt.Onnx;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.Graphs;

/// <summary>A graph gives the same numbers wherever its weights lie and however they are stored.</summary>
public sealed class NetworkGraphTests
{
    private const int Inputs = 40, Outputs = 24;

    [Fact]
    public void Weights_are_read_where_they_lie_in_several_folders_and_through_links()
    {
        using TemporaryFolder folder = new();
        Layer layer = new(seed: 1);
        Directory.CreateDirectory(folder.At("one/blobs"));
        Directory.CreateDirectory(folder.At("two"));
        SafetensorsWriter.Write(folder.At("one/blobs/4f2a"), [layer.Weight("w")]);
        File.CreateSymbolicLink(folder.At("one/model.safetensors"), folder.At("one/blobs/4f2a"));
        SafetensorsWriter.Write(folder.At("two/model.safetensors"), [layer.Bias("b")]);
        using NetworkWeights matrix = NetworkWeights.Open(folder.At("one/model.safetensors"));
        using NetworkWeights bias = NetworkWeights.Open(folder.At("two/model.safetensors"));

        using Network network = Network.Open(Product(graph => matrix.Take(graph, "w", Outputs, Inputs), graph => bias.Take(graph, "b", Outputs)));

        layer.AssertGivenBy(network, 1e-6);
    }

    [Theory]
    [InlineData(ElementType.Float16, 2e-2)]
    [InlineData(ElementType.BFloat16, 1e-1)]
    [InlineData(ElementType.Int8, 3e-2)]
    public void Weights_in_few_bits_are_unpacked_when_the_graph_is_loaded(ElementType type, double tolerance)
    {
        using TemporaryFolder folder = new();
        Layer layer = new(seed: 2);
        string file = folder.At("model.safetensors");
        SafetensorsWriter.Write(file, [.. layer.Weight("w", type), layer.Bias("b")]);
        using NetworkWeights weights = NetworkWeights.Open(file);

        using Network network = Network.Open(Product(graph => weights.Take(graph, "w", Outputs, Inputs), graph => weights.Take(graph, "b", Outputs)));
        weights.Dispose(); // the file may be closed once the graph is loaded

        layer.AssertGivenBy(network, tolerance);
        Assert.Empty(weights.Unused);
    }

    [Fact]
    public void An_exported_graph_is_plain_ONNX_with_its_weights_beside_it()
    {
        using TemporaryFolder folder = new();
        Layer layer = new(seed: 3);
        string file = folder.At("model.safetensors");
        SafetensorsWriter.Write(file, [.. layer.Weight("w", ElementType.Float16), layer.Bias("b")]);
        using (NetworkWeights weights = NetworkWeights.Open(file))
            Product(graph => weights.Take(graph, "w", Outputs, Inputs), graph => weights.Take(graph, "b", Outputs)).Export(folder.At("out.onnx"));
        File.Delete(file);

        using Network network = Network.Open(folder.At("out.onnx"));

        layer.AssertGivenBy(network, 2e-2);
        Assert.Equal(["out.onnx", "out.onnx.data"], Directory.GetFiles(folder.At(".")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_value_from_inside_becomes_an_output_and_what_it_does_not_need_is_left_out()
    {
        using TemporaryFolder folder = new();
        GraphBuilder graph = new("two steps");
        Value x = graph.Input("x", ElementType.Float32, "n");
        Value y = graph.Input("y", ElementType.Float32, "n");
        using (graph.Scope("inside"))
            x = x * 3 + 1;
        graph.Output("z", (x * y).Activate("tanh"));
        graph.Build().Export(folder.At("whole.onnx"));
        using OnnxModel model = OnnxModel.Read(folder.At("whole.onnx"));

        model.KeepOutputs("inside/Add");

        Assert.Equal(["x"], model.Inputs);
        Assert.Equal(["inside/Mul", "inside/Add"], model.Values);
        using Network network = Network.Open(model);
        using NetworkTensor input = NetworkTensor.Over<float>([1, 2], 2);
        using NetworkOutputs outputs = network.Run(("x", input));
        Assert.Equal([4, 7], outputs["inside/Add"].ToArray<float>());
    }

    [Fact]
    public void A_model_that_was_cut_nowhere_is_the_same_model()
    {
        using TemporaryFolder folder = new();
        Layer layer = new(seed: 4);
        Product(graph => graph.Weight("w", layer.W, Outputs, Inputs), graph => graph.Weight("b", layer.B, Outputs)).Export(folder.At("a.onnx"));
        using OnnxModel model = OnnxModel.Read(folder.At("a.onnx"));

        model.KeepOutputs([.. model.Outputs]);

        using Network network = Network.Open(model);
        layer.AssertGivenBy(network, 1e-6);
    }

    [Fact]
    public void Cutting_at_an_unknown_value_says_so()
    {
        using TemporaryFolder folder = new();
        GraphBuilder graph = new("one step");
        graph.Output("y", graph.Input("x", ElementType.Float32, "n") * 2);
        graph.Build().Export(folder.At("a.onnx"));
        using OnnxModel model = OnnxModel.Read(folder.At("a.onnx"));

        StateFileException error = Assert.Throws<StateFileException>(() => model.KeepOutputs("nothing"));

        Assert.Contains("no value nothing", error.Message);
    }

    [Fact]
    public void All_tensors_that_are_missing_or_misshapen_are_told_at_once()
    {
        using TemporaryFolder folder = new();
        SafetensorsWriter.Write(
            folder.At("a"), [new("w", ElementType.Float32, [2], new byte[8]), new("extra", ElementType.UInt8, [1], new byte[1])]);
        using NetworkWeights weights = NetworkWeights.Open(folder.At("a"));
        GraphBuilder graph = new("incomplete");
        weights.Take(graph, "w", 3);
        weights.Take(graph, "b", 3);

        WeightsMismatchException error = Assert.Throws<WeightsMismatchException>(weights.Check);

        Assert.Equal(["w: found [2], expected [3]", "b: missing, expected [3]"], error.Problems);
        Assert.Equal(["extra"], weights.Unused);
    }

    private static NetworkGraph Product(Func<GraphBuilder, Value> weight, Func<GraphBuilder, Value> bias)
    {
        GraphBuilder graph = new("a product");
        Value x = graph.Input("x", ElementType.Float32, "rows", Inputs);
        graph.Output("y", x.Linear(weight(graph), bias(graph)), ElementType.Float32, "rows", Outputs);
        return graph.Build();
    }

    /// <summary>A linear layer, and what it gives, in double precision.</summary>
    private sealed class Layer
    {
        private const int Rows = 3;

        public Layer(int seed)
        {
            Random random = new(seed);
            W = Numbers(Outputs * Inputs);
            B = Numbers(Outputs);
            X = Numbers(Rows * Inputs);

            float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        }

        public float[] W { get; }

        public float[] B { get; }

        private float[] X { get; }

        public TensorToWrite Weight(string name) => Weight(name, ElementType.Float32)[0];

        public TensorToWrite[] Weight(string name, ElementType type)
        {
            switch (type)
            {
                case ElementType.Float32:
                    return [new(name, type, [Outputs, Inputs], Bytes(W))];
                case ElementType.Float16:
                    return [new(name, type, [Outputs, Inputs], Bytes([.. W.Select(value => (Half)value)]))];
                case ElementType.BFloat16:
                    return [new(name, type, [Outputs, Inputs], Bytes([.. W.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))]))];
                default:
                    float[] scales = [.. W.Chunk(Inputs).Select(row => row.Max(Math.Abs) / 127)];
                    sbyte[] rows = [.. W.Select((value, i) => (sbyte)Math.Round(value / scales[i / Inputs]))];
                    return
                    [
                        new(name, type, [Outputs, Inputs], Bytes(rows)),
                        new(name + ".scale", ElementType.Float32, [Outputs], Bytes(scales)),
                    ];
            }
        }

        public TensorToWrite Bias(string name) => new(name, ElementType.Float32, [Outputs], Bytes(B));

        public void AssertGivenBy(Network network, double tolerance)
        {
            using NetworkTensor x = NetworkTensor.Over(X, Rows, Inputs);
            using NetworkOutputs outputs = network.Run(("x", x));
            Assert.Equal([Rows, Outputs], outputs["y"].Shape);
            float[] found = outputs["y"].ToArray<float>();
            for (int row = 0; row < Rows; row++)
            {
                for (int column = 0; column < Outputs; column++)
                {
                    double expected = B[column];
                    for (int i = 0; i < Inputs; i++)
                        expected += (double)X[(row * Inputs) + i] * W[(column * Inputs) + i];
                    Assert.Equal(expected, found[(row * Outputs) + column], tolerance);
                }
            }
        }

        private static ReadOnlyMemory<byte> Bytes<T>(T[] values)
            where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
