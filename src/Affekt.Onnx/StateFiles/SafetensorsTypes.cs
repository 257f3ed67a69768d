namespace Affekt.Onnx.StateFiles;

/// <summary>The element types of safetensors by their names there.</summary>
internal static class SafetensorsTypes
{
    // The order is the reference writer's, last first: it places the data of wide types before that of narrow ones,
    // so that every tensor is aligned.
    private static readonly (string Name, ElementType Type)[] _all =
    [
        ("BOOL", ElementType.Bool),
        ("U8", ElementType.UInt8),
        ("I8", ElementType.Int8),
        ("I16", ElementType.Int16),
        ("F16", ElementType.Float16),
        ("BF16", ElementType.BFloat16),
        ("I32", ElementType.Int32),
        ("F32", ElementType.Float32),
        ("F64", ElementType.Float64),
        ("I64", ElementType.Int64),
    ];

    public static string Names => string.Join(", ", _all.Select(row => row.Name));

    public static ElementType? Find(string name)
    {
        int index = Array.FindIndex(_all, row => row.Name == name);
        return index < 0 ? null : _all[index].Type;
    }

    public static int Rank(ElementType dtype) => Array.FindIndex(_all, row => row.Type == dtype);

    public static string Name(ElementType dtype) => _all[Rank(dtype)].Name;
}
