using System.Collections.Immutable;
using Affekt.Onnx.StateFiles;

namespace Affekt.Onnx.Graphs;

/// <summary>
/// A tensor that a graph holds. Its bytes lie in a state file, or in memory. A stored one of another type than
/// <see cref="Type"/> is cast when the graph is loaded; int8 rows are multiplied by their scales.
/// </summary>
/// <param name="Name">The name in the graph.</param>
/// <param name="Type">What the graph sees.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Stored">Where the bytes lie; null for memory.</param>
/// <param name="Scale">A scale for each row of an Int8 matrix; null for none.</param>
/// <param name="Memory">The bytes, little-endian, row by row; empty where <paramref name="Stored"/> is given.</param>
internal sealed record Initializer(
    string Name,
    ElementType Type,
    ImmutableArray<long> Shape,
    StoredTensor? Stored,
    StoredTensor? Scale,
    ReadOnlyMemory<byte> Memory)
{
    /// <summary>The elements as the graph sees them; only for what it sees as Float32.</summary>
    public float[] ToFloats()
    {
        float[] values = Stored?.ToFloats() ?? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Memory.Span).ToArray();
        if (Scale is null)
            return values;
        float[] scales = Scale.ToFloats();
        int columns = values.Length / scales.Length;
        for (int i = 0; i < values.Length; i++)
            values[i] *= scales[i / columns];
        return values;
    }
}
