using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Affekt.Onnx.Graphs;

/// <summary>
/// Graphs whose large products multiply int8: each weight matrix with a scale for every output, activations quantized as they come with
/// one scale for the whole tensor. Everything around the products stays in single precision.
/// </summary>
public static class Int8
{
    private const int LargestInt8 = 127;

    // Of fewer elements, quantizing the input takes longer than it saves.
    private const int SmallestMatrix = 64 * 64;

    /// <summary>
    /// The graph with every product by a stored matrix in int8. A matrix that is stored as int8 rows is multiplied as it is.
    /// </summary>
    public static NetworkGraph ToInt8(this NetworkGraph graph)
    {
        Dictionary<string, Initializer> held = graph.Initializers.ToDictionary(initializer => initializer.Name);
        ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        ImmutableArray<Initializer>.Builder added = ImmutableArray.CreateBuilder<Initializer>();
        HashSet<string> quantized = [], replaced = [];
        foreach (Node node in graph.Nodes)
        {
            if (node.Operator != "Gemm" || !held.TryGetValue(node.Inputs[1], out Initializer? weight)
                || weight.Shape is not [long outputs, long inputs] || outputs * inputs < SmallestMatrix)
            {
                nodes.Add(node);
                continue;
            }

            // Several products may read one input, and one matrix may be read by several products.
            string x = node.Inputs[0];
            if (quantized.Add(x))
                nodes.Add(new Node("DynamicQuantizeLinear", [x], [x + "/int8", x + "/scale", x + "/zero"], [], ""));
            if (replaced.Add(weight.Name))
                added.AddRange(Matrix(weight));
            nodes.AddRange(Product(node, weight.Name));
        }

        IEnumerable<string> read = nodes.SelectMany(node => node.Inputs);
        HashSet<string> needed = new(read, StringComparer.Ordinal);
        return new NetworkGraph(
            graph.Name, graph.Inputs, graph.Outputs, nodes.ToImmutable(),
            [.. graph.Initializers.Where(initializer => needed.Contains(initializer.Name)), .. added]);
    }

    // ONNX Runtime knows this row of operators and computes it as one.
    private static IEnumerable<Node> Product(Node gemm, string weight)
    {
        string x = gemm.Inputs[0], y = gemm.Outputs[0];
        bool hasBias = gemm.Inputs.Length > 2;
        yield return new Node("MatMulInteger", [x + "/int8", weight + "/int8", x + "/zero"], [y + "/sum"], [], "");
        yield return new Node("Cast", [y + "/sum"], [y + "/float"], [("to", ElementType.Float32)], "");
        yield return new Node("Mul", [x + "/scale", weight + "/scales"], [y + "/scale"], [], "");
        yield return new Node("Mul", [y + "/float", y + "/scale"], [hasBias ? y + "/product" : y], [], "");
        if (hasBias)
            yield return new Node("Add", [y + "/product", gemm.Inputs[2]], [y], [], "");
    }

    // [outputs, inputs] to int8 of [inputs, outputs], with a scale for each output.
    private static Initializer[] Matrix(Initializer weight)
    {
        int outputs = (int)weight.Shape[0], inputs = (int)weight.Shape[1];
        sbyte[] columns = new sbyte[outputs * inputs];
        float[] scales = new float[outputs];
        if (weight.Stored is { Type: ElementType.Int8 } rows && weight.Scale is { } scale)
        {
            scale.ToFloats().CopyTo(scales, 0);
            ReadOnlySpan<sbyte> from = MemoryMarshal.Cast<byte, sbyte>(rows.Bytes);
            for (int row = 0; row < outputs; row++)
            {
                for (int i = 0; i < inputs; i++)
                    columns[(i * outputs) + row] = from[(row * inputs) + i];
            }
        }
        else
        {
            float[] values = weight.ToFloats();
            for (int row = 0; row < outputs; row++)
            {
                ReadOnlySpan<float> from = values.AsSpan(row * inputs, inputs);
                float largest = 0;
                foreach (float value in from)
                    largest = Math.Max(largest, Math.Abs(value));

                // A row of zeros keeps a scale that divides.
                scales[row] = largest == 0 ? 1 : largest / LargestInt8;
                for (int i = 0; i < inputs; i++)
                    columns[(i * outputs) + row] = (sbyte)Math.Clamp(MathF.Round(from[i] / scales[row]), -LargestInt8, LargestInt8);
            }
        }

        return
        [
            new Initializer(weight.Name + "/int8", ElementType.Int8, [inputs, outputs], null, null, MemoryMarshal.AsBytes<sbyte>(columns).ToArray()),
            new Initializer(weight.Name + "/scales", ElementType.Float32, [outputs], null, null, MemoryMarshal.AsBytes<float>(scales).ToArray()),
        ];
    }
}
