using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.Graphs;

/// <summary>Parts of a published model: a branch chosen, a value set, weights left in the file.</summary>
public sealed class OnnxModelTests
{
    private const int Width = 512;

    [Theory]
    [InlineData("then_branch", 3)]
    [InlineData("else_branch", 7)]
    public void A_branch_takes_the_Ifs_place(string branch, float expected)
    {
        using TemporaryFolder folder = new();
        using OnnxModel model = OnnxModel.Read(Choice(folder));

        model.Enter("choose", branch);
        model.KeepOutputs("y");

        Assert.Equal(["x"], model.Inputs);
        using Network network = Network.Open(model);
        Assert.Equal([.. Enumerable.Repeat(expected, Width)], Run(network));
    }

    [Fact]
    public void Weights_stay_in_the_published_file()
    {
        using TemporaryFolder folder = new();
        string file = Choice(folder);
        using OnnxModel model = OnnxModel.Read(file);

        model.Enter("choose", "then_branch");
        model.KeepOutputs("y");

        Assert.InRange(model.ToBytes().Length, 1, 1000);
        Assert.InRange(new FileInfo(file).Length, 2 * 4 * Width, long.MaxValue);
    }

    [Fact]
    public void A_value_that_is_set_is_not_computed_any_more()
    {
        using TemporaryFolder folder = new();
        GraphBuilder graph = new("sizes");
        Value x = graph.Input("x", Affekt.Onnx.ElementType.Float32, "n");
        Value other = graph.Input("other", Affekt.Onnx.ElementType.Float32, "m");
        graph.Output("y", graph.Apply("Expand", [x, other.Shape()]));
        graph.Build().Export(folder.At("a.onnx"));
        using OnnxModel model = OnnxModel.Read(folder.At("a.onnx"));

        model.Set("Shape", [Width], 1);
        model.KeepOutputs("y");

        Assert.Equal(["x"], model.Inputs);
        using Network network = Network.Open(model);
        using NetworkTensor one = NetworkTensor.Over<float>([2], 1);
        using NetworkOutputs outputs = network.Run(("x", one));
        Assert.Equal([.. Enumerable.Repeat(2f, Width)], outputs[0].ToArray<float>());
    }

    [Fact]
    public void What_is_not_there_is_told_by_its_name()
    {
        using TemporaryFolder folder = new();
        using OnnxModel model = OnnxModel.Read(Choice(folder));

        Assert.Contains("no node other", Assert.Throws<StateFileException>(() => model.Enter("other", "then_branch")).Message);
        Assert.Contains("no body", Assert.Throws<StateFileException>(() => model.Enter("choose", "body")).Message);
        Assert.Contains("no value other", Assert.Throws<StateFileException>(() => model.Set("other", [1])).Message);
    }

    private static float[] Run(Network network)
    {
        using NetworkTensor x = NetworkTensor.Over([.. Enumerable.Repeat(1f, Width)], Width);
        using NetworkOutputs outputs = network.Run(("x", x));
        return outputs[0].ToArray<float>();
    }

    // y = If(flag) then x + twos else x + sixes; both branches hold their numbers and call what they compute otherwise.
    private static string Choice(TemporaryFolder folder)
    {
        const int Float = 1, Boolean = 9, Graph = 5;
        ProtoWriter choice = new ProtoWriter().Text(1, "flag").Text(2, "y").Text(3, "choose").Text(4, "If")
            .Message(5, Branch("then_branch", "twos", 2)).Message(5, Branch("else_branch", "sixes", 6));
        ProtoWriter graph = new ProtoWriter().Message(1, choice).Text(2, "choice")
            .Message(11, Port("flag", Boolean)).Message(11, Port("x", Float, Width)).Message(12, Port("y", Float, Width));
        ProtoWriter model = new ProtoWriter().Varint(1, 8).Message(7, graph).Message(8, new ProtoWriter().Text(1, "").Varint(2, 17));
        File.WriteAllBytes(folder.At("choice.onnx"), model.ToArray());
        return folder.At("choice.onnx");

        static ProtoWriter Branch(string name, string numbers, float value)
        {
            byte[] raw = new byte[4 * Width];
            for (int i = 0; i < Width; i++)
                BitConverter.TryWriteBytes(raw.AsSpan(4 * i), value);
            ProtoWriter inner = new ProtoWriter()
                .Message(1, new ProtoWriter().Text(1, "x").Text(1, numbers).Text(2, $"x+{numbers}").Text(4, "Add"))
                .Text(2, name)
                .Message(5, new ProtoWriter().Varint(1, Width).Varint(2, Float).Text(8, numbers).Bytes(9, raw))
                .Message(12, Port($"x+{numbers}", Float, Width));
            return new ProtoWriter().Text(1, name).Message(6, inner).Varint(20, Graph);
        }

        static ProtoWriter Port(string name, int type, params int[] shape)
        {
            ProtoWriter sizes = new();
            foreach (int size in shape)
                sizes.Message(1, new ProtoWriter().Varint(1, size));
            return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Varint(1, type).Message(2, sizes)));
        }
    }
}
