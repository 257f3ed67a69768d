namespace Affekt.Onnx.Graphs;

/// <summary>A tensor that a graph computes, reads or holds: its name, and the builder that it belongs to.</summary>
/// <param name="Graph">The builder.</param>
/// <param name="Name">The name in the graph; unique there.</param>
public readonly record struct Value(GraphBuilder Graph, string Name)
{
    /// <summary>An input that an operator can do without; it stands for its place.</summary>
    public static Value None => new(null!, "");

    /// <summary>The sum, broadcast as in numpy.</summary>
    public static Value operator +(Value left, Value right) => left.Graph.Apply("Add", [left, right]);

    /// <summary>The difference, broadcast as in numpy.</summary>
    public static Value operator -(Value left, Value right) => left.Graph.Apply("Sub", [left, right]);

    /// <summary>The product of elements, broadcast as in numpy.</summary>
    public static Value operator *(Value left, Value right) => left.Graph.Apply("Mul", [left, right]);

    /// <summary>The quotient of elements, broadcast as in numpy.</summary>
    public static Value operator /(Value left, Value right) => left.Graph.Apply("Div", [left, right]);

    /// <summary>Each element plus a number.</summary>
    public static Value operator +(Value left, float right) => left + left.Graph.Constant(right);

    /// <summary>Each element minus a number.</summary>
    public static Value operator -(Value left, float right) => left - left.Graph.Constant(right);

    /// <summary>Each element times a number.</summary>
    public static Value operator *(Value left, float right) => left * left.Graph.Constant(right);

    /// <summary>Each element by a number.</summary>
    public static Value operator /(Value left, float right) => left / left.Graph.Constant(right);
}
