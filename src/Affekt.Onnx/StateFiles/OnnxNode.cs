using System.Collections.Immutable;

namespace Affekt.Onnx.StateFiles;

/// <summary>One operation of an ONNX graph.</summary>
/// <param name="Scope">The prefix of its subgraph's names; "" in the main graph.</param>
/// <param name="Name">Its name; "" where it has none.</param>
/// <param name="OpType">The operator, such as MatMul.</param>
/// <param name="Inputs">Names of its inputs without prefix; "" for an optional one that is left out.</param>
/// <param name="Outputs">Names of its outputs without prefix.</param>
public sealed record OnnxNode(
    string Scope, string Name, string OpType, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs);
