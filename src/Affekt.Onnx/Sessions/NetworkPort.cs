using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace Affekt.Onnx.Sessions;

/// <summary>An input or an output of a loaded network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Its sizes, outermost first: a number, a name for one that is told when it runs, or "?"; none where it tells none.</param>
public sealed record NetworkPort(string Name, ElementType Type, ImmutableArray<string> Shape)
{
    internal static NetworkPort Of(string name, NodeMetadata port) => new(
        name, (ElementType)port.ElementDataType,
        [
            .. port.Dimensions.Select((size, i) => size >= 0 ? size.ToString(CultureInfo.InvariantCulture)
                : string.IsNullOrEmpty(port.SymbolicDimensions[i]) ? "?" : port.SymbolicDimensions[i]),
        ]);
}
