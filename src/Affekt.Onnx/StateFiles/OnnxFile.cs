using System.Collections.Immutable;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// An ONNX model as a state file. Its tensors are the graph's initializers and the values of its Constant nodes (named
/// by the node's output).
/// </summary>
/// <remarks>
/// Tensors of a subgraph carry a prefix, so that sibling branches may use the same names: "then/" and "else/" for
/// the branches of an If, "body/" for a Loop's or a Scan's body; prefixes of nested subgraphs follow each other
/// ("else/then/w"). Where a graph holds more than one node with subgraphs, the second one's are "then#2/" and
/// "else#2/", and so on in the order of nodes. Weights are often named after nothing ("onnx::MatMul_1503"): find the
/// node by its
/// name, then <see cref="FindInput"/>.
/// </remarks>
public sealed class OnnxFile : StateFile
{
    internal OnnxFile(
        MappedFile file,
        IReadOnlyDictionary<string, StoredTensor> tensors,
        IReadOnlyDictionary<string, string> metadata,
        ImmutableArray<OnnxNode> nodes)
        : base(file.Path, tensors, metadata, [file]) => Nodes = nodes;

    /// <summary>All nodes, each graph's in its own order, a node's subgraphs right after it.</summary>
    public ImmutableArray<OnnxNode> Nodes { get; }

    /// <summary>
    /// The stored tensor that a node takes as its input number <paramref name="index"/> (from 0), looked up as ONNX
    /// does: in the node's own graph, then in those around it. Null where that input is computed or not there.
    /// </summary>
    public StoredTensor? FindInput(OnnxNode node, int index)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (index < 0 || index >= node.Inputs.Length || node.Inputs[index].Length == 0)
            return null;

        string scope = node.Scope;
        StoredTensor? tensor;
        while (!Tensors.TryGetValue(scope + node.Inputs[index], out tensor) && scope.Length > 0)
            scope = scope[..(scope.AsSpan(0, scope.Length - 1).LastIndexOf('/') + 1)];

        return tensor;
    }
}

/// <summary>One operation of an ONNX graph.</summary>
/// <param name="Scope">The prefix of its subgraph's names; "" in the main graph.</param>
/// <param name="Name">Its name; "" where it has none.</param>
/// <param name="OpType">The operator, such as MatMul.</param>
/// <param name="Inputs">Names of its inputs without prefix; "" for an optional one that is left out.</param>
/// <param name="Outputs">Names of its outputs without prefix.</param>
public sealed record OnnxNode(
    string Scope, string Name, string OpType, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs);
