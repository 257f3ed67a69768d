using System.Collections.Immutable;

namespace Affekt.Onnx.Graphs;

/// <summary>One operator of a graph.</summary>
/// <param name="Operator">Its name, such as <c>MatMul</c>.</param>
/// <param name="Inputs">Names of values; empty for an input left out.</param>
/// <param name="Outputs">Names of values.</param>
/// <param name="Attributes">What else it is told.</param>
/// <param name="Domain">The set that the operator belongs to; empty for ONNX's own.</param>
internal sealed record Node(
    string Operator,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    ImmutableArray<(string Name, AttributeValue Value)> Attributes,
    string Domain)
{
    // Field numbers of onnx.NodeProto.
    public ProtoWriter Encode()
    {
        ProtoWriter node = new();
        foreach (string input in Inputs)
            node.Text(1, input);
        foreach (string output in Outputs)
            node.Text(2, output);
        node.Text(3, Outputs[0]).Text(4, Operator);
        foreach ((string name, AttributeValue value) in Attributes)
            node.Message(5, value.Encode(name));
        return Domain.Length == 0 ? node : node.Text(7, Domain);
    }
}

/// <summary>A tensor that goes into a graph or comes out of it.</summary>
internal sealed record GraphPort(string Name, ElementType Type, ImmutableArray<Dimension>? Shape)
{
    // onnx.ValueInfoProto with its TypeProto.Tensor and TensorShapeProto.
    public ProtoWriter Encode()
    {
        ProtoWriter tensor = new ProtoWriter().Varint(1, (long)Type);
        if (Shape is { } shape)
        {
            ProtoWriter sizes = new();
            foreach (Dimension size in shape)
                sizes.Message(1, size.Size is { } number ? new ProtoWriter().Varint(1, number) : new ProtoWriter().Text(2, size.Name!));
            tensor.Message(2, sizes);
        }

        return new ProtoWriter().Text(1, Name).Message(2, new ProtoWriter().Message(1, tensor));
    }
}
