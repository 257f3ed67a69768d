namespace Affekt.Onnx.Graphs;

/// <summary>A size of a graph's input or output: a number, or a name for one that is told when it runs.</summary>
public readonly struct Dimension
{
    private Dimension(long? size, string? name) => (Size, Name) = (size, name);

    /// <summary>The size; null where it is told when the graph runs.</summary>
    public long? Size { get; }

    /// <summary>The name of a size that is told when the graph runs; the same name means the same size.</summary>
    public string? Name { get; }

    /// <summary>A size that is fixed.</summary>
    public static implicit operator Dimension(long size) => new(size, null);

    /// <summary>A size that is told when the graph runs.</summary>
    public static implicit operator Dimension(string name) => new(null, name);

    /// <inheritdoc/>
    public override string ToString() => Size?.ToString(null, null) ?? Name ?? "?";
}
